import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src-main/domain/kernel';
import { BackendTables } from '../../../src-main/services/access/backend-tables';
import { listBackendTables } from '../../../src-main/services/access/list-backend-tables';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { createFleet, makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { installedPrograms } from '../backend/backend-fixture';

const [program] = await installedPrograms();
const busy = 120_000;

describe.skipIf(program === undefined)('tables of a running shop', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  beforeAll(async () => {
    made = await makeWorkspace('shop');
    cluster = await fleet.start(await made.load(), program!);
  }, busy);
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  it('are those of the database, asked over the protected link', async () => {
    expect(await listBackendTables(cluster, 'shop')).toEqual([
      'customers',
      'order_items',
      'orders',
      'payments',
      'products',
      'staff_notes',
    ]);
  });

  it('fail with the place where they were asked for, and no secret', async () => {
    const [backend] = cluster.addresses.backends;
    const elsewhere = { ...cluster, addresses: { ...cluster.addresses, backends: [{ ...backend!, port: 1 }] } };
    const failure = await listBackendTables(elsewhere, 'shop').catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: { code: 'access.tables' } });
    expect(String(failure)).toMatch(/did not list the tables of shop: net\.Dial/);
    await expect(listBackendTables(cluster, 'nowhere')).rejects.toThrow(/No tablet of the running cluster serves/);
    const wrong = { ...cluster, secrets: { get: () => new Secret('not this one') } } as unknown as Cluster;
    await expect(listBackendTables(wrong, 'shop')).rejects.toThrow(/Access denied/);
    const text = JSON.stringify(await listBackendTables(wrong, 'shop').catch((error: unknown) => error));
    expect(text).not.toContain('not this one');
  });

  it('are given up on when the server says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const [backend] = cluster.addresses.backends;
      const { port } = silent.address() as AddressInfo;
      const mute = { ...cluster, addresses: { ...cluster.addresses, backends: [{ ...backend!, port }] } };
      const start = performance.now();
      await expect(listBackendTables(mute, 'shop', 300)).rejects.toMatchObject({ failure: { code: 'access.tables' } });
      expect(performance.now() - start).toBeLessThan(5_000);
    } finally {
      silent.close();
    }
  });
});

describe('BackendTables', () => {
  const running = (...keyspaces: string[]): Cluster =>
    ({ workspace: { topology: { keyspaces: keyspaces.map((name) => ({ name })) } } }) as unknown as Cluster;

  /** A cluster that can be switched, and answers that are given by hand. */
  function bench() {
    let cluster: Cluster | null = null;
    const listeners = new Set<() => void>();
    const asked: { keyspace: string; answer(names: string[] | Error): void }[] = [];
    let changes = 0;
    const tables = new BackendTables(
      {
        get cluster() {
          return cluster;
        },
        onChanged: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      () => (changes += 1),
      (_cluster, keyspace) =>
        new Promise((resolve, reject) => {
          asked.push({
            keyspace,
            answer: (names) => (names instanceof Error ? reject(names) : resolve(names)),
          });
        }),
    );
    return {
      tables,
      asked,
      changes: () => changes,
      run: (next: Cluster | null) => {
        cluster = next;
        for (const listener of listeners) listener();
      },
      settle: () => new Promise((resolve) => setImmediate(resolve)),
    };
  }

  it('asks once for each start, not for every change of the cluster', async () => {
    const { tables, asked, run, settle } = bench();
    expect(tables.of('a')).toEqual({ state: 'stopped', names: [], failure: null });
    const cluster = running('a', 'b');
    run(cluster);
    run(cluster);
    expect(asked.map(({ keyspace }) => keyspace)).toEqual(['a', 'b']);
    expect(tables.of('a').state).toBe('listing');
    asked[0]?.answer(['t']);
    asked[1]?.answer(new Error('gone'));
    await settle();
    expect(tables.of('a')).toEqual({ state: 'listed', names: ['t'], failure: null });
    expect(tables.of('b')).toMatchObject({ state: 'failed', names: [], failure: { code: 'access.tables' } });
    run(null);
    expect(tables.of('a').state).toBe('stopped');
  });

  it('passes over a late answer of a cluster that is gone', async () => {
    const { tables, asked, run, settle } = bench();
    run(running('a'));
    run(null);
    run(running('a'));
    asked[1]?.answer(['new']);
    asked[0]?.answer(['old']);
    await settle();
    expect(tables.of('a').names).toEqual(['new']);
  });

  it('keeps the old names while it asks again', async () => {
    const { tables, asked, run, settle, changes } = bench();
    run(running('a'));
    asked[0]?.answer(['t']);
    await settle();
    const before = changes();
    const again = tables.refresh();
    expect(tables.of('a')).toMatchObject({ state: 'listing', names: ['t'] });
    asked[1]?.answer(['t', 'u']);
    await again;
    expect(tables.of('a')).toMatchObject({ state: 'listed', names: ['t', 'u'] });
    expect(changes()).toBe(before + 2);
  });
});
