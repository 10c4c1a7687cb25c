import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';
import type { OkData } from '../types';

/**
 * An OK packet (MySQL manual: OK_Packet). With `endOfRows` its first byte is 0xfe: the end of a result set for clients
 * that deprecate EOF packets. `info` goes with its length before it, which is what MySQL sends and its clients read.
 */
export function writeOk(out: PacketWriter, ok: OkData, endOfRows = false): void {
  out.begin();
  out.u8(endOfRows ? 0xfe : 0x00);
  out.lenenc(ok.affectedRows ?? 0);
  out.lenenc(ok.insertId ?? 0);
  out.u16(ok.status);
  out.u16(Math.min(ok.warnings ?? 0, 0xffff));
  if (ok.info !== undefined && ok.info !== '') out.lenencText(ok.info);
  out.end();
}

/** Throws MalformedPacketError. */
export function readOk(payload: Buffer): Required<OkData> & { readonly endOfRows: boolean } {
  const reader = new PayloadReader(payload);
  const type = reader.u8('packet type');
  if (type !== 0x00 && type !== 0xfe) throw new MalformedPacketError('packet type');
  const affectedRows = reader.lenencBig('affected rows');
  const insertId = reader.lenencBig('last insert id');
  const status = reader.u16('status');
  const warnings = reader.u16('warnings');
  const info = reader.left > 0 ? reader.lenencText('info') : '';
  return { affectedRows, insertId, status, warnings, info, endOfRows: type === 0xfe };
}
