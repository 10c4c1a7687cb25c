import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Predictor } from '../../../src-main/domain/probes';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { fidelityOf } from '../../../src-main/services/workspace/load-workspace';
import { refusal } from '../../support/gateway-fixture';
import { createFleet, differing, makeWorkspace, verifyOf, type MadeWorkspace } from '../../support/workspace';
import { editTopology } from './rules-fixture';
import { installedPrograms } from '../backend/backend-fixture';

const program = (await installedPrograms())[0];
if (program === undefined) console.warn('not run: query rules of a tablet, as there is no MySQL or MariaDB here');
const busy = 120_000;

/** Rules in the order in which they are asked. */
const rules = [
  { Name: 'nobody', Description: 'never seen', User: 'shop_web|web', Query: '.*' },
  { Name: 'no such port', Description: 'never seen', RequestIP: '127\\.0\\.0\\.1' },
  { Name: 'held', Description: 'held', Action: 'BUFFER', TableNames: ['orders'], Query: 'select id from orders' },
  {
    Name: 'orders 7',
    Description: 'order 7 is closed',
    TableNames: ['orders'],
    BindVarConds: [{ Name: 'id', OnAbsent: false, OnMismatch: false, Operator: '==', Value: 7 }],
  },
  {
    Name: 'texts',
    Description: 'no such status',
    BindVarConds: [{ Name: 'status', OnAbsent: false, OnMismatch: true, Operator: 'MATCH', Value: '(?i).*drop.*' }],
  },
  { Name: 'whole', Description: 'no whole tables', Query: 'select \\* from orders', Plans: ['Select'] },
  { Name: 'deletes', Description: 'nothing is deleted', Plans: ['Delete', 'DeleteLimit'], Action: 'FAIL_RETRY' },
  { Name: 'marked', Description: 'batch is not allowed', LeadingComment: '/\\* batch \\*/ ?' },
  {
    Name: 'from gateways',
    Description: 'customers are not read',
    User: 'gRPC',
    RequestIP: '127\\.0\\.0\\.1:[0-9]+',
    Query: 'select .* from customers( .*)?',
  },
];

const text = (code: string, description: string): string =>
  `target: shop.0.primary: vttablet: rpc error: code = ${code} desc = disallowed due to rule: ${description} (CallerID: shop_web)`;
const fail = (description: string) => ({
  errno: 1105,
  sqlState: 'HY000',
  message: text('InvalidArgument', description),
});
const retry = (description: string) => ({
  errno: 1105,
  sqlState: 'HY000',
  message: text('FailedPrecondition', description),
});

/** What a statement of web comes to; null: rows. */
const statements: readonly (readonly [sql: string, refused: ReturnType<typeof fail> | null])[] = [
  ['select id, status from orders where id = 8', null],
  ['select id, status from orders where id = 7', fail('order 7 is closed')],
  // An alias gives the bind variable another name.
  ['select o.id from orders as o where o.id = 7', null],
  // What holds nobody back ends the search for a rule.
  ['select id from orders', null],
  ['select * from orders', fail('no whole tables')],
  ['SELECT  *  FROM orders', fail('no whole tables')],
  ['select * from orders limit 1', null],
  ["select id from orders where status = 'please DROP it'", fail('no such status')],
  ["select id from orders where status = 'new'", null],
  ['delete from orders where id = 99', retry('nothing is deleted')],
  ['/* batch */ select id from products where id = 1', fail('batch is not allowed')],
  ['/* batch two */ select id from products where id = 1', null],
  ['select name from customers where id = 1', fail('customers are not read')],
];

describe.skipIf(program === undefined)('query rules of a tablet', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  const open: Connection[] = [];

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    await writeFile(join(made.dir, 'query-rules.json'), JSON.stringify(rules, null, 2));
    await editTopology(made.dir, (tablet) => ({ ...tablet, queryRules: 'query-rules.json', queryRulesWatch: true }));
    cluster = await fleet.start(await made.load(), program!);
  }, busy);
  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy();
  });
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  const web = async (): Promise<Connection> => {
    const connection = await createConnection({
      socketPath: cluster.addresses.gateways.find(({ name }) => name === 'main')!.mysql!.socket!,
      user: 'web',
      password: cluster.secrets.get('users/web')!.reveal(),
      database: 'shop',
    });
    open.push(connection);
    return connection;
  };

  it.each(statements)('%s', async (sql, refused) => {
    const connection = await web();
    const said = await refusal(connection.query(sql));
    expect(said).toEqual(refused === null ? null : expect.objectContaining(refused));
    // Nothing but the statement is refused.
    expect(await refusal(connection.query('select id from products where id = 1'))).toBeNull();
  });

  it('puts prepared statements to them, whose variables have names of their own', async () => {
    const connection = await web();
    expect(await refusal(connection.execute('select * from orders'))).toMatchObject(fail('no whole tables'));
    expect(await refusal(connection.execute('select status from orders where id = ?', [7]))).toBeNull();
  });

  it('predicts what the cluster does', () => {
    const { workspace } = cluster;
    const predictor = new Predictor({
      ...workspace,
      now: new Date(),
      fidelityOf: (gateway) => fidelityOf(workspace, gateway),
    });
    for (const [sql, refused] of statements) {
      const { outcome } = predictor.predictStatement(
        sql,
        { username: 'shop_web', groups: [] },
        workspace.topology.tablets[0]!,
        fidelityOf(workspace, null),
        true,
      );
      expect({ sql, verdict: outcome.verdict, message: outcome.message }).toEqual({
        sql,
        verdict: refused === null ? 'allow' : 'refused',
        message: refused?.message ?? null,
      });
    }
  });

  it(
    'predicts every cell of the tests',
    async () => {
      const report = await verifyOf(cluster);
      expect(differing(report).filter((line) => line.includes('predicted'))).toEqual([]);
      // Most cells can be predicted: only what a run alone shows is left open.
      expect(report.results.filter(({ predicted }) => predicted.verdict === 'cannot-decide')).toEqual([]);
      expect(report.results.some(({ actual }) => actual.message?.includes('nothing is deleted') === true)).toBe(true);
    },
    busy,
  );

  it(
    'are read again when their file changes, and those in force stay while it is at fault',
    async () => {
      const connection = await web();
      const sql = 'select id from products where id = 1';
      const put = async (content: string): Promise<void> => {
        await writeFile(join(made.dir, 'new'), content);
        await rename(join(made.dir, 'new'), join(made.dir, 'query-rules.json'));
      };
      const until = (want: string | null): Promise<void> =>
        expect
          .poll(async () => (await refusal(connection.query(sql)))?.message ?? null, { timeout: 10_000 })
          .toBe(want);
      await put(JSON.stringify([{ Description: 'closed', TableNames: ['products'] }]));
      await until(text('InvalidArgument', 'closed'));
      await put('[{"Description": "open", "Tables": []}]');
      await put('[{');
      expect(await refusal(connection.query(sql))).not.toBeNull();
      await put('[]');
      await until(null);
      await put(JSON.stringify(rules, null, 2));
    },
    busy,
  );
});
