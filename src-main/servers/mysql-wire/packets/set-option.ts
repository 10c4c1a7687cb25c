import type { PacketWriter } from '../packet-writer';
import { PayloadReader } from '../payload-reader';
import { command } from './command';

/** 0 turns multi-statements on, 1 off (MySQL manual: COM_SET_OPTION). */
export const multiStatementsOn = 0;
export const multiStatementsOff = 1;

/** Throws MalformedPacketError. */
export const readSetOption = (payload: Buffer): number => new PayloadReader(payload, 1).u16('option');

export function writeSetOption(out: PacketWriter, option: number): void {
  out.begin();
  out.u8(command.setOption);
  out.u16(option);
  out.end();
}
