/** What a server answered a ClientHello with, read from its first bytes. */
export type HelloAnswer =
  | { readonly kind: 'alert'; readonly level: number; readonly number: number; readonly bytes: Buffer }
  | { readonly kind: 'server-hello'; readonly version: number; readonly cipher: number; readonly bytes: Buffer }
  /** Bytes that are no TLS record: what speaks there speaks something else. */
  | { readonly kind: 'other'; readonly bytes: Buffer }
  /** It ended, or nothing more came, before a whole answer was there. */
  | { readonly kind: 'none'; readonly reason: string };

const ALERT = 0x15;
const HANDSHAKE = 0x16;
/** Longest record of a handshake (RFC 5246 §6.2.1), bytes. */
const LONGEST_RECORD = 16384 + 2048;
const SHOWN = 16;

/**
 * Reads the first record (RFC 2246 §§6.2, 7.2, 7.4.1.3): an alert, or a ServerHello with the version and cipher suite that
 * it chose. Null: more bytes are needed. Never throws.
 */
export function readAnswer(bytes: Buffer): HelloAnswer | null {
  const type = bytes[0];
  if (type === undefined) return null;
  const other = (): HelloAnswer => ({ kind: 'other', bytes: bytes.subarray(0, SHOWN) });
  if (type !== ALERT && type !== HANDSHAKE) return other();
  if (bytes.length > 1 && bytes[1] !== 3) return other();
  if (bytes.length < 5) return null;
  const length = bytes.readUInt16BE(3);
  if (length === 0 || length > LONGEST_RECORD) return other();
  if (type === ALERT) {
    if (length !== 2) return other();
    if (bytes.length < 7) return null;
    return { kind: 'alert', level: bytes[5] ?? 0, number: bytes[6] ?? 0, bytes: bytes.subarray(0, 7) };
  }
  if (bytes.length < 6) return null;
  // Handshake type 2, its length in three bytes, the version, 32 bytes of random, the session id with its length, the suite.
  if (bytes[5] !== 2) return other();
  const idLength = bytes.length > 43 ? (bytes[43] ?? 0) : null;
  if (idLength === null) return length < 39 ? other() : null;
  const at = 44 + idLength;
  if (idLength > 32 || at + 2 > 5 + length) return other();
  if (bytes.length < at + 2) return null;
  return {
    kind: 'server-hello',
    version: bytes.readUInt16BE(9),
    cipher: bytes.readUInt16BE(at),
    bytes: bytes.subarray(0, 11),
  };
}
