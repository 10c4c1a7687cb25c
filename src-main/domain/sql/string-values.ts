import { withoutEscapes } from './escapes';

/** What a quoted string stands for (MySQL manual 11.1.1, without NO_BACKSLASH_ESCAPES). */
export const literalValue = (quoted: string): string => withoutEscapes(quoted.slice(1, -1), quoted.charAt(0));
