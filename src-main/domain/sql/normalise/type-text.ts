import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { unprintable } from './node';

const plainTypes = new Set('date json signed unsigned double real'.split(' '));
const sizedTypes = new Set('binary char datetime decimal nchar time float'.split(' '));

/** The type of CAST and CONVERT as Vitess prints it: the word as written, with its size. */
export function convertType(cursor: Cursor): string {
  const word = cursor.word();
  const written = cursor.text();
  if (plainTypes.has(word)) {
    cursor.at += 1;
    if (word === 'signed' || word === 'unsigned') cursor.take('integer');
    return written;
  }
  if (!sizedTypes.has(word)) throw unprintable;
  cursor.at += 1;
  return `${written}${size(cursor, word === 'decimal')}${word === 'char' ? charset(cursor) : ''}`;
}

function size(cursor: Cursor, scaled: boolean): string {
  if (!cursor.takeCode(C.open)) return '';
  const length = number(cursor);
  const scale = scaled && cursor.takeCode(C.comma) ? `, ${number(cursor)}` : '';
  cursor.expectCode(C.close);
  return `(${length}${scale})`;
}

function number(cursor: Cursor): string {
  if (cursor.kind !== T.integer) throw unprintable;
  const text = String(Number(cursor.text()));
  cursor.at += 1;
  return text;
}

function charset(cursor: Cursor): string {
  if (!cursor.takeAll('character', 'set') && !cursor.take('charset')) return '';
  const name = cursor.text();
  if (!/^[A-Za-z0-9_]+$/.test(name) || cursor.word() === 'binary') throw unprintable;
  cursor.at += 1;
  return ` character set ${name}`;
}
