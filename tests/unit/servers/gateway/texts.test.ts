import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldQuery } from '../../../../src-main/servers/gateway/field-query';
import { applyEdits, stringLiteral } from '../../../../src-main/servers/gateway/rewrite';
import { Router } from '../../../../src-main/servers/gateway/router';
import { scanSql } from '../../../../src-main/servers/gateway/scan-sql';
import { GatewaySession } from '../../../../src-main/servers/gateway/session';
import { showLocally, withoutDatabase } from '../../../../src-main/servers/gateway/show-statement';
import { StatementPlanner } from '../../../../src-main/servers/gateway/statement-plan';
import { parseTarget } from '../../../../src-main/servers/gateway/target';
import { deallocateText, prepareText } from '../../../../src-main/servers/gateway/text-prepare';
import { Vschema } from '../../../../src-main/servers/gateway/vschema';
import { VitessError } from '../../../../src-main/servers/gateway/vitess-error';
import { cpuTime } from '../../../support/cpu-time';

/** The gateway's own readers of texts that clients send. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const sqlish = fc
  .array(
    fc.constantFrom(
      'select ',
      'show ',
      'like ',
      'from ',
      'limit ',
      'into ',
      'prepare ',
      'execute ',
      ' using ',
      "'",
      '"',
      '`',
      '\\',
      '/*',
      '*/',
      '/*!',
      '--',
      '#',
      '\n',
      '@',
      '@@',
      '@@session.',
      '?',
      ';',
      ',',
      '(',
      ')',
      ':=',
      ' ',
      'x',
      '7',
      '%',
      'é',
      '𝄞',
      '\0',
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''));
const router = new Router({ keyspaces: [{ name: 'ks', shards: ['0'] }] }, []);

/** Runs what may refuse with an error of Vitess and with nothing else. */
function refusing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof VitessError)) throw error;
  }
}

describe('scanSql', () => {
  const marks = (sql: string): string[] =>
    scanSql(sql).map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`);

  it.each<[string, string[]]>([
    ['select ? from t where a = ? limit ?', ['parameter ?', 'parameter ?', 'parameter ?']],
    ['select \'?\', "?", `?`, ? -- ?\n, ? # ?\n /* ? */', ['parameter ?', 'parameter ?']],
    [
      'select @a, @`b c`, @@version, @@session.autocommit, @@global.x',
      [
        'user-variable @a',
        'user-variable @`b c`',
        'system-variable @@version',
        'system-variable @@session.autocommit',
        'system-variable @@global.x',
      ],
    ],
    ["select 'it''s @a' , 'back\\'@b'", []],
    ['select /*! @a */ 1', ['user-variable @a']],
    ["select 'never closed @a", []],
    ['select 1 - -?', ['parameter ?']],
  ])('%s', (sql, expected) => expect(marks(sql)).toEqual(expected));

  it('knows which parameters count rows', () => {
    const counts = (sql: string): boolean[] => scanSql(sql).map((mark) => mark.counts);
    expect(counts('select a from t where b = ? limit ?, ?')).toEqual([false, true, true]);
    expect(counts('select a from (select b from t limit ?) as x where c = ?')).toEqual([true, false]);
    expect(counts('select a from t limit ? offset ?')).toEqual([true, true]);
    expect(counts('select a from t limit 5 for update of x wait ?')).toEqual([false]);
  });

  it('never throws, and its marks lie in order inside the text', () => {
    fc.assert(
      fc.property(fc.oneof(sqlish, fc.string({ unit: 'binary', maxLength: 60 })), (sql) => {
        let at = 0;
        for (const { start, end } of scanSql(sql)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(sql.length);
          at = end;
        }
        fieldQuery(sql, scanSql(sql), false);
      }),
      { numRuns },
    );
  });
});

describe('parseTarget', () => {
  it.each([
    ['', { keyspace: '', shard: null, type: 'primary', alias: null }],
    ['ks', { keyspace: 'ks', shard: null, type: 'primary', alias: null }],
    ['ks:0', { keyspace: 'ks', shard: '0', type: 'primary', alias: null }],
    ['ks/-80@replica', { keyspace: 'ks', shard: '-80', type: 'replica', alias: null }],
    ['@MASTER', { keyspace: '', shard: null, type: 'primary', alias: null }],
    ['ks@foo', { keyspace: 'ks', shard: null, type: 'unknown', alias: null }],
    [
      'ks:0@primary|zone1-0000000100',
      { keyspace: 'ks', shard: '0', type: 'primary', alias: { cell: 'zone1', uid: 100 } },
    ],
    ['ks@constructor', { keyspace: 'ks', shard: null, type: 'unknown', alias: null }],
  ])('%j', (text, expected) => expect(parseTarget(text)).toEqual(expected));

  it.each([
    ['ks@', 'empty tablet type after @'],
    ['ks@primary|zone1-1', 'tablet alias must be used with a shard'],
    ['ks:0@primary|nonsense', 'invalid tablet alias in target: nonsense'],
  ])('%j is refused', (text, message) => expect(() => parseTarget(text)).toThrow(message));

  it('refuses with an error of Vitess or takes everything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => refusing(() => parseTarget(text))),
      { numRuns },
    );
  });
});

describe('text in statements', () => {
  it('cannot end its literal, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const literal = stringLiteral(value);
        if (literal.startsWith("'")) expect(literal.slice(1, -1)).toBe(value);
        expect(/^'[^'"\\]*'$|^_utf8mb4 0x[0-9a-f]+$/.test(literal)).toBe(true);
      }),
      { numRuns },
    );
  });

  it('is edited in any order of edits', () => {
    expect(
      applyEdits('select a.b, c', [
        { start: 12, end: 13, text: 'x' },
        { start: 7, end: 9, text: '' },
      ]),
    ).toBe('select b, x');
  });
});

describe('SHOW, PREPARE and plans', () => {
  const planner = new StatementPlanner({ mode: 'vitess', version: '24.0.4' });
  it('never fail with anything but an error of Vitess', () => {
    fc.assert(
      fc.property(sqlish, (sql) => {
        const session = new GatewaySession();
        refusing(() => void showLocally(`show ${sql}`, session, router, new Vschema()));
        refusing(() => void withoutDatabase(`show tables ${sql}`, router));
        refusing(() => prepareText(session, `prepare s from ${sql}`));
        refusing(() => deallocateText(session, `deallocate ${sql}`));
        planner.plan(sql);
      }),
      { numRuns: Math.min(numRuns, 10_000) },
    );
  });

  it.each([
    ["show tables where Tables_in_shop in (select 'orders' from dual)"],
    ["show columns from orders where Field = (select 'id' from payments limit 1)"],
    ["show tables like 'x from y'"],
    ["show full tables where Table_type = 'BASE TABLE' and 1 = (select count(*) from dual)"],
  ])('take no database out of a condition: %s', (sql) =>
    expect(withoutDatabase(sql, router)).toEqual({ sql, keyspace: null }),
  );

  it('keep the texts that PREPARE holds', () => {
    const session = new GatewaySession();
    prepareText(session, "  PREPARE `s 1` FROM 'select ''a'', \\'b\\', ?' ; ");
    expect(session.prepared.get('s 1')).toBe("select 'a', 'b', ?");
    deallocateText(session, 'deallocate prepare `s 1`;');
    expect(session.prepared.size).toBe(0);
    expect(() => prepareText(session, 'prepare s from @novar')).toThrow(
      "VT03024: 'novar' user defined variable does not exists",
    );
  });

  it.each([
    ['spaces behind a LIKE', `show databases like 'a'${' '.repeat(200_000)}x`],
    ['many LIKEs', `show databases ${"like '".repeat(50_000)}`],
    ['comments that never close', `show ${'/*x'.repeat(100_000)}`],
    ['spaces behind EXECUTE', `execute s using ${' '.repeat(200_000)}x`],
    ['quotes in PREPARE', `prepare s from '${"' ".repeat(100_000)}x`],
    ['system variables', `select ${'@@autocommit,'.repeat(20_000)}1`],
    ['semicolons', `select 1 ${'; '.repeat(50_000)}`],
  ])('take no longer for hostile %s', (_, sql) => {
    const session = new GatewaySession();
    const began = cpuTime();
    refusing(() => void showLocally(sql, session, router, new Vschema()));
    refusing(() => void withoutDatabase(sql, router));
    refusing(() => prepareText(session, sql));
    refusing(() => deallocateText(session, sql));
    planner.plan(sql);
    expect(cpuTime() - began).toBeLessThan(3000);
  });
});
