import type { PacketWriter } from '../packet-writer';
import { PayloadReader } from '../payload-reader';

/** The statement id of COM_STMT_CLOSE, COM_STMT_RESET and COM_STMT_FETCH. Throws MalformedPacketError. */
export const readStatementId = (payload: Buffer): number => new PayloadReader(payload, 1).u32('statement ID');

export function writeStatementId(out: PacketWriter, command: number, id: number): void {
  out.begin();
  out.u8(command);
  out.u32(id);
  out.end();
}
