import type { PacketWriter } from '../packet-writer';
import { PayloadReader } from '../payload-reader';
import type { TextRow } from '../types';

/**
 * A row in text form (MySQL manual: ProtocolText::ResultsetRow): each value with its length before it, NULL as 0xfb.
 * Throws RangeError when the lengths do not add up to the values.
 */
export function writeTextRow(out: PacketWriter, row: TextRow): void {
  const { lengths, values } = row;
  checkLengths(row);
  out.begin();
  let at = 0;
  for (let column = 0; column < lengths.length; column += 1) {
    const length = lengths[column]!;
    if (length < 0) {
      out.u8(0xfb);
      continue;
    }
    out.lenenc(length);
    out.slice(values, at, at + length);
    at += length;
  }
  out.end();
}

/** Throws RangeError when the lengths of a row do not add up to its values. */
export function checkLengths({ lengths, values }: TextRow): void {
  let total = 0;
  for (let column = 0; column < lengths.length; column += 1) {
    const length = lengths[column]!;
    if (length > 0) total += length;
  }
  if (total !== values.length) throw new RangeError('the lengths of a row do not add up to its values');
}

/** Reads `columnCount` values. Throws MalformedPacketError. */
export function readTextRow(payload: Buffer, columnCount: number): TextRow {
  const reader = new PayloadReader(payload);
  const lengths: number[] = [];
  const values: Buffer[] = [];
  for (let column = 0; column < columnCount; column += 1) {
    if (payload[payload.length - reader.left] === 0xfb) {
      reader.u8('NULL');
      lengths.push(-1);
      continue;
    }
    const value = reader.lenencBytes('value');
    lengths.push(value.length);
    values.push(value);
  }
  return { lengths, values: Buffer.concat(values) };
}
