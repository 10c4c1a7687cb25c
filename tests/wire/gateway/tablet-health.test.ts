import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateway, type Gateway, type GatewayConfig } from '../../../src-main/servers/gateway';
import { noRecorder } from '../../../src-main/servers/recorder';
import { createGrpcServer, GrpcStatusError, queryMethods, serve, type query } from '../../../src-main/servers/rpc';
import { connectMysql, gatewayConfig, refusal } from '../../support/gateway-fixture';
import { field, row } from '../../support/stub-tablet';

/** A gateway goes by what its tablets say of themselves, not by what it was told of them. */
const noTablet = `target: commerce.0.primary: no healthy tablet available for 'keyspace:"commerce" shard:"0" tablet_type:PRIMARY'`;
const fit: query.IStreamHealthResponse = {
  target: { keyspace: 'commerce', shard: '0', tabletType: 1 },
  serving: true,
  primaryTermStartTimestamp: 100n,
  realtimeStats: {},
  tabletAlias: { cell: 'zone1', uid: 100 },
};

describe('the health of a tablet', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** A tablet that says what `say` is called with, to every listener, and answers every statement with its text. */
  async function tablet(first: query.IStreamHealthResponse | GrpcStatusError | null) {
    let present = first;
    const news = new EventEmitter();
    const asked: string[] = [];
    const service = serve(queryMethods, {
      async *StreamHealth(_request, { signal }) {
        while (!signal.aborted) {
          const next = once(news, 'said', { signal });
          next.catch(() => undefined);
          if (present instanceof GrpcStatusError) throw present;
          if (present !== null) yield present;
          await next.catch(() => undefined);
        }
      },
      async *GetSchema({ tableType, tableNames }) {
        asked.push(`${tableType === 1 ? 'tables' : 'views'} ${tableNames.join()}`);
        yield { tableDefinition: { t1: 'create table t1 (id int)' } };
      },
      Execute: async (request) => ({ result: { fields: [field('sql')], rows: [row(request.query?.sql ?? '')] } }),
    });
    const server = await createGrpcServer(
      { name: 'tablet', listen: { host: '127.0.0.1', port: 0 }, recorder: noRecorder },
      [service],
    );
    ends.push(() => server.stop({ graceMs: 0 }));
    return {
      port: server.address.port,
      asked,
      say: (next: typeof present) => {
        present = next;
        news.emit('said');
      },
    };
  }

  async function start(
    port: number,
    more: Partial<GatewayConfig> = {},
  ): Promise<{ gateway: Gateway; ask: () => Promise<string | null> }> {
    const gateway = await createGateway(gatewayConfig(port, { initialTabletTimeoutMs: 300, ...more }));
    ends.push(() => gateway.stop({ graceMs: 0 }));
    const client = await connectMysql(gateway);
    ends.push(() => Promise.resolve(client.destroy()));
    return { gateway, ask: async () => (await refusal(client.query('select a from t1')))?.message ?? null };
  }

  it('is heard before anything is sent to it', async () => {
    const { port, say, asked } = await tablet(fit);
    const { gateway, ask } = await start(port);
    expect(await ask()).toBeNull();
    await expect.poll(() => asked, { timeout: 5000 }).toEqual(['tables ', 'views ']);
    say({ ...fit, realtimeStats: { tableSchemaChanged: ['t1', 't2'] } });
    await expect.poll(() => asked.at(-1), { timeout: 5000 }).toBe('tables t1,t2');
    say({ ...fit, serving: false });
    await expect.poll(ask).toBe(noTablet);
    expect(gateway.tablets).toMatchObject([{ alias: 'zone1-0000000100', serving: false, lastError: null }]);
    say(fit);
    await expect.poll(ask).toBeNull();
  });

  it.each<[string, query.IStreamHealthResponse | GrpcStatusError | null]>([
    ['says nothing', null],
    ['does not know the call', new GrpcStatusError(12, 'unknown method StreamHealth')],
    ['asks for credentials', new GrpcStatusError(16, 'username and password must be provided')],
    ['reports an error', { ...fit, realtimeStats: { healthError: 'boom' } }],
    ['serves another keyspace', { ...fit, target: { keyspace: 'other', shard: '0', tabletType: 1 } }],
    ['serves another shard', { ...fit, target: { keyspace: 'commerce', shard: '-80', tabletType: 1 } }],
    ['is a replica', { ...fit, target: { keyspace: 'commerce', shard: '0', tabletType: 2 } }],
    ['is another tablet', { ...fit, tabletAlias: { cell: 'zone1', uid: 101 } }],
    ['leaves out its target', { ...fit, target: null }],
    ['leaves out its statistics', { ...fit, realtimeStats: null }],
  ])('keeps statements away from one that %s', async (_, word) => {
    const { port, asked } = await tablet(word);
    const { ask } = await start(port);
    expect(await ask()).toBe(noTablet);
    expect(asked).toEqual([]);
  });

  it('counts one that has fallen silent as lost, and takes it back', async () => {
    const { port, say } = await tablet(fit);
    const { gateway, ask } = await start(port, { healthTimeoutMs: 200 });
    say(null);
    await expect.poll(() => gateway.tablets[0]?.lastError).toBe('healthcheck timed out');
    expect(await ask()).toBe(noTablet);
    say(fit);
    await expect.poll(ask).toBeNull();
  });

  it('makes a promoted replica the one that is asked', async () => {
    const replica = { ...fit, target: { keyspace: 'commerce', shard: '0', tabletType: 2 } };
    const { port, say } = await tablet(replica);
    const { ask } = await start(port);
    expect(await ask()).toBe(noTablet);
    say({ ...fit, primaryTermStartTimestamp: 200n });
    await expect.poll(ask).toBeNull();
  });
});
