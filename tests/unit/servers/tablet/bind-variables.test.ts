import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { substitute, type BindVariables } from '../../../../src-main/servers/tablet';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const variable = (type: number, value: string | Buffer): BindVariables[string] =>
  ({ type, value: Buffer.from(value), values: [] }) as unknown as BindVariables[string];
const list = (...items: [number, string][]): BindVariables[string] =>
  ({
    type: 28,
    value: Buffer.alloc(0),
    values: items.map(([type, value]) => ({ type, value: Buffer.from(value) })),
  }) as unknown as BindVariables[string];

describe('values take the place of their names', () => {
  const binds: BindVariables = {
    i: variable(265, '-5'),
    s: variable(6165, "o'clock"),
    back: variable(6165, 'a\\b'),
    n: variable(0, ''),
    d: variable(18, '1.50'),
    f: variable(1036, '1e10'),
    b: variable(10262, Buffer.from([0, 255])),
    h: variable(4129, "x'00FF'"),
    bit: variable(2073, Buffer.from([1, 1])),
    l: list([265, '1'], [6165, 'x']),
    'v.1': variable(265, '7'),
  };
  test.each([
    ['select :i', 'select -5'],
    ['select :s, :n', "select 'o''clock', null"],
    ['select :back', "select _utf8mb4 x'615c62'"],
    ['select :d + :f', 'select 1.50 + 1e10'],
    ['select :b', "select _binary x'00ff'"],
    ['select :h, :bit', "select x'00FF', b'0000000100000001'"],
    ['a in ::l', "a in (1, 'x')"],
    ['select 5-:i', 'select 5- -5'],
    ['select @:s', "select @ 'o''clock'"],
    ["select 'a':s", "select 'a' 'o''clock'"],
    ['select x:s', "select x 'o''clock'"],
    ['select :v.1', 'select 7'],
    ['select \':i\', ":i", `:i` /* :i */ -- :i\n, :i # :i', 'select \':i\', ":i", `:i` /* :i */ -- :i\n, -5 # :i'],
    ["select '\\':i', :i", "select '\\':i', -5"],
    ["select 'it''s :i', :i", "select 'it''s :i', -5"],
    ['select @a := 1, @b:=:i', 'select @a := 1, @b:=-5'],
    ['select /*! :i */ 1', 'select /*! :i */ 1'],
  ])('%s', (sql, expected) => expect(substitute(sql, binds)).toBe(expected));

  test('as Vitess prints them', () => {
    expect(substitute('select :s, :back, :i', binds, 'log')).toBe("select 'o\\'clock', 'a\\\\b', -5");
  });

  test.each([
    ['select :missing', 'missing bind var missing'],
    ['select :constructor', 'missing bind var constructor'],
    ['select ::i', 'unexpected list arg type (265) for key i'],
    ['select :l', 'unexpected arg type (TUPLE) for non-list key l'],
  ])('%s', (sql, message) => expect(() => substitute(sql, binds)).toThrow(message));

  test.each([
    [265, '1 or 1=1'],
    [265, ''],
    [1036, '1,2'],
    [18, 'NaN'],
    [4129, "x'0'"],
    [4129, "x'00' or '"],
    [4128, '0xzz'],
    [4130, 'b1'],
    [31, 'now()'],
    [36, 'x'],
    [28 + 512, 'x'],
  ])('type %i with %j is refused', (type, value) =>
    expect(() => substitute('select :v', { v: variable(type, value) })).toThrow(),
  );
});

/** Splits as MySQL does, once with backslash escapes and once without; returns the kinds of tokens. */
function tokens(sql: string, backslashEscapes: boolean): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < sql.length) {
    const character = sql[at] as string;
    const prefixed = /^(?:_binary |_utf8mb4 )?(x'[0-9a-f]*')/.exec(sql.slice(at));
    if (prefixed !== null) {
      found.push('literal');
      at += prefixed[0].length;
    } else if (character === "'") {
      at += 1;
      for (;;) {
        if (at >= sql.length) return [...found, 'unterminated'];
        if (sql[at] === '\\' && backslashEscapes) at += 2;
        else if (sql[at] === "'" && sql[at + 1] === "'") at += 2;
        else if (sql[at] === "'") break;
        else at += 1;
      }
      at += 1;
      found.push('literal');
    } else {
      if (!/\s/.test(character)) found.push(character);
      at += 1;
    }
  }
  return found;
}

test('whatever a text holds, it is one literal under every sql_mode', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '\0',
          '\n',
          ';',
          '--',
          '/*',
          '*/',
          ':x',
          '`',
          '\x1a',
          '縗',
          'a',
          ' or 1=1 ',
          '$$',
        ),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(hostile, fc.constantFrom(6165, 6163, 6167, 10262, 10260, 2064, 2078), (text, type) => {
      const sql = substitute('(:v)', { v: variable(type, text), x: variable(265, '1') });
      for (const escapes of [true, false]) expect(tokens(sql, escapes)).toEqual(['(', 'literal', ')']);
    }),
    { numRuns: RUNS },
  );
});

test('arbitrary bytes under any type either become one literal or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 0, max: 11_000 }), (bytes, type) => {
      let sql: string;
      try {
        sql = substitute('(:v)', { v: variable(type, Buffer.from(bytes)) });
      } catch {
        return;
      }
      expect(sql).toMatch(
        /^\((?:null|[+-]?[\d.]+(?:[eE][+-]?\d+)?|'[^'\\]*(?:''[^'\\]*)*'|(?:_binary |_utf8mb4 )?[xX]'[0-9a-fA-F]*'|0x[0-9a-fA-F]+|0b[01]+|[bB]'[01]*')\)$/s,
      );
    }),
    { numRuns: RUNS },
  );
});
