import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

/** Versions that a hello can ask for at most, as RFC 2246, 4346 and 5246 write them on the wire. */
export const helloVersions = { TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303 } as const;
export type HelloVersion = keyof typeof helloVersions;

/** ECDHE with ECDSA and RSA, CBC with SHA-1 (RFC 4492 §6): all that TLS 1.0 and 1.1 have in common with servers of today. */
const oldSuites = [0xc009, 0xc013, 0xc00a, 0xc014, 0x002f, 0x0035];
/** The same with GCM (RFC 5289), which TLS 1.2 has. */
const newSuites = [0xc02b, 0xc02f, 0xc02c, 0xc030];

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const withLength8 = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);
const withLength16 = (bytes: Buffer): Buffer => Buffer.concat([u16(bytes.length), bytes]);
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), withLength16(body)]);

export interface HelloOptions {
  readonly version: HelloVersion;
  /** Sent as server name (RFC 6066 §3) unless it is an address; null: none. */
  readonly serverName: string | null;
  /** Application protocols (RFC 7301); empty: none. */
  readonly alpn: readonly string[];
}

/**
 * A ClientHello in its record (RFC 2246 §7.4.1.2, RFC 4346, RFC 5246) whose newest version is `version`. Libraries of today
 * refuse to send one for TLS 1.0 and 1.1.
 */
export function clientHello({ version, serverName, alpn }: HelloOptions): Buffer {
  const number = helloVersions[version];
  const suites = version === 'TLSv1.2' ? [...newSuites, ...oldSuites] : oldSuites;
  const extensions: Buffer[] = [];
  if (serverName !== null && serverName !== '' && isIP(serverName) === 0)
    extensions.push(
      extension(0, withLength16(Buffer.concat([Buffer.from([0]), withLength16(Buffer.from(serverName))]))),
    );
  // Groups x25519, P-256, P-384, and points uncompressed (RFC 8422 §5.1).
  extensions.push(extension(10, withLength16(Buffer.concat([29, 23, 24].map(u16)))));
  extensions.push(extension(11, withLength8(Buffer.from([0]))));
  // Signature methods exist from TLS 1.2 on (RFC 5246 §7.4.1.4.1).
  if (version === 'TLSv1.2')
    extensions.push(
      extension(13, withLength16(Buffer.concat([0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501].map(u16)))),
    );
  if (alpn.length > 0)
    extensions.push(extension(16, withLength16(Buffer.concat(alpn.map((name) => withLength8(Buffer.from(name)))))));
  const body = Buffer.concat([
    u16(number),
    randomBytes(32),
    withLength8(Buffer.alloc(0)),
    withLength16(Buffer.concat(suites.map(u16))),
    withLength8(Buffer.from([0])),
    withLength16(Buffer.concat(extensions)),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), withLength16(body)]);
  return Buffer.concat([Buffer.from([0x16]), u16(Math.min(number, 0x0301)), withLength16(message)]);
}
