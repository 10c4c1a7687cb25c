import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** An EOF packet (MySQL manual: EOF_Packet), for clients without DEPRECATE_EOF. */
export interface EofPacket {
  readonly warnings: number;
  readonly status: number;
}

export function writeEof(out: PacketWriter, eof: EofPacket): void {
  out.begin();
  out.u8(0xfe);
  out.u16(Math.min(eof.warnings, 0xffff));
  out.u16(eof.status);
  out.end();
}

/** Throws MalformedPacketError. */
export function readEof(payload: Buffer): EofPacket {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0xfe) throw new MalformedPacketError('packet type');
  return { warnings: reader.u16('warnings'), status: reader.u16('status') };
}
