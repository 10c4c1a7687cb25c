import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from 'mysql2/promise';
import { createGateway, type Gateway } from '../../../src-main/servers/gateway';
import { connectMysql, gatewayConfig, refusal } from '../../support/gateway-fixture';
import { createStubTablet, type StubTablet } from '../../support/stub-tablet';

/** Two keyspaces, each with its tablet (stubs): where a statement goes, and a transaction over both. */
describe('a gateway with two keyspaces', () => {
  let shop: StubTablet;
  let crm: StubTablet;
  let gateway: Gateway;
  let client: Connection;

  beforeAll(async () => {
    shop = await createStubTablet({ target: { keyspace: 'shop', shard: '0', tabletType: 1 } });
    crm = await createStubTablet({ target: { keyspace: 'crm', shard: '0', tabletType: 1 } });
    const tablet = { shard: '0', type: 'primary', host: '127.0.0.1' } as const;
    gateway = await createGateway(
      gatewayConfig(shop.port, {
        keyspaces: [
          { name: 'shop', shards: ['0'] },
          { name: 'crm', shards: ['0'] },
        ],
        tablets: [
          { ...tablet, alias: 'zone1-100', keyspace: 'shop', port: shop.port },
          { ...tablet, alias: 'zone1-200', keyspace: 'crm', port: crm.port },
        ],
      }),
    );
    client = await connectMysql(gateway, { database: 'shop' });
  });
  afterAll(async () => {
    client.destroy();
    await gateway.stop({ graceMs: 0 });
    await shop.stop();
    await crm.stop();
  });

  it('goes by the default database, and by a qualifier before that', async () => {
    await client.query('select a from t1');
    await client.query('select a from crm.people');
    expect([shop.taken(), crm.taken()]).toEqual([['Execute: select a from t1'], ['Execute: select a from people']]);
    await client.query('use crm');
    await client.query('select a from people');
    expect(crm.taken()).toEqual(['Execute: select a from people']);
    await client.query('use shop');
  });

  it('refuses statements over both, and statements for neither', async () => {
    expect(await refusal(client.query('select * from shop.t1 join crm.people'))).toMatchObject({
      errno: 1235,
      sqlState: '42000',
    });
    const nowhere = await connectMysql(gateway, { database: '' });
    expect(await refusal(nowhere.query('select a from t1'))).toMatchObject({ errno: 1046, sqlState: '3D000' });
    nowhere.destroy();
    expect([shop.taken(), crm.taken()]).toEqual([[], []]);
  });

  it('commits at both', async () => {
    await client.query('begin');
    await client.query('select a from t1');
    await client.query('select a from crm.people');
    await client.query('commit');
    expect([shop.taken(), crm.taken()]).toEqual([
      ['BeginExecute: select a from t1', 'Commit'],
      ['BeginExecute: select a from people', 'Commit'],
    ]);
  });

  it('says which tablet is away', async () => {
    await crm.stop();
    await expect
      .poll(async () => (await refusal(client.query('select a from crm.people')))?.message, { timeout: 5000 })
      .toBe('target: crm.0.primary: no healthy tablet available for \'keyspace:"crm" shard:"0" tablet_type:PRIMARY\'');
    expect(await refusal(client.query('select a from t1'))).toBeNull();
  });
});
