import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUsersFile } from '../../../src-main/domain/users';
import { openInterceptor, type Interceptor } from '../../../src-main/servers/interceptor';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { cellsOf } from '../../../src-main/services/verify/verify-service';
import { installedPrograms } from '../backend/backend-fixture';
import { gatehouse } from '../../support/command-line';
import { hardenedMode } from '../../support/gateway-fixture';
import { createPki } from '../../support/tls-identities';
import { createFleet, differing, makeWorkspace, ports, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** Something is made wrong on purpose; verify has to say so and to name exactly the cells that it concerns. */
const [program] = await installedPrograms();
const busy = 120_000;
const access = (caller: string, way: string, ...names: string[]): string[] =>
  names.map((name) => `shop/access/${caller}/${way}/${name}`);

describe.runIf(program !== undefined)('a shop that is not what it says', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;
  let aclFile: string;
  let acl: string;

  /** The ACL without `name` in one list of one group. */
  const without = (group: string, list: 'readers' | 'writers' | 'admins', name: string): string => {
    const content = JSON.parse(acl) as { table_groups: { name: string; [key: string]: string | string[] }[] };
    const names = content.table_groups.find((candidate) => candidate.name === group)![list] as string[];
    expect(names).toContain(name);
    names.splice(names.indexOf(name), 1);
    return JSON.stringify(content, null, 2);
  };

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    aclFile = join(made.dir, 'acl.json');
    acl = await readFile(aclFile, 'utf8');
    cluster = await fleet.start(await made.load(), program!);
    expect(differing(await verifyOf(cluster))).toEqual([]);
  }, busy);
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  it(
    'shows that the tablet allows everything',
    async () => {
      const [tablet] = cluster.tablets;
      const { topology, acls } = cluster.workspace;
      await tablet!.update({ acl: { acl: null, settings: { strict: false, dryRun: false, exempt: '' } } });
      try {
        const forbidden = cellsOf(cluster.workspace).filter(({ expected }) => expected.verdict === 'deny');
        expect(forbidden.length).toBeGreaterThan(100);
        expect(differing(await verifyOf(cluster))).toEqual(
          forbidden.map(({ id }) => `${id} | expected, predicted | allow`),
        );
      } finally {
        const { strict, dryRun, exempt } = topology.tablets[0]!.acl;
        await tablet!.update({
          acl: { acl: acls.get('acl.json') ?? null, settings: { strict, dryRun, exempt } },
        });
      }
    },
    busy,
  );

  it(
    'shows that the gateway hands over another caller’s ID',
    async () => {
      const file = await readFile(join(made.dir, 'users.json'), 'utf8');
      const users = JSON.parse(file) as Record<string, { UserData?: string; Groups?: string[] }[]>;
      const swapped = structuredClone(users);
      for (const [name, other] of [
        ['ines', 'maria'],
        ['maria', 'ines'],
      ] as const)
        for (const entry of swapped[name]!) {
          const { UserData, Groups } = users[other]![0]!;
          Object.assign(entry, { UserData, Groups });
        }
      const parse = (content: unknown) =>
        parseUsersFile(Buffer.from(JSON.stringify(content)), { file: 'users.json', fidelity: hardenedMode }).users!;
      const main = cluster.gateways.find(({ name }) => name === 'main')!;
      await main.update({ mysqlAuth: { kind: 'static', users: parse(swapped), file: 'users.json' } });
      try {
        const report = await verifyOf(cluster);
        const all = ['customers', 'products', 'orders', 'order_items', 'payments', 'staff_notes'].flatMap((table) =>
          ['read', 'write', 'admin'].map((role) => `${table}/${role}`),
        );
        // What both may do looks the same; a denial of the other's name differs from the prediction by its text.
        const same = ['customers/read', 'products/read', 'orders/read', 'order_items/read'];
        const hers = ['customers/write', 'staff_notes/read', 'staff_notes/write'];
        const lines = (caller: string, way: string, verdict: string): string[] =>
          all
            .filter((cell) => !same.includes(cell))
            .map((cell) =>
              hers.includes(cell)
                ? `shop/access/${caller}/${way}/${cell} | expected, predicted | ${verdict}`
                : `shop/access/${caller}/${way}/${cell} | predicted | deny at tablet`,
            );
        expect(differing(report)).toEqual([
          ...lines('ines', 'mysql-tls-verified', 'deny at tablet'),
          ...lines('maria', 'mysql-tls', 'allow'),
          'shop/admission/the whole text of a denial/maria/mysql-tls-verified/right | expected, predicted | deny at tablet',
          'shop/admission/a common table expression does not hide a table/maria/mysql-tls-verified/right | predicted | deny at tablet',
        ]);
        const told = report.results.find(({ cell }) => cell.id.startsWith('shop/admission/the whole text'))!;
        expect(told.predicted.message).toContain("user 'maria', in groups [analysts],");
        expect(told.actual.message).toContain("user 'ines', in groups [support],");
      } finally {
        await main.update({ mysqlAuth: { kind: 'static', users: parse(users), file: 'users.json' } });
      }
    },
    busy,
  );

  it(
    'shows that the ACL file is no longer the one that runs',
    async () => {
      await writeFile(aclFile, without('orders', 'readers', 'support'));
      try {
        // What happens is still as expected, so only the prediction may differ.
        expect(differing(await verifyOf(cluster, { workspace: await made.load() }))).toEqual(
          access('ines', 'mysql-tls-verified', 'orders/read', 'order_items/read').map(
            (id) => `${id} | predicted | allow`,
          ),
        );
      } finally {
        await writeFile(aclFile, acl);
      }
    },
    busy,
  );

  it(
    'shows a proxy that ends TLS with a certificate of its own',
    async () => {
      const pki = createPki();
      const impostor = pki.selfSigned('main.shop.internal');
      const proxies: Interceptor[] = [];
      const inFront = async (protocol: 'mysql' | 'grpc', target: { host: string; port: number } | null) => {
        const proxy = await openInterceptor({ protocol, target: target!, identity: impostor });
        proxies.push(proxy);
        return proxy.address;
      };
      try {
        const gateways = [];
        for (const gateway of cluster.addresses.gateways)
          gateways.push({
            ...gateway,
            mysql: { ...gateway.mysql!, ...(await inFront('mysql', gateway.mysql)) },
            grpc: await inFront('grpc', gateway.grpc),
          });
        const report = await verifyOf(cluster, { addresses: { ...cluster.addresses, gateways } });

        const verified = ['mysql-tls-verified', 'mysql-mutual-tls', 'grpc-tls', 'grpc-mutual-tls'];
        expect(differing(report)).toEqual(
          cellsOf(cluster.workspace)
            .filter(({ transport, expected }) => verified.includes(transport) && expected.stoppedAt !== 'tls')
            .map(({ id }) => `${id} | expected, predicted | refused at tls`),
        );
        for (const { cell, attempt, traceId } of report.results) {
          const handshake = attempt.steps.find(({ name, outcome }) => name === 'tls.handshake' && outcome === 'ok');
          if (verified.includes(cell.transport)) expect(handshake).toBeUndefined();
          // A client that verifies nobody gets in; whom it spoke with, and that the gateway never saw it, is in its trace.
          else if (cell.transport === 'mysql-tls' && cell.caller.name === 'maria') {
            expect(handshake?.data).toMatchObject({ serverIssuer: 'CN=main.shop.internal', serverVerified: false });
            expect(traceId).toBeNull();
          }
        }
        const read = Buffer.concat(proxies.flatMap((proxy) => proxy.intercepted().chunks.map(({ bytes }) => bytes)));
        expect(read.includes('select id, name from customers')).toBe(true);
      } finally {
        for (const proxy of proxies) await proxy.close();
      }
    },
    busy,
  );

  it(
    'shows a name that was deleted from the ACL, and the command line ends with 1',
    async () => {
      await fleet.stop();
      await writeFile(aclFile, without('money', 'writers', 'billing'));
      const outcome = await gatehouse(['verify', made.dir, '--json', '--mysqld', program!.path], {
        GATEHOUSE_CACHE: join(ports.templateDir, '..'),
      });
      expect(outcome).toMatchObject({ code: 1, signal: null });
      const { cells, totals } = JSON.parse(outcome.stdout) as {
        cells: { id: string; differences: string[]; actual: { verdict: string } }[];
        totals: Record<string, number>;
      };
      // Expected and actual part; files and cluster agree.
      expect(cells.filter(({ differences }) => differences.length > 0)).toMatchObject([
        {
          id: 'shop/access/billing/mysql-mutual-tls/payments/write',
          differences: ['expected'],
          actual: { verdict: 'deny' },
        },
      ]);
      expect(totals).toMatchObject({
        cells: 223,
        asExpected: 222,
        differsFromExpectation: 1,
        differsFromPrediction: 0,
      });
      const text = await gatehouse(
        ['verify', made.dir, '--only', 'billing/mysql-mutual-tls/payments', '--mysqld', program!.path],
        { GATEHOUSE_CACHE: join(ports.templateDir, '..') },
      );
      expect(text.code).toBe(1);
      expect(text.stdout).toContain('! shop/access/billing/mysql-mutual-tls/payments/write');
      expect(text.stdout).toContain('3 cells, 1 allowed, 2 stopped, 1 differ');
    },
    busy,
  );
});
