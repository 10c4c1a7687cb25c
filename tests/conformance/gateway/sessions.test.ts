import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection, type Connection, type FieldPacket } from 'mysql2/promise';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { users } from '../../support/gateway-fixture';
import { installedPrograms } from '../../wire/backend/backend-fixture';
import type { Got, RecordedCase, Text } from '../../support/mysql-wire/recorded-protocol';
import { textOf } from '../../support/mysql-wire/recorded-protocol';
import { knownDifferences } from './known-differences';

/**
 * Recorded sessions of a real vtgate, played against our gateway, tablet and MySQL 9 (the version of the recording). What
 * is compared is what a program decides on: number, SQLSTATE and text of errors (up to the SQL that Vitess prints),
 * affected rows, insert id, status flags and the values of rows. Metadata and printed SQL are measured elsewhere.
 */
interface Recording {
  readonly users: unknown;
  readonly schema: readonly string[];
  readonly fixture: readonly string[];
  readonly cases: readonly RecordedCase[];
}
const recording = JSON.parse(
  readFileSync(new URL('../recorded/mysql-protocol.json', import.meta.url), 'utf8'),
) as Recording;
const groups = ['use', 'set', 'ok-packet', 'multi', 'olap', 'command'];
const mysql9 = (await installedPrograms()).find(({ vendor }) => vendor === 'MySQL');
const cases = recording.cases.filter(
  ({ group, connect, steps }) =>
    groups.includes(group) &&
    (connect?.dropCapabilities ?? []).length === 0 &&
    (steps ?? []).every(({ do: [operation] }) => operation === 'query'),
);

/** Text of an error up to the statement that Vitess prints. */
const comparable = (message: string): string => message.replace(/: Sql: "[\s\S]*$/, '').replace(/\{id\}|\d{19}/g, '#');

const changesData = /\b(insert|update|delete|create|drop|alter|truncate|rename|replace)\b/i;

interface Outcome {
  readonly kind: 'ok' | 'err' | 'rows' | 'closed';
  readonly [key: string]: unknown;
}

const inTransaction = 1;
const autocommit = 2;
const flagsOf = (status: number): string[] => [
  ...((status & inTransaction) !== 0 ? ['IN_TRANS'] : []),
  ...((status & autocommit) !== 0 ? ['AUTOCOMMIT'] : []),
];

function recordedOutcome(got: Got): Outcome {
  if (got.connectionClosed === true) return { kind: 'closed' };
  if (got.err !== undefined)
    return { kind: 'err', errno: got.err.errno, sqlstate: got.err.sqlstate, message: comparable(got.err.message) };
  if (got.ok !== undefined) {
    const { affectedRows = 0, insertId = 0, status } = got.ok;
    return {
      kind: 'ok',
      affectedRows,
      insertId: Number(insertId),
      status: status.filter((flag) => flag !== 'MORE_RESULTS_EXISTS').sort(),
    };
  }
  const rows = Array.isArray(got.rows) ? got.rows : null;
  const plain =
    rows !== null &&
    rows.every((row) => Array.isArray(row) && row.every((value) => value === null || typeof value === 'string'));
  return { kind: 'rows', rows: plain ? rows : 'not compared' };
}

async function play(client: Connection, text: string): Promise<Outcome[]> {
  try {
    const [answer, fields] = (await client.query({
      sql: text,
      rowsAsArray: true,
      typeCast: (field) => field.string('utf8'),
    })) as unknown as [unknown, FieldPacket[] | FieldPacket[][]];
    const several =
      Array.isArray(fields) && fields.some((one) => Array.isArray(one) || one === undefined) && Array.isArray(answer);
    const answers = several ? (answer as unknown[]) : [answer];
    return answers.map((one): Outcome => {
      if (Array.isArray(one)) return { kind: 'rows', rows: one };
      const { affectedRows, insertId, serverStatus } = one as {
        affectedRows: number;
        insertId: number;
        serverStatus: number;
      };
      return { kind: 'ok', affectedRows, insertId, status: flagsOf(serverStatus).sort() };
    });
  } catch (error) {
    const { errno, sqlState, message, fatal } = error as {
      errno?: number;
      sqlState?: string;
      message: string;
      fatal?: boolean;
    };
    if (sqlState === undefined && fatal === true) return [{ kind: 'closed' }];
    return [{ kind: 'err', errno, sqlstate: sqlState, message: comparable(message) }];
  }
}

describe.skipIf(mysql9 === undefined)('recorded sessions through gateway, tablet and MySQL 9', () => {
  let cluster: ClusterFixture;
  let changed = true;
  beforeAll(async () => {
    if (mysql9 === undefined) return;
    const auth = users(recording.users);
    cluster = await startCluster({
      program: mysql9,
      database: 'vt_commerce',
      gateway: { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth } },
      fidelity: { mode: 'vitess', version: '24.0-recorded' },
    });
    await cluster.atMysql(...recording.schema);
    await cluster.atMysql(
      "insert into rows2k with recursive r as (select 1 as i union all select i + 1 from r where i < 2000) select /*+ SET_VAR(cte_max_recursion_depth = 5000) */ i, concat('v', i) from r",
    );
    await cluster.tablet.reloadSchema();
  }, 120_000);
  afterAll(async () => {
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  it.each(cases.map((one) => [one.id, one] as const))('%s', async (id, one) => {
    if (changed) await cluster.atMysql(...recording.fixture);
    changed = (one.steps ?? []).some(({ do: [, text] }) => typeof text !== 'string' || changesData.test(text));
    const { host, port } = cluster.gateway.mysql as { host: string; port: number };
    const { user = 'alice', password = 'pw1', database = 'commerce', addCapabilities = [] } = one.connect ?? {};
    const client = await createConnection({
      host,
      port,
      user,
      password,
      ...(database === null ? {} : { database }),
      multipleStatements: addCapabilities.includes('MULTI_STATEMENTS'),
    });
    client.on('error', () => undefined);
    const different: unknown[] = [];
    try {
      for (const { do: step, got } of one.steps ?? []) {
        const [operation, argument] = step;
        if (operation !== 'query') continue;
        const text = textOf(argument as Text).toString('utf8');
        const expected = (got.results ?? [got]).map(recordedOutcome);
        const seen = await play(client, text);
        // A failure in several results hides the ones before it from this client.
        const comparedWith = seen.length < expected.length ? expected.slice(-seen.length) : expected;
        const same = seen.every((outcome, index) => matches(outcome, comparedWith[index]));
        if (!same) different.push({ text, expected: comparedWith, seen });
        if (expected.some(({ kind }) => kind === 'closed')) break;
      }
    } finally {
      client.destroy();
    }
    const known = knownDifferences[id];
    if (known === undefined) expect(different).toEqual([]);
    else expect(different.length, `listed as different (${known}) but equal: take it off the list`).toBeGreaterThan(0);
  });
});

function matches(seen: Outcome, expected: Outcome | undefined): boolean {
  if (expected === undefined || seen.kind !== expected.kind) return false;
  if (expected.kind === 'rows' && expected['rows'] === 'not compared') return true;
  return JSON.stringify(seen) === JSON.stringify(expected);
}
