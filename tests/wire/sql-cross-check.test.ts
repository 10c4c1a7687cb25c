import fc from 'fast-check';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultFidelity } from '../../src-main/domain/fidelity';
import { readStatement } from '../../src-main/domain/sql';
import type { ManagedMysql, MysqlProgram } from '../../src-main/servers/backend';
import { hostileStatements } from '../support/hostile-statements';
import { generatedTables, statementWithTables } from '../support/sql-generator';
import { installedPrograms, managedOptions, rootPassword, start, temporaryFolder } from './backend/backend-fixture';
import { patience } from '../support/fuzz/patience';

/**
 * Each statement is prepared by a user who may do everything on every table but one. Where the server refuses it for that
 * table, the table is read or changed, and hardened reading must say so.
 */
const tables = [...new Set([...generatedTables, 'a', 'b', 'c', 'd', 't', 's'])];
const rights = 'select, insert, update, delete, create, drop, references, index, alter, create view, show view';
const quoted = (name: string): string => `\`${name}\``;
const userWithout = (table: string): string => `no_${tables.indexOf(table)}`;

/** Fixed, so that a run repeats another one; FUZZ_SEED chooses other statements. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const runs = Math.min(Number(process.env['FUZZ_RUNS'] ?? 10_000), 10_000);
const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function prepareServer(program: MysqlProgram): Promise<(user: string) => Promise<Connection>> {
  const folder = await temporaryFolder();
  cleanups.push(folder.cleanup);
  const server: ManagedMysql = await start(managedOptions(program, folder.path, { databases: ['db'] }));
  cleanups.push(() => server.stop());
  const connect = async (user: string): Promise<Connection> => {
    const password = user === 'root' ? rootPassword.reveal() : 'x';
    const connection = await createConnection({
      socketPath: server.socket as string,
      user,
      password,
      database: 'db',
      charset: 'utf8mb4',
    });
    cleanups.push(() => connection.end());
    return connection;
  };
  const root = await connect('root');
  for (const table of tables)
    await root.query(`create table ${quoted(table)} (id int, a int, b int, x int, j text, n text, d date)`);
  for (const absent of generatedTables) {
    const user = `'${userWithout(absent)}'@'localhost'`;
    await root.query(`create user ${user} identified by 'x'`);
    for (const table of tables)
      if (table !== absent) await root.query(`grant ${rights} on db.${quoted(table)} to ${user}`);
  }
  return connect;
}

/** Whether the server refuses to prepare the statement for want of rights on that table. */
async function isRefusedFor(table: string, sql: string, connection: Connection): Promise<boolean> {
  try {
    await connection.query(`prepare s from ${connection.escape(sql)}`);
    return false;
  } catch (error) {
    const { errno, message } = error as { errno?: number; message: string };
    if (errno === undefined) throw new Error(`no answer to: ${sql}`, { cause: error });
    return (errno === 1142 || errno === 1143) && (message.endsWith(`'${table}'`) || message.endsWith(`\`${table}\``));
  }
}

/** Whether hardened reading lets the statement through without asking for that table. */
function isSilentAbout(table: string, sql: string): boolean {
  const { execute } = readStatement(sql, { fidelity: defaultFidelity });
  return (
    execute.kind === 'plan' &&
    execute.undetermined === null &&
    !execute.permissions.some((asked) => asked.table === table)
  );
}

const tokens =
  `( ) , . ; * = ' " \` @ -- # /* */ /*! /*M! select from join union with as table values lateral into update set where in
  exists not over order limit for dual secret t1 straight_join ignore low_priority partition x b'1' 0x41 1e0 .5 except intersect`.split(
    /\s+/,
  );

const mutated = fc
  .tuple(
    fc.oneof(
      statementWithTables.map(({ sql }) => sql),
      fc.constantFrom(...hostileStatements.map(({ sql }) => sql)),
    ),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(4), fc.constantFrom(...tokens)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([sql, changes]) =>
    changes.reduce((text, [where, length, piece]) => {
      const at = Math.floor(where * text.length);
      return `${text.slice(0, at)} ${piece} ${text.slice(at + length)}`;
    }, sql),
  );

const programs = await installedPrograms();

describe.each(programs.map((program) => ({ name: program.vendor, program })))('$name', ({ program }) => {
  it('never needs a table that hardened reading does not name', { timeout: patience(60_000) }, async () => {
    const connect = await prepareServer(program);
    const connections = new Map<string, Connection>();
    for (const table of generatedTables) connections.set(table, await connect(userWithout(table)));
    const silent: { table: string; sql: string }[] = [];
    let refusals = 0;
    const check = async (table: string, sql: string): Promise<void> => {
      // MariaDB 10.11 crashes on a subquery in the filter of SHOW.
      if (program.vendor === 'MariaDB' && /\bshow\b/i.test(sql)) return;
      if (!(await isRefusedFor(table, sql, connections.get(table) as Connection))) return;
      refusals++;
      if (isSilentAbout(table, sql)) silent.push({ table, sql });
    };
    const work = new Map<string, string[]>(generatedTables.map((table) => [table, []]));
    for (const { sql } of hostileStatements) work.get('secret')?.push(sql);
    for (const { sql, tables: read } of fc.sample(statementWithTables, { numRuns: runs / 40, seed }))
      for (const table of new Set(read)) work.get(table)?.push(sql.replaceAll(':v1', '1'));
    for (const sql of fc.sample(mutated, { numRuns: runs / 5, seed }))
      work.get('secret')?.push(sql.replaceAll(':v1', '1'));
    await Promise.all(
      [...work].map(async ([table, statements]) => {
        for (const sql of statements) await check(table, sql);
      }),
    );
    expect(silent).toEqual([]);
    expect(refusals).toBeGreaterThan(runs / 40);
  });
});
