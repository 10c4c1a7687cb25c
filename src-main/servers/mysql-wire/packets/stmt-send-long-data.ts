import type { PacketWriter } from '../packet-writer';
import { PayloadReader } from '../payload-reader';
import { command } from './command';

/** A piece of a parameter sent ahead (MySQL manual: COM_STMT_SEND_LONG_DATA); it has no answer. */
export interface LongData {
  readonly statementId: number;
  readonly parameter: number;
  readonly data: Buffer;
}

/** Throws MalformedPacketError. */
export function readLongData(payload: Buffer): LongData {
  const reader = new PayloadReader(payload, 1);
  const statementId = reader.u32('statement ID');
  return { statementId, parameter: reader.u16('parameter number'), data: reader.rest() };
}

export function writeLongData(out: PacketWriter, piece: LongData): void {
  out.begin();
  out.u8(command.stmtSendLongData);
  out.u32(piece.statementId);
  out.u16(piece.parameter);
  out.bytes(piece.data);
  out.end();
}
