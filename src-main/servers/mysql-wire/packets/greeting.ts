import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** The server's first packet (MySQL manual: Protocol::HandshakeV10; values of vtgate: vitess-behaviour §2.1). */
export interface Greeting {
  readonly serverVersion: string;
  readonly connectionId: number;
  /** 20 bytes. */
  readonly salt: Buffer;
  readonly capabilities: number;
  readonly charset: number;
  readonly status: number;
  readonly plugin: string;
}

const saltLength = 20;
const firstSaltPart = 8;

export function writeGreeting(out: PacketWriter, greeting: Greeting): void {
  out.begin();
  out.u8(10);
  out.nulText(greeting.serverVersion);
  out.u32(greeting.connectionId);
  out.slice(greeting.salt, 0, firstSaltPart);
  out.u8(0);
  out.u16(greeting.capabilities & 0xffff);
  out.u8(greeting.charset);
  out.u16(greeting.status);
  out.u16(greeting.capabilities >>> 16);
  out.u8(saltLength + 1);
  out.zeros(10);
  out.slice(greeting.salt, firstSaltPart, saltLength);
  out.u8(0);
  out.nulText(greeting.plugin);
  out.end();
}

/** Throws MalformedPacketError. */
export function readGreeting(payload: Buffer): Greeting {
  const reader = new PayloadReader(payload);
  if (reader.u8('protocol version') !== 10) throw new MalformedPacketError('protocol version');
  const serverVersion = reader.nulText('server version');
  const connectionId = reader.u32('connection id');
  const first = reader.bytes(firstSaltPart, 'auth data');
  reader.u8('filler');
  const low = reader.u16('capabilities');
  const charset = reader.u8('character set');
  const status = reader.u16('status');
  const capabilities = (low | (reader.u16('capabilities') << 16)) >>> 0;
  const saltBytes = reader.u8('auth data length');
  reader.bytes(10, 'reserved');
  const second = reader.bytes(Math.max(13, saltBytes - firstSaltPart), 'auth data');
  const plugin = reader.nulText('plugin');
  const salt = Buffer.concat([first, second.subarray(0, saltLength - firstSaltPart)]);
  return { serverVersion, connectionId, salt, capabilities, charset, status, plugin };
}
