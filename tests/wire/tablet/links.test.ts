import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src-main/domain/kernel';
import { createRecorder } from '../../../src-main/servers/recorder';
import { createTablet, type TabletConfig } from '../../../src-main/servers/tablet';
import { createPki } from '../../support/tls-identities';
import {
  appPassword,
  installedPrograms,
  managedOptions,
  serverCertificate,
  start,
  temporaryFolder,
} from '../backend/backend-fixture';
import { asRoot, startBackend, TabletClient, tabletConfig, type Backend } from './tablet-fixture';

let backend: Backend;
beforeAll(async () => {
  backend = await startBackend();
  await asRoot(backend, 'create table t1 (id int primary key)', 'insert into t1 values (1)');
});
afterAll(() => backend.stop());

async function ask(
  change: Partial<TabletConfig>,
  options: ConstructorParameters<typeof TabletClient>[1] = {},
): Promise<string> {
  const tablet = await createTablet(tabletConfig(backend, change), { recorder: createRecorder() });
  const client = new TabletClient(tablet, options);
  try {
    const answer = await client.execute('select id from t1');
    return 'code' in answer ? `${answer.code} ${answer.message}` : 'ok';
  } finally {
    await client.close();
    await tablet.stop({ graceMs: 100 });
  }
}

describe('who may call', () => {
  const users = { users: [{ username: 'gate', password: new Secret('pw'), line: 1 }] };
  test.each([
    [{ username: 'gate', password: 'pw' }, 'ok'],
    [
      { username: 'gate', password: 'wrong' },
      'PERMISSION_DENIED auth failure: caller "gate" provided invalid credentials',
    ],
    [undefined, 'UNAUTHENTICATED username and password must be provided'],
  ])('static authentication with %j', async (credentials, expected) => {
    expect(
      await ask({ authMode: 'static', staticUsers: users }, credentials === undefined ? {} : { credentials }),
    ).toBe(expected);
  });

  test('static authentication without a users file lets nobody in', async () => {
    expect(await ask({ authMode: 'static' }, { credentials: { username: '', password: '' } })).toMatch(
      /^PERMISSION_DENIED/,
    );
  });

  test('mutual TLS: the right certificate, none, a stranger, and the wrong name under mtls authorisation', async () => {
    const pki = createPki();
    const server = pki.leaf({ name: 'tablet' });
    const gateway = pki.leaf({ name: 'gateway 1' });
    const ca = pki.root.pem;
    const tls = { cert: server.cert, key: server.key, clientCa: ca };
    const dial = (identity: { cert: string; key: string } | null) => ({
      tls: { ca, serverName: 'localhost', ...(identity === null ? {} : { cert: identity.cert, key: identity.key }) },
    });
    expect(await ask({ tls }, dial(gateway))).toBe('ok');
    expect(await ask({ tls }, dial(null))).toMatch(/^UNAVAILABLE/);
    expect(await ask({ tls }, dial(pki.leaf({ name: 'gateway 1', issuer: pki.stranger })))).toMatch(/^UNAVAILABLE/);
    expect(await ask({ tls }, {})).toMatch(/^UNAVAILABLE/);
    expect(await ask({ tls, authMode: 'mtls', mtlsSubstrings: 'CN=gateway 1' }, dial(gateway))).toBe('ok');
    expect(await ask({ tls, authMode: 'mtls', mtlsSubstrings: 'CN=other' }, dial(gateway))).toBe(
      'UNAUTHENTICATED client certificate not authorized',
    );
  });
});

test('TLS to MySQL is verified: right CA and name only', async () => {
  const [program] = await installedPrograms();
  if (program === undefined) throw new Error('no server on this machine');
  const folder = await temporaryFolder();
  const files = await serverCertificate(folder.path);
  const server = await start(managedOptions(program, folder.path, { databases: ['vt_commerce'], tls: files }));
  const strangerFolder = await temporaryFolder();
  const stranger = await serverCertificate(strangerFolder.path);
  const connect = async (tls: TabletConfig['backend']['tls'], host: string = server.host): Promise<string> => {
    const tablet = await createTablet(
      tabletConfig(backend, { backend: { host, port: server.port, user: 'vt_app', password: appPassword, tls } }),
      { recorder: createRecorder() },
    );
    const client = new TabletClient(tablet);
    const answer = await client.execute("show session status like 'Ssl_version'");
    await client.close();
    await tablet.stop({ graceMs: 100 });
    return 'rows' in answer ? (answer.rows[0]?.[1] ?? '') : answer.message;
  };
  const ca = await readFile(files.ca, 'utf8');
  const away = 'operation not allowed in state NOT_SERVING';
  expect(await connect({ ca })).toMatch(/^TLSv1\.[23]$/);
  expect(await connect({ ca, serverName: 'localhost' })).toMatch(/^TLSv1\.[23]$/);
  expect(await connect({ ca, serverName: 'mysql.example' })).toBe(away);
  expect(await connect({ ca: await readFile(stranger.ca, 'utf8') })).toBe(away);
  expect(await connect(undefined)).toBe(away);
  await server.stop();
  await Promise.all([folder.cleanup(), strangerFolder.cleanup()]);
});
