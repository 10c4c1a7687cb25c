import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { talkGrpc, talkMysql, type Turn } from '../../../src-main/clients';
import { attackRig, type AttackRig } from '../../support/attack-ground';

/** Several turns on one connection, against the gateway's own listeners and a real MySQL behind them. */
describe('a caller that says more than one thing', () => {
  let rig: AttackRig;
  const say = (turns: readonly Turn[]): ReturnType<typeof talkMysql> => {
    const gateway = rig.ground.addresses.gateways.find(({ name }) => name === 'plain');
    const { host, port } = gateway!.mysql!;
    return talkMysql({
      target: { host, port },
      user: 'vitess',
      password: 'supersecretpassword',
      database: 'commerce',
      tls: null,
      turns,
    });
  };
  beforeAll(async () => {
    rig = await attackRig('user-guide', { group: 'acl-escape', plan: () => [] });
  }, 60_000);
  afterAll(() => rig.close());

  it('reads a result of the binary protocol, with NULL, numbers and texts', async () => {
    const sql = 'select order_id, price, sku, null, 2.5e0 from corder where sku = ? and price > ? limit 1';
    const { attempt, turns } = await say([{ kind: 'bound', sql, values: ['SKU-1001', 10] }]);
    expect(turns[0]).toMatchObject({ error: null, failure: null });
    expect(turns[0]?.answers[0]?.table?.rows).toEqual([['1', '100', 'SKU-1001', null, '2.5']]);
    expect(attempt.stage).toBe('done');
  });

  it('goes on behind an error, and tells it apart from its neighbours', async () => {
    const { turns } = await say([
      { kind: 'query', sql: 'select sku from product order by sku limit 1' },
      { kind: 'query', sql: 'select nothing from product' },
      { kind: 'bound', sql: 'select syntax error', values: [] },
      { kind: 'bound', sql: 'select ? from product limit 1', values: [null] },
      { kind: 'query', sql: 'select count(*) from product' },
    ]);
    expect(turns.map(({ error }) => error === null)).toEqual([true, false, false, true, true]);
    expect(turns[1]?.error?.code).toBe(1054);
    expect(turns[4]?.answers[0]?.table?.rows).toEqual([['2']]);
  });

  it('reads every result of a text with several statements', async () => {
    const { turns } = await say([{ kind: 'several', sql: 'select 1; select sku from product order by sku limit 1' }]);
    expect(turns[0]?.answers.map(({ table }) => table?.rows)).toEqual([[['1']], [['SKU-1001']]]);
  });

  it('sends bytes that are no UTF-8 as they are', async () => {
    const { turns } = await say([
      { kind: 'bound', sql: 'select hex(?) from product limit 1', values: [Buffer.from([0xbf, 0x27])] },
    ]);
    expect(turns[0]?.answers[0]?.table?.rows).toEqual([['BF27']]);
  });

  it('says at which stage a wrong password ended it', async () => {
    const { host, port } = rig.ground.addresses.gateways[0]!.mysql!;
    const { attempt, turns } = await talkMysql({
      ...{ target: { host, port }, user: 'vitess', password: 'wrong', database: null, tls: null },
      turns: [{ kind: 'query', sql: 'select 1' }],
    });
    expect(attempt).toMatchObject({ stage: 'login', error: { code: 1045 } });
    expect(turns).toEqual([]);
  });
});

describe('a gRPC caller that says more than one thing', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('reference', { group: 'acl-escape', plan: () => [] });
  }, 60_000);
  afterAll(() => rig.close());

  it('binds values, sends several statements and streams, on one session', async () => {
    const gateway = rig.ground.addresses.gateways.find(({ name }) => name === 'override');
    const { attempt, turns } = await talkGrpc({
      target: gateway!.grpc!,
      tls: null,
      credentials: null,
      claimed: { principal: 'vtgate client 1', groups: [] },
      targetString: rig.ground.runner.targetString(),
      turns: [
        { kind: 'query', sql: 'begin' },
        { kind: 'bound', sql: 'update vt_insert_test set msg = ? where id = ?', values: ["x'y", 1] },
        { kind: 'bound', sql: 'select msg from vt_insert_test where id = ? and msg = ?', values: [1, "x'y"] },
        { kind: 'query', sql: 'rollback' },
        { kind: 'several', sql: 'select 1; select msg from vt_insert_test where id = 2' },
        { kind: 'batch', sql: ['select 2', 'select nothing from vt_insert_test'] },
        { kind: 'stream', sql: 'select msg from vt_insert_test order by id' },
      ],
    });
    expect(attempt).toMatchObject({ stage: 'done', failure: null });
    expect(turns[2]?.answers[0]?.table?.rows).toEqual([["x'y"]]);
    expect(turns[4]?.answers.map(({ rows }) => rows)).toEqual([1, 1]);
    expect(turns[5]?.error?.message).toContain('nothing');
    expect(turns[6]?.answers.flatMap(({ table }) => table?.rows ?? [])).toEqual([['first'], ['second']]);
  });
});
