import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commentDirectives,
  firstWordAt,
  normalise,
  Oversize,
  printStatement,
  readStatement,
  splitStatements,
  withEscapes,
} from '../../../../src-main/domain/sql';
import { defaultFidelity } from '../../../../src-main/domain/fidelity';
import { mostTokens } from '../../../../src-main/domain/sql/lexer';
import { withoutEscapes } from '../../../../src-main/domain/sql/escapes';
import { bareText, hasMariadbCode, leavesState } from '../../../../src-main/servers/tablet/statement-traits';
import { withSettingHints } from '../../../../src-main/servers/gateway/setting-hints';
import { cpuTime } from '../../../support/cpu-time';
import '../../../support/fuzz-seed';

const options = { keyspaceNamed: () => null, parameterize: true };
const read = (sql: string) => readStatement(sql, { fidelity: defaultFidelity });
const normal = (sql: string) => normalise(sql, options);

describe('statements with more tokens than are read', () => {
  const many = `select ${'1,'.repeat(mostTokens / 2)}1 from t`;

  it('are refused as too long for a tablet, whatever they are', () => {
    const { execute, oversize } = read(many);
    expect(execute).toEqual({
      kind: 'refused',
      code: 'RESOURCE_EXHAUSTED',
      message: `trying to send message larger than max (${oversize} vs. 16777216)`,
    });
    expect(oversize).toBeGreaterThan(mostTokens);
    expect(normal(many)).toBeNull();
    expect(printStatement(many)).toBeNull();
  });

  it('stay one piece', () => {
    expect(splitStatements(';'.repeat(mostTokens + 1))).toHaveLength(1);
  });

  it('are those with one more, not those with as many', () => {
    const most = `select ${'1,'.repeat(mostTokens / 2 - 1)}1`;
    expect(read(most).oversize).toBeUndefined();
    expect(read(`${most},1`).oversize).toBeGreaterThan(0);
  }, 60_000);
});

describe('statements whose literals alone make too long a message', () => {
  it('are refused before they are read as a tree', () => {
    const rows = `insert into t values ${'(1),'.repeat(550_000)}(1)`;
    expect(() => normal(rows)).toThrow(Oversize);
    expect(() => normal(`select ${"'',".repeat(1_000_000)}1 from t`)).toThrow(Oversize);
  });

  it('are not those that list them after IN, where each takes less', () => {
    const { sql, binds } = normal(`select a from t where a in (${'7,'.repeat(1_000_000)}7)`)!;
    expect(sql).toBe('select a from t where a in ::vtg1');
    expect(binds.get('vtg1')).toHaveLength(1_000_001);
  }, 60_000);

  it('are not those that keep them where they stand', () => {
    const rows = `insert into t values ${'(1),'.repeat(550_000)}(1)`;
    // A blank after each comma.
    expect(normalise(rows, { ...options, parameterize: false })?.sql).toHaveLength(rows.length + 550_000);
  }, 60_000);
});

describe('long lists after IN', () => {
  const list = (count: number, one: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => one(at)).join(',');

  it.each([
    ['numbers', (at: number) => String(at)],
    ['strings', (at: number) => `'it''s ${at}\\n'`],
    ['both', (at: number) => (at % 2 === 0 ? `"${at}"` : String(at))],
    ['with a number beyond INT64', (at: number) => (at === 80 ? '9223372036854775808' : String(at))],
    ['with an expression', (at: number) => (at === 80 ? '1+1' : String(at))],
    ['with strings beside each other', (at: number) => (at === 80 ? "'a' 'b'" : "'c'")],
  ])('are bound and printed as short ones: %s', (_name, one) => {
    const whole = `select a from t where a in (${list(100, one)})`;
    const halves = `select a from t where a in (${list(40, one)})`;
    const kinds = (sql: string) => [...normal(sql)!.binds.values()].map((bind) => Array.isArray(bind));
    if (kinds(whole).includes(true)) expect(kinds(whole)).toEqual(kinds(halves));
    // Printed, it asks and prints the same again.
    const text = printStatement(whole)!.texts.join('');
    expect(printStatement(text)!.texts.join('')).toBe(text);
    expect(text.slice(0, 60)).toBe(printStatement(halves)!.texts.join('').slice(0, 60));
  });

  it('that are equal share a bind variable', () => {
    const numbers = list(100, String);
    expect(normal(`select a from t where a in (${numbers}) or b in (${numbers})`)!.sql).toBe(
      'select a from t where a in ::vtg1 or b in ::vtg1',
    );
    expect(normal(`select a from t where a in (${numbers}) or b in (${numbers},5)`)!.sql).toBe(
      'select a from t where a in ::vtg1 or b in ::vtg2',
    );
  });
});

describe('strings of any length', () => {
  const special = fc.constantFrom("'", '"', '\\', '%', '_', '\0', '\n', '\x1a', 'Z', 'n', 'x', 'é', '😀');
  const pad = 'x'.repeat(20_000);

  it('are read and printed alike, short and long', () => {
    fc.assert(
      fc.property(fc.array(special, { maxLength: 30 }), fc.constantFrom("'", '"'), (units, quote) => {
        const text = units.join('');
        expect(withEscapes(pad + text)).toBe(pad + withEscapes(text));
        // A quote at the end of the padding would be read with it.
        expect(withoutEscapes(pad + text, quote)).toBe(pad + withoutEscapes(text, quote));
      }),
    );
  });

  it.each([
    ['doubled quotes', "''", 2_000_000],
    ['escapes', "\\'", 2_000_000],
    ['plain text', 'a', 4_000_000],
  ])('do not exhaust an expression: %s', (_name, unit, times) => {
    const sql = `select '${unit.repeat(times)}@', '/*M!' from t`;
    expect(bareText(sql)).toBe('select  ,   from t');
    expect(hasMariadbCode(sql)).toBe(false);
    expect(leavesState('Select', sql)).toBe(false);
    expect(normal(sql)!.sql).toBe('select :vtg1 /* VARCHAR */, :vtg2 /* VARCHAR */ from t');
  });
});

describe('long margins', () => {
  const margin = '/* a */ '.repeat(500_000);

  it('lead to the first word', () => {
    expect(firstWordAt(`${margin}explain select 1`)).toBe(margin.length);
    expect(firstWordAt(`${margin}((/*+ a */ select 1`, { brackets: true, plain: true })).toBe(margin.length + 2);
    expect(withSettingHints(`${margin}select 1`, new Map([['a', '1']]))).toBe(
      `${margin}select /*+ SET_VAR(a = 1) */ 1`,
    );
    expect(firstWordAt('/* open')).toBe(0);
  });

  it('hold directives that are read once', () => {
    expect(commentDirectives(`select ${'/*vt+ '.repeat(200_000)}*/ 1`).has('/*vt+')).toBe(true);
  });
});

/** Each text is read for the gateway and for the tablet; the work of the longer one is as much more as the text is longer. */
describe('four times the text is four times the work', () => {
  const work = (sql: string): void => {
    read(sql);
    if (sql.includes(';')) splitStatements(sql);
    try {
      normal(sql);
    } catch (error) {
      if (!(error instanceof Oversize)) throw error;
    }
    printStatement(sql);
  };
  const size = 100_000;
  it.each([
    ['rows', (n: number) => `insert into t values ${"(1,'ab'),".repeat(n / 9)}(1,'x')`],
    ['a list', (n: number) => `select a from t where a in (${'1234567,'.repeat(n / 8)}1)`],
    ['doubled quotes', (n: number) => `select '${"''".repeat(n / 2)}' from t`],
    ['parameters', (n: number) => `insert into t values (${'?,'.repeat(n / 2)}?)`],
    ['sums', (n: number) => `select ${'a+'.repeat(n / 2)}a from t`],
    ['comments', (n: number) => `select ${'/* */'.repeat(n / 5)}1 from t`],
    ['semicolons', (n: number) => 'select 1;'.repeat(n / 9)],
    ['unions', (n: number) => `${'select 1 union '.repeat(n / 15)}select 1`],
    ['brackets', (n: number) => `select ${'('.repeat(n)}1`],
    ['a string without an end', (n: number) => `select '${'a'.repeat(n)}`],
    ['blanks', (n: number) => `select${' '.repeat(n)}1${' '.repeat(n)}x from t`],
  ])('%s', (_name, make) => {
    const once = make(size);
    const fourfold = make(4 * size);
    const spent = (sql: string): number => {
      const before = cpuTime();
      work(sql);
      return cpuTime() - before;
    };
    spent(once);
    // Quadratic work would be sixteen times as much; what is too little to be measured is taken as more.
    const least = Math.max(20, Math.min(spent(once), spent(once)));
    expect(Math.min(spent(fourfold), spent(fourfold))).toBeLessThan(least * 12);
  });
});
