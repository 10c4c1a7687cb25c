import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, type PayloadReader } from '../payload-reader';

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
const four = (value: number): string => String(value).padStart(4, '0');
const six = (value: number): string => String(value).padStart(6, '0');

/**
 * A DATE, DATETIME or TIMESTAMP value of the binary protocol as text (MySQL manual: Binary Protocol Value, date types);
 * `dateOnly` leaves out the time of day. Throws MalformedPacketError with `field`.
 */
export function readDate(reader: PayloadReader, dateOnly: boolean, field: string): string {
  const length = reader.u8(field);
  if (length === 0) return dateOnly ? '0000-00-00' : '0000-00-00 00:00:00';
  if (length !== 4 && length !== 7 && length !== 11) throw new MalformedPacketError(field);
  const date = `${four(reader.u16(field))}-${two(reader.u8(field))}-${two(reader.u8(field))}`;
  if (length === 4) return dateOnly ? date : `${date} 00:00:00`;
  const time = `${two(reader.u8(field))}:${two(reader.u8(field))}:${two(reader.u8(field))}`;
  const fraction = length === 11 ? `.${six(reader.u32(field))}` : '';
  return dateOnly ? date : `${date} ${time}${fraction}`;
}

/** A TIME value of the binary protocol as text; days become hours. Throws MalformedPacketError with `field`. */
export function readTime(reader: PayloadReader, field: string): string {
  const length = reader.u8(field);
  if (length === 0) return '00:00:00';
  if (length !== 8 && length !== 12) throw new MalformedPacketError(field);
  const sign = reader.u8(field) === 1 ? '-' : '';
  const days = reader.u32(field);
  const hours = days * 24 + reader.u8(field);
  const time = `${sign}${two(hours)}:${two(reader.u8(field))}:${two(reader.u8(field))}`;
  return length === 12 ? `${time}.${six(reader.u32(field))}` : time;
}

const dateForm = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{0,6})\d*)?)?$/;
const timeForm = /^(-?)(\d{1,10}):(\d{2}):(\d{2})(?:\.(\d{0,6})\d*)?$/;

const micros = (digits: string | undefined): number => Number((digits ?? '').padEnd(6, '0'));

/**
 * Writes a date from its text. As with vtgate the form follows the text, not the value: midnight and the zero date keep
 * their full length. Throws RangeError for text that is no date.
 */
export function writeDate(out: PacketWriter, text: string): void {
  if (text === '') return out.u8(0);
  const match = dateForm.exec(text);
  if (match === null) throw new RangeError('the value is no date');
  const fraction = match[7];
  const hour = match[4];
  out.u8(fraction !== undefined ? 11 : hour !== undefined ? 7 : 4);
  out.u16(Number(match[1]));
  out.u8(Number(match[2]));
  out.u8(Number(match[3]));
  if (hour === undefined) return;
  out.u8(Number(hour));
  out.u8(Number(match[5]));
  out.u8(Number(match[6]));
  if (fraction !== undefined) out.u32(micros(fraction));
}

/** Writes a time from its text; only `00:00:00` takes the short form, as with vtgate. Throws RangeError. */
export function writeTime(out: PacketWriter, text: string): void {
  if (text === '00:00:00') return out.u8(0);
  const match = timeForm.exec(text);
  if (match === null) throw new RangeError('the value is no time');
  const hours = Number(match[2]);
  const fraction = match[5];
  out.u8(fraction !== undefined ? 12 : 8);
  out.u8(match[1] === '-' ? 1 : 0);
  out.u32(Math.floor(hours / 24));
  out.u8(hours % 24);
  out.u8(Number(match[3]));
  out.u8(Number(match[4]));
  if (fraction !== undefined) out.u32(micros(fraction));
}
