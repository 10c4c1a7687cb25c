import { C, T } from '../token-kinds';
import { argument } from './argument';
import type { Cursor } from './cursor';
import { printedString, stringValue } from './names';
import { plain, unprintable, type LiteralType, type Node } from './node';

const valued = (type: LiteralType, text: string, value: string): Node => ({
  kind: 'literal',
  level: 0,
  binding: 0,
  parts: [text],
  type,
  value,
});

/** A literal at this place, or null. National strings and what Vitess prints otherwise than MySQL reads it stop the printing. */
export function literal(cursor: Cursor): Node | null {
  const { kind } = cursor;
  // Most expressions begin with a name.
  if (kind === T.name || kind === T.quotedName) return null;
  const text = cursor.text();
  switch (kind) {
    case T.string:
      return stringLiteral(cursor);
    case T.integer:
      cursor.at += 1;
      return valued('INT64', text, text);
    case T.decimal:
      cursor.at += 1;
      return /[eE]/.test(text) ? valued('FLOAT64', text, text) : valued('DECIMAL', text, text);
    case T.hexNumber:
      if (text[1] !== 'x') throw unprintable;
      cursor.at += 1;
      return valued('HEXNUM', text, `0x${text.slice(2).toUpperCase()}`);
    case T.hex:
      cursor.at += 1;
      return valued('HEXVAL', `X${text.slice(1)}`, `x${text.slice(1).toUpperCase()}`);
    case T.bits: {
      cursor.at += 1;
      const digits = text[0] === '0' ? text.slice(2) : text.slice(2, -1);
      if (digits === '') throw unprintable;
      return valued('BITNUM', `0b${digits}`, `0b${digits}`);
    }
    case T.nationalString:
      throw unprintable;
    default:
      return worded(cursor);
  }
}

/** Strings that stand beside each other are one. */
function stringLiteral(cursor: Cursor): Node {
  let value = stringValue(cursor.text());
  cursor.at += 1;
  while (cursor.kind === T.string) {
    value += stringValue(cursor.text());
    cursor.at += 1;
  }
  return valued('VARCHAR', printedString(value), value);
}

const forms: { readonly [word: string]: readonly [LiteralType, RegExp] } = {
  date: ['DATE', /^\d{4}-\d\d-\d\d$/],
  time: ['TIME', /^\d\d:\d\d:\d\d(?:\.\d{1,6})?$/],
  timestamp: ['DATETIME', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?$/],
};

function worded(cursor: Cursor): Node | null {
  const word = cursor.word();
  if (word === 'null' || word === 'true' || word === 'false') {
    cursor.at += 1;
    return plain(word);
  }
  if ((word === 'date' || word === 'time' || word === 'timestamp') && cursor.peek(1) === T.string) {
    const [type, form] = forms[word] as readonly [LiteralType, RegExp];
    const value = stringValue(cursor.text(1));
    if (!form.test(value)) throw unprintable;
    cursor.at += 2;
    return valued(type, `${word}'${value}'`, value);
  }
  return null;
}

/** Character sets that an introducer may name, with Vitess's name for them. */
const introducers = new Set(['_latin1', '_utf8mb3', '_utf8mb4', '_binary', '_ascii']);

/** `_utf8mb4 'x'`, or null. */
export function introduced(cursor: Cursor): Node | null {
  const word = cursor.word();
  const charset = word === '_utf8' ? '_utf8mb3' : word;
  if (!introducers.has(charset)) {
    if (charset.startsWith('_') && cursor.peek(1) === T.string) throw unprintable;
    return null;
  }
  const next = cursor.peek(1);
  if (next === C.dot || next === C.open) return null;
  cursor.at += 1;
  if (next === T.bindVariable) return plain(`${charset} `, argument(cursor));
  const value = literal(cursor);
  if (value === null || value.kind !== 'literal') throw unprintable;
  return plain(`${charset} `, value);
}
