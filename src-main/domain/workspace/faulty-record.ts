/** Ways in which a certificate is wrong on purpose, so that tests can see it refused. */
export const faultKinds = [
  'expired',
  'not-yet-valid',
  'other-authority',
  'wrong-name',
  'server-only',
  'no-common-name',
  'revoked',
  'weak-key',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Where a workspace keeps which of its certificates are faulty on purpose. */
export const FAULTY_FILE = 'pki/faulty.json';

const isFault = (value: unknown): value is FaultKind => faultKinds.some((kind) => kind === value);

/** The record by fingerprint (SHA-256, lower-case hex): a certificate that replaces a faulty one is not marked. */
export function readFaultyRecord(text: string): ReadonlyMap<string, FaultKind> {
  try {
    const value = JSON.parse(text) as { readonly certificates?: unknown } | null;
    const certificates = value?.certificates;
    if (typeof certificates !== 'object' || certificates === null) return new Map();
    return new Map(Object.entries(certificates).flatMap(([key, fault]) => (isFault(fault) ? [[key, fault]] : [])));
  } catch {
    return new Map();
  }
}

export const writeFaultyRecord = (certificates: ReadonlyMap<string, FaultKind>): string =>
  `${JSON.stringify({ schema: 1, certificates: Object.fromEntries(certificates) }, null, 2)}\n`;
