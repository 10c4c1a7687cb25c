import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src-main/domain/kernel';
import { certificatesView } from '../../../src-main/services/certs/certificates-view';
import { createUsualSet, topologyOf } from '../../../src-main/services/certs/usual-set';
import { createFleet, makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { installedPrograms } from '../backend/backend-fixture';
import { setJson } from '../../../src-main/domain/workspace';

const [program] = await installedPrograms();
const fleet = createFleet();
let made: MadeWorkspace[] = [];
const workspace = async (sample: Parameters<typeof makeWorkspace>[0]): Promise<MadeWorkspace> => {
  const one = await makeWorkspace(sample);
  made.push(one);
  return one;
};
afterEach(async () => {
  await fleet.stop();
  await Promise.all(made.map((one) => one.remove()));
  made = [];
});

const view = async ({ dir }: MadeWorkspace) =>
  certificatesView({ dir, topology: (await topologyOf(dir)).topology, now: new Date() });
const text = (at: MadeWorkspace, path: string): Promise<string> => readFile(join(at.dir, path), 'utf8');

describe('an empty workspace', () => {
  test('gets a root, an authority for each question, a certificate for each part, and parts that use them', async () => {
    const one = await workspace('empty');
    const before = (await view(one)).usualSet;
    const { made: done, files } = await createUsualSet(one.dir, systemClock);
    expect(done).toEqual(before);
    expect(files).toContain('gatehouse.json');
    const part = await view(one);
    expect(part.rows.filter(({ role }) => role === 'authority').length).toBe(4);
    expect(part.rows.map(({ role }) => role)).toEqual(
      expect.arrayContaining([
        'root',
        'gateway-server',
        'tablet-server',
        'gateway-as-tablet-client',
        'mysql-server',
        'caller',
      ]),
    );
    expect(part.rows.filter(({ status }) => status !== 'valid')).toEqual([]);
    expect(part.checks.filter(({ warning }) => warning !== null)).toEqual([]);
    expect(part.checks.filter(({ checkedBy }) => checkedBy === 'nobody')).toEqual([]);
    const faults = (await one.load()).findings.filter(({ level }) => level === 'error');
    expect(faults).toEqual([]);
  });

  test('a second time there is nothing to do and nothing changes', async () => {
    const one = await workspace('empty');
    await createUsualSet(one.dir, systemClock);
    const topology = await text(one, 'gatehouse.json');
    expect((await view(one)).usualSet).toEqual([]);
    expect(await createUsualSet(one.dir, systemClock)).toEqual({ files: [], made: [] });
    expect(await text(one, 'gatehouse.json')).toBe(topology);
  });

  test('private keys are for their owner alone', async () => {
    const one = await workspace('empty');
    const { files } = await createUsualSet(one.dir, systemClock);
    const keys = files.filter((path) => path.endsWith('-key.pem'));
    expect(keys.length).toBeGreaterThan(8);
    for (const path of keys) expect(((await stat(join(one.dir, path))).mode & 0o777).toString(8)).toBe('600');
  });

  test.skipIf(program === undefined)(
    'runs: a caller with its certificate is let in over mutual TLS, and nobody without',
    { timeout: 120_000 },
    async () => {
      const one = await workspace('empty');
      await createUsualSet(one.dir, systemClock);
      const cluster = await fleet.start(await one.load(), program!);
      const listener = cluster.addresses.gateways[0]?.mysql;
      const [ca, cert, key, other] = await Promise.all(
        [
          'pki/root/ca-cert.pem',
          'pki/callers/caller-1-cert.pem',
          'pki/callers/caller-1-key.pem',
          'pki/tablet-clients/main-cert.pem',
        ].map((path) => text(one, path)),
      );
      const otherKey = await text(one, 'pki/tablet-clients/main-key.pem');
      const connect = (user: string, ssl: object) =>
        mysql.createConnection({
          host: listener?.host ?? '',
          port: listener?.port ?? 0,
          user,
          password: 'x',
          database: 'main',
          ssl: { ca, ...ssl },
          enableCleartextPlugin: true,
        } as mysql.ConnectionOptions);
      const connection = await connect('caller-1', { cert, key });
      const [rows] = await connection.query('select user() as who');
      expect(rows).toEqual([{ who: 'caller-1@localhost' }]);
      await connection.end();
      await expect(connect('caller-1', {})).rejects.toThrow();
      await expect(connect('caller-2', { cert, key })).rejects.toThrow(/does not match/);
      // A certificate of another authority of the same set opens no door here.
      await expect(connect('gateway main', { cert: other, key: otherKey })).rejects.toThrow();
    },
  );
});

describe('a workspace that is set up already', () => {
  test('the shop lacks nothing', async () => {
    expect((await view(await workspace('shop'))).usualSet).toEqual([]);
  });

  test('only what is in clear changes, line by line', async () => {
    const one = await workspace('reference');
    const before = await text(one, 'gatehouse.json');
    await createUsualSet(one.dir, systemClock);
    const had = before.split('\n');
    const has = (await text(one, 'gatehouse.json')).split('\n');
    // Lines that were there are still there, in their order, but for a comma behind some.
    let at = 0;
    for (const line of had) {
      const found = has.findIndex(
        (candidate, index) => index >= at && candidate.replace(/,$/, '') === line.replace(/,$/, ''),
      );
      expect([line, found >= 0]).toEqual([line, true]);
      at = found + 1;
    }
    const part = await view(one);
    expect(part.checks.filter(({ reason }) => reason === 'plain' || reason === 'socket')).toEqual([]);
  });

  test('a tablet that asks for nothing is made to ask; a gateway that shows nothing to show', async () => {
    const one = await workspace('shop');
    const path = join(one.dir, 'gatehouse.json');
    let content = await readFile(path, 'utf8');
    content = setJson(content, ['tablets', 0, 'grpc', 'tls', 'clientCa'], null);
    content = setJson(content, ['gateways', 0, 'tabletLink', 'cert'], null);
    content = setJson(content, ['gateways', 0, 'tabletLink', 'key'], null);
    await writeFile(path, content);
    await createUsualSet(one.dir, systemClock);
    const { topology } = await topologyOf(one.dir);
    expect(topology.tablets[0]?.grpc.tls?.clientCa).toBe('pki/tablet-clients/ca-cert.pem');
    expect(topology.gateways[0]?.tabletLink).toMatchObject({
      ca: 'pki/tablet-servers/ca-cert.pem',
      cert: 'pki/tablet-clients/main-cert.pem',
      serverName: 'tablet-100.shop.internal',
    });
    expect((await one.load()).findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('callers who log in with a password are not asked for certificates', async () => {
    const one = await workspace('shop');
    const path = join(one.dir, 'gatehouse.json');
    await writeFile(path, setJson(await readFile(path, 'utf8'), ['gateways', 0, 'grpc', 'tls'], null));
    await createUsualSet(one.dir, systemClock);
    const { topology } = await topologyOf(one.dir);
    expect(topology.gateways[0]?.grpc?.tls).toMatchObject({ cert: 'pki/gateways/main-cert.pem', clientCa: null });
  });

  test('an authority whose key is elsewhere is not used: a new one is made beside it', async () => {
    const one = await workspace('empty');
    await createUsualSet(one.dir, systemClock);
    const path = join(one.dir, 'gatehouse.json');
    await writeFile(path, setJson(await readFile(path, 'utf8'), ['tablets', 0, 'grpc', 'tls'], null));
    await rm(join(one.dir, 'pki/tablet-servers/ca-key.pem'));
    const { files } = await createUsualSet(one.dir, systemClock);
    expect(files).toContain('pki/tablet-servers-2/ca-cert.pem');
  });
});

test('a topology with faults is refused and nothing is written', async () => {
  const one = await workspace('shop');
  await writeFile(join(one.dir, 'gatehouse.json'), '{');
  await expect(createUsualSet(one.dir, systemClock)).rejects.toMatchObject({ failure: { code: 'workspace.topology' } });
});
