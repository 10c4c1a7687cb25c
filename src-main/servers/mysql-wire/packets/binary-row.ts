import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';
import type { ColumnDefinition, TextRow } from '../types';
import { fieldType, unsignedFlag } from '../values/field-type';
import { readParameterValue } from '../values/parameter-value';
import { writeDate, writeTime } from '../values/temporal';
import { checkLengths } from './text-row';

type ValueWriter = (out: PacketWriter, values: Uint8Array, from: number, to: number) => void;

const textOf = (values: Uint8Array, from: number, to: number): string =>
  Buffer.from(values.buffer, values.byteOffset + from, to - from).toString('latin1');

const integerForm = /^[+-]?\d+$/;

function integer(values: Uint8Array, from: number, to: number, least: number, most: number): number {
  const text = textOf(values, from, to);
  const value = integerForm.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) throw new RangeError(`the value is no integer from ${least} to ${most}`);
  return value;
}

function bigInteger(values: Uint8Array, from: number, to: number, least: bigint, most: bigint): bigint {
  const text = textOf(values, from, to);
  if (!integerForm.test(text)) throw new RangeError('the value is no integer');
  const value = BigInt(text.replace('+', ''));
  if (value < least || value > most) throw new RangeError(`the value is no integer from ${least} to ${most}`);
  return value;
}

const floatForm = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function float(values: Uint8Array, from: number, to: number): number {
  const text = textOf(values, from, to);
  if (!floatForm.test(text)) throw new RangeError('the value is no number');
  return Number(text);
}

const lenencValue: ValueWriter = (out, values, from, to) => {
  out.lenenc(to - from);
  out.slice(values, from, to);
};

/** How values of one column go into a binary row (MySQL manual: Binary Protocol Value). */
function writerFor({ type, flags }: ColumnDefinition): ValueWriter {
  const unsigned = (flags & unsignedFlag) !== 0;
  switch (type) {
    case fieldType.tiny:
      return (out, values, from, to) =>
        out.u8(unsigned ? integer(values, from, to, 0, 0xff) : integer(values, from, to, -0x80, 0x7f) & 0xff);
    case fieldType.short:
      return (out, values, from, to) =>
        out.u16(unsigned ? integer(values, from, to, 0, 0xffff) : integer(values, from, to, -0x8000, 0x7fff));
    case fieldType.year:
      return (out, values, from, to) => out.u16(integer(values, from, to, 0, 0xffff));
    case fieldType.int24:
    case fieldType.long:
      return (out, values, from, to) =>
        out.u32(
          unsigned
            ? integer(values, from, to, 0, 0xffffffff)
            : integer(values, from, to, -0x80000000, 0x7fffffff) >>> 0,
        );
    case fieldType.longlong:
      return (out, values, from, to) =>
        out.u64(
          unsigned
            ? bigInteger(values, from, to, 0n, 0xffffffffffffffffn)
            : bigInteger(values, from, to, -0x8000000000000000n, 0x7fffffffffffffffn),
        );
    case fieldType.float:
      return (out, values, from, to) => out.f32(float(values, from, to));
    case fieldType.double:
      return (out, values, from, to) => out.f64(float(values, from, to));
    case fieldType.date:
    case fieldType.newdate:
    case fieldType.datetime:
    case fieldType.datetime2:
    case fieldType.timestamp:
    case fieldType.timestamp2:
      return (out, values, from, to) => writeDate(out, textOf(values, from, to));
    case fieldType.time:
    case fieldType.time2:
      return (out, values, from, to) => writeTime(out, textOf(values, from, to));
    default:
      return lenencValue;
  }
}

/** Writes rows of one result in binary form from their text form. */
export class BinaryRowWriter {
  readonly #writers: readonly ValueWriter[];

  constructor(columns: readonly ColumnDefinition[]) {
    this.#writers = columns.map(writerFor);
  }

  /**
   * Appends one row (MySQL manual: ProtocolBinary::ResultsetRow). Throws RangeError, and appends nothing, for a value that
   * is not of its column's type or a row that has another number of values.
   */
  write(out: PacketWriter, row: TextRow): void {
    const writers = this.#writers;
    const { lengths, values } = row;
    if (lengths.length !== writers.length) throw new RangeError('a row has another number of values than columns');
    checkLengths(row);
    out.begin();
    try {
      out.zeros(1 + ((writers.length + 9) >>> 3));
      let from = 0;
      for (let column = 0; column < writers.length; column += 1) {
        const length = lengths[column]!;
        if (length < 0) out.orAt(1 + ((column + 2) >>> 3), 1 << ((column + 2) & 7));
        else writers[column]!(out, values, from, (from += length));
      }
    } catch (error) {
      out.discard();
      throw error;
    }
    out.end();
  }
}

/** Reads a binary row back into text form. Throws MalformedPacketError. */
export function readBinaryRow(payload: Buffer, columns: readonly ColumnDefinition[]): TextRow {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0) throw new MalformedPacketError('packet type');
  const nulls = reader.bytes((columns.length + 9) >>> 3, 'NULL-bitmap');
  const lengths: number[] = [];
  const values: Buffer[] = [];
  columns.forEach(({ type, flags }, column) => {
    const bit = column + 2;
    const isNull = (nulls[bit >>> 3]! & (1 << (bit & 7))) !== 0;
    const unsigned = (flags & unsignedFlag) !== 0;
    const value = isNull ? null : binaryValue(reader, type, unsigned);
    lengths.push(value === null ? -1 : value.length);
    if (value !== null) values.push(value);
  });
  return { lengths, values: Buffer.concat(values) };
}

/** Rows carry a YEAR as two bytes, parameters as text; otherwise the two agree. */
function binaryValue(reader: PayloadReader, type: number, unsigned: boolean): Buffer | null {
  if (type === fieldType.year) return Buffer.from(String(reader.u16('value')).padStart(4, '0'));
  return readParameterValue(reader, type, unsigned);
}
