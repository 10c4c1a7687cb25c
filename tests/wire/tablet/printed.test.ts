import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalise, printStatement, splitMargins, type BindValue } from '../../../src-main/domain/sql';
import { query } from '../../../src-main/servers/rpc';
import { fill } from '../../../src-main/servers/tablet/bind-variables';
import { installedPrograms } from '../backend/backend-fixture';
import '../../support/fuzz-seed';
import { startBackend } from './tablet-fixture';
import { patience } from '../../support/fuzz/patience';

const present = (await installedPrograms()).some(({ vendor }) => vendor === 'MySQL');
if (!present)
  console.warn('not run: statements as typed and as printed (set GATEHOUSE_MYSQL9_BIN to the folder of its mysqld)');

const variable = ({ type, value }: BindValue) => ({ type: query.Type[type], value: Buffer.from(value), values: [] });

/** The text that MySQL gets in the end: through gateway and tablet; null where it goes as typed. */
function asSent(sql: string): string | null {
  const { statement } = splitMargins(sql);
  const normal = normalise(statement, { keyspaceNamed: () => null, parameterize: true });
  if (normal === null) return null;
  expect(normal.needs.size).toBe(0);
  const pieces = printStatement(splitMargins(normal.sql).statement, { limited: true });
  if (pieces === null) throw new Error(`what the gateway prints is not read by the tablet: ${normal.sql}`);
  const variables = Object.fromEntries(
    [...normal.binds].map(([name, value]) => [
      name,
      'type' in value
        ? variable(value)
        : { type: query.Type.TUPLE, value: Buffer.alloc(0), values: value.map(variable) },
    ]),
  );
  return fill(pieces, variables as unknown as Parameters<typeof fill>[1], 10_001);
}

const leaf = fc.constantFrom(
  'a',
  'b',
  's',
  'd',
  'f',
  't.a',
  '`a`',
  '1',
  '0',
  '2',
  '3.50',
  '-1',
  '- -2',
  '1e1',
  "'1'",
  "'x'",
  "'a%'",
  "'it''s'",
  "'\\\\'",
  "'%\\_'",
  '"q\\"z"',
  "'a\\nb'",
  'null',
  'true',
  'false',
  "x'41'",
  '0x42',
  "b'101'",
  "'ü€'",
  "_utf8mb4'é'",
  "date'2020-01-02'",
  '\'{"k": [1, "\\\\\\\\x"]}\'',
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'e' },
    leaf,
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom(
          '+',
          '-',
          '*',
          '/',
          'div',
          '%',
          'mod',
          '|',
          '&',
          '^',
          '<<',
          '>>',
          '=',
          '<=>',
          '<>',
          '!=',
          '<',
          '<=',
          '>',
          '>=',
          'and',
          '&&',
          'or',
          'xor',
          'like',
          'not like',
          'in',
          'not in',
          'between',
          'not between',
          'is null',
          'is not true',
          'collate',
          'interval',
          'list',
          'regexp',
        ),
        tie('expression'),
        fc.constantFrom(0, 1, 2, 3, 3),
      )
      .map(([left, operator, right, brackets]) => {
        const l = (brackets & 1) === 0 ? left : `(${left})`;
        const r = (brackets & 2) === 0 ? right : `(${right})`;
        switch (operator) {
          case 'in':
          case 'not in':
            return `${l} ${operator} (${right}, ${left}, 5)`;
          case 'list':
            return `${l} in (1, 2, 'x')`;
          case 'between':
          case 'not between':
            return `${l} ${operator} ${r} and 3`;
          case 'is null':
          case 'is not true':
            return `${l} ${operator}`;
          case 'collate':
            return `(concat(${left}, 'z') collate utf8mb4_bin)`;
          case 'interval':
            return `(date'2020-01-31' + interval ${r} day)`;
          case 'regexp':
            return `${l} regexp 'a|1'`;
          default:
            return `${l} ${operator} ${r}`;
        }
      }),
    fc
      .tuple(
        fc.constantFrom(
          'not #',
          '!#',
          '-#',
          '~(#)',
          '(#)',
          'not (#)',
          'coalesce(#, 1)',
          'if(#, 1, 2)',
          'case when # then 1 else # end',
          'case # when 1 then # end',
          'cast(# as char)',
          'convert(#, signed)',
          'binary #',
          'concat(#, #)',
          "trim(both '1' from #)",
          'substring(# from 1 for 2)',
          "json_extract('{\"k\": 5}', '$.k')",
          "j->'$.k'",
          'j->>\'$."k"\'',
          '(select #)',
          '(select a from t where b = 2 limit 1)',
          'exists (select # from t where a = 1)',
          'row(#, 1) = row(1, #)',
          '+#',
          '(# , 2) in ((1, 2), (3, 4))',
          'date_add(d, interval # hour)',
          'locate(#, #)',
          'char(65, 66)',
          'mod(#, 3)',
          'not not #',
        ),
        tie('expression'),
      )
      .map(([template, inner]) => template.replaceAll('#', inner)),
  ),
}));

test.runIf(present)(
  'a statement means the same to MySQL as typed and as printed',
  { timeout: patience(300_000) },
  async () => {
    const backend = await startBackend('MySQL');
    const root = await backend.root();
    await root.query(
      `create table t (a int, b int, s varchar(20), d datetime, f double, j json);
     insert into t values (1, 2, 'a1', '2020-01-01', 1.5, '{"k": 5}'), (0, null, 'it''s', '2021-02-03 04:05:06', -2, '[]'),
     (3, 1, '\\\\', null, null, null)`,
    );
    const ask = async (sql: string): Promise<string> => {
      try {
        const [rows] = await root.query({ sql, rowsAsArray: true });
        return JSON.stringify(rows);
      } catch (error) {
        const { errno } = error as { errno?: number };
        return `error ${String(errno)}`;
      }
    };
    let printed = 0;
    let whole = 0;
    const different: string[] = [];
    const check = async (sql: string): Promise<void> => {
      whole += 1;
      const sent = asSent(sql);
      if (sent === null) return;
      const before = await ask(sql);
      // What MySQL refuses as typed may work as printed (a name put in backticks); never the reverse, never another result.
      if (before.startsWith('error')) return;
      printed += 1;
      const after = await ask(sent);
      if (after !== before) different.push(`${sql}\n${sent}\n${before}\n${after}`);
    };
    const clauses = [
      'select # as x from t',
      'select # x from t where # order by a',
      'select a from t group by a, # having not # or 1',
    ];
    const runs = Number(process.env['FUZZ_RUNS'] ?? 2000);
    const texts = fc.sample(fc.tuple(fc.constantFrom(...clauses), expression, expression), runs);
    for (const [clause, first, second] of texts)
      await check(clause.replace('#', () => first).replace('#', () => second));
    await root.end();
    await backend.stop();
    expect(different.slice(0, 5)).toEqual([]);
    expect(printed, `printed ${printed} of ${whole}`).toBeGreaterThan(whole / 4);
  },
);
