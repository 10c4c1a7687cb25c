import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src-main/domain/kernel';
import { ClusterControl } from '../../../src-main/services/cluster/cluster-control';
import { ReviewService } from '../../../src-main/services/document/review-service';
import type { WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { ports, verifyOf } from '../../support/workspace';
import { installedPrograms } from '../backend/backend-fixture';
import { DocumentFixture, letAnalystsReadPayments, replaceIn } from './document-fixture';

/** A version is applied to a cluster that runs: real gateway, tablet and MySQL. */
const [program] = await installedPrograms();
let fixture: DocumentFixture;
let document: WorkspaceDocument;
let cluster: ClusterControl;
let service: ReviewService;
beforeAll(async () => {
  fixture = await DocumentFixture.make();
  document = await fixture.open();
  cluster = new ClusterControl(fixture.dir, {
    ports: { ...ports, clock: systemClock },
    unlocker: { kind: 'key-file' },
    program: 'test',
    mysqld: () => program?.path,
  });
  service = new ReviewService(document, cluster);
  await cluster.start();
});
afterAll(async () => {
  await cluster.stop(0);
  await fixture.end();
});

/** What maria gets on payments over a real connection. */
const mariaOnPayments = async (): Promise<string | undefined> => {
  const report = await verifyOf(cluster.require(), {
    only: (id) => id === 'shop/access/maria/mysql-tls/payments/read',
  });
  return report.results[0]?.actual.verdict;
};
const apply = async (note = ''): Promise<unknown> => {
  const { revision } = await service.review();
  return service.apply(note, revision);
};

it('takes an access change over at once, without ending connections', async () => {
  expect(await mariaOnPayments()).toBe('deny');
  const [gateway] = cluster.require().addresses.gateways;
  const open = await createConnection({
    socketPath: gateway?.mysql?.socket ?? '',
    user: 'web',
    password: document.secrets.get('users/web')?.reveal() ?? '',
    database: 'shop',
  });
  await document.edit('Add Reader', letAnalystsReadPayments);
  expect((await service.review()).effect).toMatchObject({
    kind: 'at-once',
    running: true,
    connections: 1,
    holder: null,
  });
  expect(await apply('analysts')).toMatchObject({ version: 2, cells: 3 });
  expect(await mariaOnPayments()).toBe('allow');
  await open.query('select id from orders where id = 7');
  await open.end();
  expect((await service.history()).map(({ number, current }) => [number, current])).toEqual([
    [2, true],
    [1, false],
  ]);
});

it('refuses a draft that is not the one that was looked at', async () => {
  const { revision } = await service.review();
  await document.edit('Later', replaceIn('schema.sql', /^/, '-- later\n'));
  await expect(service.apply('', revision)).rejects.toMatchObject({ failure: { code: 'document.stale' } });
  await document.undo();
});

it('restarts for settings, and goes back when the restart fails', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const before = await fixture.appliedSet();
  await document.edit(
    'Port',
    replaceIn('gatehouse.json', '"unixSocket": true', `"unixSocket": true, "listen": { "port": ${port} }`),
  );
  expect((await service.review()).effect).toMatchObject({
    kind: 'restart',
    parts: [{ kind: 'gateway', name: 'main' }],
  });
  await expect(apply()).rejects.toMatchObject({
    failure: {
      code: 'document.not-applied',
      summary: expect.stringMatching(
        new RegExp(`^Not applied\\. .*${port}.* The previous version is still running\\.$`),
      ),
    },
  });
  expect(await fixture.appliedSet()).toBe(before);
  expect(cluster.state.kind).toBe('running');
  expect(await mariaOnPayments()).toBe('allow');
  expect(document.changedFiles).toEqual(['gatehouse.json']);

  taken.close();
  await once(taken, 'close');
  await apply();
  expect(cluster.require().addresses.gateways[0]?.mysql?.port).toBe(port);
  expect(await mariaOnPayments()).toBe('allow');
});

it('loads what others have changed into the cluster that runs', async () => {
  const text = await fixture.applied('acl.json');
  await writeFile(`${fixture.dir}/acl.json`, text.replace('"operations", "analysts"]', '"operations"]'));
  await document.checkDisk();
  await service.resolveDisk('load');
  const verdict = await mariaOnPayments();
  expect([document.changedOnDisk, document.changedFiles, verdict]).toEqual([[], [], 'deny']);
});
