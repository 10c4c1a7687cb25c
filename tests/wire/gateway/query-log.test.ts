import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createGateway,
  type Gateway,
  type GatewayQueryLogConfig,
  type QueryLogRecord,
} from '../../../src-main/servers/gateway';
import { GrpcStatusError } from '../../../src-main/servers/rpc';
import { connectMysql, gatewayConfig, refusal } from '../../support/gateway-fixture';
import { createStubTablet, field, row, type StubTablet } from '../../support/stub-tablet';

/** What the query log of a running gateway holds, and where it goes. The tablet is a stub. */
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-query-log-'));

describe('the query log', () => {
  let tablet: StubTablet;
  const gateways: Gateway[] = [];
  beforeAll(async () => {
    tablet = await createStubTablet({
      answer: (sql) =>
        /closed/.test(sql)
          ? new GrpcStatusError(7, 'Select command denied (CallerID: alice_data)')
          : { fields: [field('n', 265)], rows: [row('1')] },
    });
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.stop({ graceMs: 0 });
  });
  afterAll(async () => {
    await tablet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (queryLog: GatewayQueryLogConfig | null): Promise<Gateway> => {
    const gateway = await createGateway(gatewayConfig(tablet.port, { queryLog }));
    gateways.push(gateway);
    return gateway;
  };

  it('names the caller, the statement, its tables and its error', async () => {
    const gateway = await start({ format: 'text' });
    const heard: QueryLogRecord[] = [];
    const leave = gateway.subscribeQueryLog((record) => heard.push(record));
    const client = await connectMysql(gateway);
    await client.query('select a from t1 join t2 using (id)');
    await refusal(client.query('select * from closed'));
    await client.query('begin');
    leave();
    await client.query('commit');
    await client.end();
    expect(gateway.queryLog.map(({ statementType }) => statementType)).toEqual([
      'USE',
      'SELECT',
      'SELECT',
      'BEGIN',
      'COMMIT',
    ]);
    expect(heard).toHaveLength(4);
    const [, select, denied] = gateway.queryLog;
    expect(select).toMatchObject({
      method: 'Execute',
      username: 'alice',
      immediateCaller: 'alice_data',
      effectiveCaller: 'alice',
      shardQueries: 1,
      tabletType: 'PRIMARY',
      tablesUsed: ['commerce.t1', 'commerce.t2'],
      activeKeyspace: 'commerce',
      error: '',
    });
    expect(select?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(denied).toMatchObject({
      tablesUsed: [],
      error:
        'target: commerce.0.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied (CallerID: alice_data)',
    });
  });

  it('goes to a file that only its owner reads, one line a statement', async () => {
    const file = join(folder, 'queries.log');
    const gateway = await start({ format: 'json', file });
    const client = await connectMysql(gateway);
    const statement = await client.prepare('select a from t1 where b = ?');
    await statement.execute(['secret\tvalue']);
    await client.end();
    await gateway.stop({ graceMs: 0 });
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['Method'])).toEqual(['Execute', 'Prepare', 'Execute']);
    expect(lines[2]).toMatchObject({
      SQL: 'select a from t1 where b = ?',
      BindVars: { v1: { type: 'VARCHAR', value: 'secret\tvalue' } },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('leaves values out when it is told to', async () => {
    const file = join(folder, 'redacted.log');
    const gateway = await start({ format: 'text', file, redact: true });
    const client = await connectMysql(gateway);
    const statement = await client.prepare('select a from t1 where b = ?');
    await statement.execute(['S3CRET']);
    await client.end();
    await gateway.stop({ graceMs: 0 });
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('"[REDACTED]"');
    expect(text).not.toContain('S3CRET');
  });

  it('holds errors only, in that mode', async () => {
    const gateway = await start({ format: 'text', mode: 'error' });
    const client = await connectMysql(gateway);
    await client.query('select a from t1');
    await refusal(client.query('select * from closed'));
    await client.end();
    expect(gateway.queryLog).toMatchObject([{ emitReason: 'error', sql: 'select * from closed' }]);
  });

  it('keeps the latest, and nothing when it is off', async () => {
    const gateway = await start({ format: 'text', keep: 5 });
    const client = await connectMysql(gateway);
    for (let n = 0; n < 30; n += 1) await client.query(`select ${n} from t1`);
    await client.end();
    expect(gateway.queryLog.length).toBeLessThanOrEqual(10);
    expect(gateway.queryLog.at(-1)).toMatchObject({
      sql: 'select :vtg1 /* INT64 */ from t1',
      binds: { vtg1: { value: Buffer.from('29') } },
    });
    const silent = await start(null);
    const other = await connectMysql(silent);
    await other.query('select 1 from t1');
    await other.end();
    expect(silent.queryLog).toEqual([]);
  });

  it('does not stop the gateway when its file cannot be written', async () => {
    const gateway = await start({ format: 'text', file: join(folder, 'no', 'such', 'folder', 'x.log') });
    const client = await connectMysql(gateway);
    await client.query('select 1 from t1');
    await client.end();
    expect(gateway.queryLog).toHaveLength(2);
  });
});
