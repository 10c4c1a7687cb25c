import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** The one payload of caching_sha2_password that is needed: the reply was right, an OK packet follows. */
export const fastAuthSuccess = Buffer.from([0x03]);

/** Data of the authentication method in progress (MySQL manual: Protocol::AuthMoreData). */
export function writeAuthMoreData(out: PacketWriter, data: Buffer): void {
  out.begin();
  out.u8(0x01);
  out.bytes(data);
  out.end();
}

/** Throws MalformedPacketError. */
export function readAuthMoreData(payload: Buffer): Buffer {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0x01) throw new MalformedPacketError('packet type');
  return reader.rest();
}
