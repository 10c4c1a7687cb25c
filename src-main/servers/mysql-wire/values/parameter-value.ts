import { MalformedPacketError, type PayloadReader } from '../payload-reader';
import { fieldType } from './field-type';
import { readDate, readTime } from './temporal';

/**
 * One value of COM_STMT_EXECUTE in MySQL's text form (MySQL manual: Binary Protocol Value), null for type NULL. Numbers
 * keep every digit; floats are the shortest text that gives the same number back. Throws MalformedPacketError.
 */
export function readParameterValue(reader: PayloadReader, type: number, unsigned: boolean): Buffer | null {
  const field = 'parameter value';
  const text = (value: number | bigint | string): Buffer => Buffer.from(String(value), 'latin1');
  switch (type) {
    case fieldType.null:
      return null;
    case fieldType.tiny: {
      const value = reader.u8(field);
      return text(unsigned ? value : (value << 24) >> 24);
    }
    case fieldType.short: {
      const value = reader.u16(field);
      return text(unsigned ? value : (value << 16) >> 16);
    }
    case fieldType.long:
    case fieldType.int24: {
      const value = reader.u32(field);
      return text(unsigned ? value : value | 0);
    }
    case fieldType.longlong: {
      const value = reader.u64(field);
      return text(unsigned ? value : BigInt.asIntN(64, value));
    }
    case fieldType.float:
      return text(floatText(reader.f32(field), true));
    case fieldType.double:
      return text(floatText(reader.f64(field), false));
    case fieldType.date:
    case fieldType.newdate:
      return text(readDate(reader, true, field));
    case fieldType.datetime:
    case fieldType.datetime2:
    case fieldType.timestamp:
    case fieldType.timestamp2:
      return text(readDate(reader, false, field));
    case fieldType.time:
    case fieldType.time2:
      return text(readTime(reader, field));
    case fieldType.decimal:
    case fieldType.newdecimal:
    case fieldType.year:
    case fieldType.bit:
    case fieldType.json:
    case fieldType.enum:
    case fieldType.set:
    case fieldType.varchar:
    case fieldType.tinyBlob:
    case fieldType.mediumBlob:
    case fieldType.longBlob:
    case fieldType.blob:
    case fieldType.varString:
    case fieldType.string:
    case fieldType.geometry:
    case fieldType.vector:
      return reader.lenencBytes(field);
    default:
      throw new MalformedPacketError(field);
  }
}

/** Shortest decimal text of a float; NaN and infinities have none in SQL. Throws MalformedPacketError. */
function floatText(value: number, single: boolean): string {
  if (!Number.isFinite(value)) throw new MalformedPacketError('parameter value');
  if (Object.is(value, -0)) return '-0';
  if (single) {
    for (let digits = 6; digits < 9; digits += 1) {
      const rounded = Number(value.toPrecision(digits));
      if (Math.fround(rounded) === value) return String(rounded);
    }
  }
  return String(value);
}
