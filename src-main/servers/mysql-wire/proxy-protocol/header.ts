import { formatIp, parseIp } from '../../../domain/certs';

/** Who is behind a proxy, as its header says. */
export interface ProxiedClient {
  /** `ip:port` as Go prints it, or the path of a Unix socket. */
  readonly address: string;
  /** The header is of family AF_UNIX: SourceHost takes the client for a local one (vitess-behaviour §1.2). */
  readonly unixSocket: boolean;
}

/** What the first bytes of a connection are. */
export type ProxyHeader =
  /** Not enough to tell. */
  | { readonly kind: 'more' }
  /** No header: everything is the client's. */
  | { readonly kind: 'none' }
  /** Begins as a header and is none: the connection is closed. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** A header of `length` bytes; `client` null: it names nobody (UNKNOWN, LOCAL), the peer's own address counts. */
  | { readonly kind: 'header'; readonly length: number; readonly client: ProxiedClient | null };

const signature1 = Buffer.from('PROXY', 'latin1');
const signature2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** The longest line of version 1 (proxy-protocol.txt §2.1). */
const longestLine = 107;
/** What go-proxyproto takes behind the fixed part of version 2; the protocol would allow 65,535. */
const longestPayload = 4096;

const broken = (reason: string): ProxyHeader => ({ kind: 'broken', reason });

/**
 * Reads a PROXY protocol header, version 1 or 2, as go-proxyproto 0.11 does behind vtgate's --proxy-protocol: the line of
 * version 1 must have come whole with its signature, version 2 is waited for. Never throws.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return { kind: 'more' };
  if (bytes[0] !== signature1[0] && bytes[0] !== signature2[0]) return { kind: 'none' };
  if (bytes.length < signature1.length) return { kind: 'more' };
  if (bytes.subarray(0, signature1.length).equals(signature1)) return readLine(bytes);
  if (bytes.length < signature2.length) return { kind: 'more' };
  if (bytes.subarray(0, signature2.length).equals(signature2)) return readBinary(bytes);
  return { kind: 'none' };
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, longestLine).indexOf(0x0a);
  if (end < 0) return broken(bytes.length < longestLine ? 'the line has no end' : 'the line is too long');
  if (bytes[end - 1] !== 0x0d) return broken('the line does not end with CR LF');
  const [, kind, source = '', destination = '', sourcePort = '', destinationPort = ''] = bytes
    .toString('latin1', 0, end - 1)
    .split(' ');
  const length = end + 1;
  if (kind === 'UNKNOWN') return { kind: 'header', length, client: null };
  if (kind !== 'TCP4' && kind !== 'TCP6') return broken('the family is unknown');
  const ip = addressOf(source, kind);
  const port = portOf(sourcePort);
  if (ip === null || addressOf(destination, kind) === null) return broken('an address is no address of its family');
  if (port === null || portOf(destinationPort) === null) return broken('a port is no port');
  return { kind: 'header', length, client: { address: endpoint(ip, port), unixSocket: false } };
}

function addressOf(text: string, kind: 'TCP4' | 'TCP6'): Buffer | null {
  if (text.includes(':') !== (kind === 'TCP6')) return null;
  // Go takes a zone behind an IPv6 address and forgets it.
  const [address = '', zone] = text.split(/%(.*)/s);
  return zone === '' || (zone !== undefined && kind === 'TCP4') ? null : parseIp(address);
}

/** A decimal number as Go's strconv.Atoi takes it, from 0 to 65535. */
function portOf(text: string): number | null {
  if (!/^[+-]?\d{1,20}$/.test(text)) return null;
  const port = Number(text);
  return port >= 0 && port <= 65_535 ? port : null;
}

const mapped = Buffer.from('00000000000000000000ffff', 'hex');

function endpoint(ip: Buffer, port: number): string {
  const bytes = ip.length === 16 && ip.subarray(0, 12).equals(mapped) ? ip.subarray(12) : ip;
  const text = formatIp(bytes);
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

/** Upper half of the transport byte. */
const family = { inet: 0x10, inet6: 0x20, unix: 0x30 } as const;

/** Bytes of the two addresses and their ports. */
const payloadLength: Readonly<Record<number, number>> = { [family.inet]: 12, [family.inet6]: 36, [family.unix]: 216 };

function readBinary(bytes: Buffer): ProxyHeader {
  const begin = signature2.length;
  const command = bytes[begin];
  const transport = bytes[begin + 1];
  if (command !== undefined && command !== 0x20 && command !== 0x21) return broken('the command is unknown');
  if (command === undefined || transport === undefined) return { kind: 'more' };
  const local = command === 0x20;
  if (transport === 0 && !local) return broken('a proxied connection has no family');
  if (bytes.length < begin + 4) return { kind: 'more' };
  const length = bytes.readUInt16BE(begin + 2);
  const upper = transport & 0xf0;
  const lower = transport & 0x0f;
  const least = payloadLength[upper] ?? (upper === 0 || lower === 0 ? 0 : null);
  if (least === null) return broken('the family is unknown');
  if (length < least || length > longestPayload) return broken('the length does not fit the family');
  // vtgate drops a connection whose header proxies and has no address.
  if (!local && (payloadLength[upper] === undefined || (lower !== 1 && lower !== 2)))
    return broken('the header proxies nobody');
  const whole = begin + 4 + length;
  if (bytes.length < whole) return { kind: 'more' };
  if (local) return { kind: 'header', length: whole, client: null };
  const payload = bytes.subarray(begin + 4, whole);
  return { kind: 'header', length: whole, client: clientOf(upper, payload) };
}

function clientOf(upper: number, payload: Buffer): ProxiedClient {
  if (upper === family.unix) {
    const path = payload.subarray(0, 108);
    const end = path.indexOf(0);
    return { address: path.toString('utf8', 0, end < 0 ? path.length : end), unixSocket: true };
  }
  const size = upper === family.inet ? 4 : 16;
  return { address: endpoint(payload.subarray(0, size), payload.readUInt16BE(2 * size)), unixSocket: false };
}
