import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** An ERR packet (MySQL manual: ERR_Packet). */
export interface ErrorPacket {
  readonly errno: number;
  /** Five characters. */
  readonly sqlState: string;
  readonly message: string;
}

export function writeErr(out: PacketWriter, error: ErrorPacket): void {
  out.begin();
  out.u8(0xff);
  out.u16(error.errno);
  out.u8(0x23);
  out.text(/^[0-9A-Za-z]{5}$/.test(error.sqlState) ? error.sqlState : 'HY000');
  out.text(error.message);
  out.end();
}

/** Throws MalformedPacketError. */
export function readErr(payload: Buffer): ErrorPacket {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0xff) throw new MalformedPacketError('packet type');
  const errno = reader.u16('error number');
  if (reader.u8('marker') !== 0x23) throw new MalformedPacketError('marker');
  const sqlState = reader.bytes(5, 'SQLSTATE').toString('latin1');
  return { errno, sqlState, message: reader.rest().toString('utf8') };
}
