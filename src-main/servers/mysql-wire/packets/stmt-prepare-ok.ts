import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** First packet of the answer to COM_STMT_PREPARE (MySQL manual: COM_STMT_PREPARE_OK). */
export interface StmtPrepareOk {
  readonly statementId: number;
  readonly columns: number;
  readonly parameters: number;
  readonly warnings: number;
}

export function writeStmtPrepareOk(out: PacketWriter, ok: StmtPrepareOk): void {
  out.begin();
  out.u8(0x00);
  out.u32(ok.statementId);
  out.u16(ok.columns);
  out.u16(ok.parameters);
  out.u8(0);
  out.u16(ok.warnings);
  out.end();
}

/** Throws MalformedPacketError. */
export function readStmtPrepareOk(payload: Buffer): StmtPrepareOk {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0x00) throw new MalformedPacketError('packet type');
  const statementId = reader.u32('statement ID');
  const columns = reader.u16('columns');
  const parameters = reader.u16('parameters');
  reader.u8('filler');
  return { statementId, columns, parameters, warnings: reader.u16('warnings') };
}
