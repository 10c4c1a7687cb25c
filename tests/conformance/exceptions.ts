import type { Exception } from './replay/outcome';

/**
 * Every recorded difference that is meant, or that cannot be helped, with its reason. None is about who gets in. At most
 * 1 % of the cases of a file may need one in tier a, those under `tls-alert-not-sendable` not counted.
 */
export const exceptions: readonly Exception[] = [];
