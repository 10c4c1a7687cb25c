import { capability } from '../capabilities';
import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** The client's login packet (MySQL manual: Protocol::HandshakeResponse41). */
export interface HandshakeResponse {
  readonly capabilities: number;
  readonly maxPacket: number;
  readonly charset: number;
  readonly user: string;
  readonly reply: Buffer;
  /** Null unless CONNECT_WITH_DB is set. */
  readonly database: string | null;
  /** Null unless PLUGIN_AUTH is set; may be empty. */
  readonly plugin: string | null;
  readonly attributes: ReadonlyMap<string, string>;
}

/** What an SSLRequest and a login packet have in common. */
export interface ClientFlags {
  readonly capabilities: number;
  readonly maxPacket: number;
  readonly charset: number;
}

const reservedBytes = 23;

function readFlags(reader: PayloadReader): ClientFlags {
  const capabilities = reader.u32('client flags');
  if ((capabilities & capability.protocol41) === 0) throw new MalformedPacketError('protocol 4.1');
  const maxPacket = reader.u32('maxPacketSize');
  const charset = reader.u8('characterSet');
  reader.bytes(reservedBytes, 'reserved');
  return { capabilities, maxPacket, charset };
}

/**
 * The first 32 bytes of a login packet, which are all of an SSLRequest (MySQL manual: Protocol::SSLRequest). Throws
 * MalformedPacketError when they are cut, or when the client does not speak protocol 4.1.
 */
export const readClientFlags = (payload: Buffer): ClientFlags => readFlags(new PayloadReader(payload));

/** Throws MalformedPacketError with the field at which the packet breaks off. */
export function readHandshakeResponse(payload: Buffer): HandshakeResponse {
  const reader = new PayloadReader(payload);
  const flags = readFlags(reader);
  const has = (flag: number): boolean => (flags.capabilities & flag) !== 0;
  const user = reader.nulText('username');
  const reply = readReply(reader, has);
  const database = has(capability.connectWithDb) ? reader.nulText('dbname') : null;
  const plugin = has(capability.pluginAuth) ? reader.nulText('authMethod') : null;
  const attributes = has(capability.connectAttrs) ? readAttributes(reader) : new Map<string, string>();
  return { ...flags, user, reply, database, plugin, attributes };
}

function readReply(reader: PayloadReader, has: (flag: number) => boolean): Buffer {
  if (has(capability.pluginAuthLenencClientData)) return reader.lenencBytes('auth-response');
  if (has(capability.secureConnection)) return reader.bytes(reader.u8('auth-response length'), 'auth-response');
  return Buffer.from(reader.nulText('auth-response'), 'utf8');
}

/**
 * Attributes are told, never believed: a list that breaks off loses its rest and the login goes on, as with vtgate.
 */
function readAttributes(reader: PayloadReader): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  try {
    const list = new PayloadReader(reader.lenencBytes('attributes'));
    while (list.left > 0) attributes.set(list.lenencText('attribute'), list.lenencText('attribute value'));
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
  }
  return attributes;
}

function writeFlags(out: PacketWriter, flags: ClientFlags): void {
  out.u32(flags.capabilities);
  out.u32(flags.maxPacket);
  out.u8(flags.charset);
  out.zeros(reservedBytes);
}

export function writeSslRequest(out: PacketWriter, flags: ClientFlags): void {
  out.begin();
  writeFlags(out, flags);
  out.end();
}

export function writeHandshakeResponse(out: PacketWriter, response: HandshakeResponse): void {
  const has = (flag: number): boolean => (response.capabilities & flag) !== 0;
  out.begin();
  writeFlags(out, response);
  out.nulText(response.user);
  if (has(capability.pluginAuthLenencClientData)) out.lenencBytes(response.reply);
  else if (has(capability.secureConnection)) {
    out.u8(response.reply.length);
    out.bytes(response.reply);
  } else {
    out.bytes(response.reply);
    out.u8(0);
  }
  if (has(capability.connectWithDb)) out.nulText(response.database ?? '');
  if (has(capability.pluginAuth)) out.nulText(response.plugin ?? '');
  if (has(capability.connectAttrs)) writeAttributes(out, response.attributes);
  out.end();
}

function writeAttributes(out: PacketWriter, attributes: ReadonlyMap<string, string>): void {
  const sized = (text: string): number => {
    const length = Buffer.byteLength(text);
    return length + (length < 251 ? 1 : length < 0x10000 ? 3 : 4);
  };
  let total = 0;
  for (const [name, value] of attributes) total += sized(name) + sized(value);
  out.lenenc(total);
  for (const [name, value] of attributes) {
    out.lenencText(name);
    out.lenencText(value);
  }
}
