import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPrivateKey } from '../../../src-main/domain/certs';
import { Secret } from '../../../src-main/domain/kernel';
import { SetupEdits } from '../../../src-main/services/settings/settings-service';
import { appSession } from '../../support/app-session';

type App = Awaited<ReturnType<typeof appSession>>;
let app: App;
beforeEach(async () => {
  app = await appSession();
  await app.session.createWorkspace('shop');
});
afterEach(() => app.end());
const topology = async (): Promise<string> =>
  readFile(join(app.session.workspace.document.draftDir, 'gatehouse.json'), 'utf8');
const setup = async () => {
  await app.session.settled();
  const part = app.session.hub.parts.setup;
  if (part === null) throw new Error('no setup');
  return part;
};

describe('settings of the workspace', () => {
  it('are edits of the draft, each one step of undo', async () => {
    const { document } = app.session.workspace;
    const edits = new SetupEdits(document);
    await edits.setFidelity('main', 'vitess');
    await edits.setVitess('24.0-recorded');
    await edits.setPort('gateway:main/mysql', 15306);
    await edits.setPort('tablet:zone1-100/grpc', 16100);
    expect(await setup()).toMatchObject({
      fidelity: 'hardened',
      vitess: '24.0-recorded',
      gateways: [
        { name: 'main', fidelity: 'vitess', mysqlPort: 15306, grpcPort: 0 },
        { name: 'certs', fidelity: null },
      ],
      tablets: [{ alias: 'zone1-100', grpcPort: 16100 }],
    });
    expect(document.undoLabel).toBe('Change Port');
    await document.undo();
    expect((await setup()).tablets[0]?.grpcPort).toBe(0);
    // What runs and what is on disk is untouched.
    expect(await readFile(join(document.dir, 'gatehouse.json'), 'utf8')).not.toContain('15306');
  });

  it('refuse what is not there', async () => {
    const edits = new SetupEdits(app.session.workspace.document);
    for (const listener of ['gateway:none/mysql', 'tablet:zone1-100/mysql', 'gateway:main/../x', ''])
      await expect(edits.setPort(listener, 1)).rejects.toMatchObject({ failure: { code: /^settings\./ } });
    await expect(edits.setFidelity('none', 'vitess')).rejects.toMatchObject({ failure: { code: 'settings.gateway' } });
    const ca = '../../etc/passwd';
    const input = { name: 'local', host: '127.0.0.1', port: 1, user: 'u', password: 'p', ca };
    await expect(edits.probe(input)).rejects.toMatchObject({ failure: { code: 'settings.ca' } });
    await expect(edits.useExternal({ ...input, ca: null, password: null })).rejects.toMatchObject({
      failure: { code: 'settings.password' },
    });
  });

  it('put the password of an external MySQL into the secrets, never into a file or the page', async () => {
    const { document } = app.session.workspace;
    const edits = new SetupEdits(document);
    const input = { name: 'local', host: 'db.example', port: 3306, user: 'vt', ca: 'pki/root/ca-cert.pem' };
    await edits.useExternal({ ...input, password: 'S3cr3tQz7' });
    expect(await topology()).not.toContain('S3cr3tQz7');
    expect((await setup()).backends).toEqual([
      {
        name: 'local',
        kind: 'external',
        host: 'db.example',
        port: 3306,
        user: 'vt',
        ca: 'pki/root/ca-cert.pem',
        tls: true,
        password: true,
      },
    ]);
    expect(JSON.stringify(app.session.hub.parts)).not.toContain('S3cr3tQz7');
    // The known password stays when only the host changes.
    await edits.useExternal({ ...input, host: 'db2.example', password: null });
    expect(document.secrets.get('backends/local')?.reveal()).toBe('S3cr3tQz7');
    await edits.useManaged('local');
    expect((await setup()).backends[0]?.kind).toBe('managed');
  });

  it('say where keys and secrets lie, and lock the secrets with a passphrase and back', async () => {
    expect(await setup()).toMatchObject({
      keys: { encrypted: 0, open: [] },
      secrets: { ways: ['key-file'], keychain: false },
    });
    const names = app.session.workspace.document.secrets.names().length;
    const { dir } = app.session.workspace.document;
    await expect(app.session.lockSecrets('short')).rejects.toMatchObject({ failure: { code: 'settings.passphrase' } });
    await app.session.lockSecrets('a long passphrase');
    expect((await setup()).secrets).toEqual({ ways: ['passphrase'], count: names, keychain: false });
    await app.session.closeWorkspace();
    await expect(app.session.openWorkspace(dir)).rejects.toMatchObject({ failure: { code: 'secrets.locked' } });
    await app.session.openWorkspace(dir, 'a long passphrase');
    await app.session.lockSecrets('another passphrase');
    await app.session.lockSecrets(null);
    expect((await setup()).secrets.ways).toEqual(['key-file']);
    await app.session.closeWorkspace();
    await app.session.openWorkspace(dir);
    expect(app.session.workspace.document.secrets.names()).toHaveLength(names);
  });

  it('encrypt the keys of authorities and nothing that runs, as one step of undo', async () => {
    const { document } = app.session.workspace;
    const edits = new SetupEdits(document);
    const key = (path: string): Promise<string> => readFile(join(document.draftDir, 'pki', path), 'utf8');
    const before = await key('root/ca-key.pem');
    await edits.encryptKeys(new Secret('a long passphrase'));
    expect(await key('root/ca-key.pem')).toContain('ENCRYPTED PRIVATE KEY');
    expect(await key('gateways/main-key.pem')).not.toContain('ENCRYPTED');
    expect((await stat(join(document.draftDir, 'pki/root/ca-key.pem'))).mode & 0o777).toBe(0o600);
    const { keys } = await setup();
    expect([keys.authoritiesEncrypted, keys.encrypted]).toEqual([keys.authorities, keys.authorities]);
    // One passphrase opens all; a wrong one changes nothing.
    await expect(edits.encryptKeys(new Secret('another passphrase'))).rejects.toMatchObject({
      failure: { code: 'certs.passphrase-wrong' },
    });
    await expect(edits.decryptKeys(new Secret('wrong'))).rejects.toMatchObject({
      failure: { code: 'certs.passphrase-wrong' },
    });
    expect(document.undoLabel).toBe('Encrypt Keys');
    await document.undo();
    expect(await key('root/ca-key.pem')).toBe(before);
    await document.redo();
    await edits.decryptKeys(new Secret('a long passphrase'));
    const opened = openPrivateKey(await key('root/ca-key.pem'));
    expect(opened.ok).toBe(true);
  });

  it('of the app are in the page’s state, with what is broken in their file', async () => {
    await app.session.setSettings({ appearance: 'dark', workspacesDir: join(app.folder, 'mine') });
    expect(app.session.hub.parts.settings.values.appearance).toBe('dark');
    expect(app.session.hub.parts.app.workspacesDir).toBe(join(app.folder, 'mine'));
    await writeFile(app.session.hub.parts.settings.file, '{"appearance": 1}');
    const again = await appSession({ configDir: join(app.folder, 'config') });
    try {
      expect(again.session.hub.parts.settings.faults).toHaveLength(1);
    } finally {
      await again.end();
    }
  });
});

describe('exports in the page’s state', () => {
  it('are planned for three releases from the applied version, with no secret in them', async () => {
    await app.session.settled();
    const part = app.session.hub.parts.exports;
    expect(Object.keys(part?.versions ?? {})).toEqual(['22', '23', '24']);
    const version = part?.versions['24'];
    expect(version).toMatchObject({ fault: null, proof: { state: 'none' } });
    expect(version?.files.find(({ kind }) => kind === 'users')).toMatchObject({ mode: '0600' });
    const users = await readFile(join(app.session.workspace.document.dir, 'users.json'), 'utf8');
    const hash = /"\*[0-9A-F]{40,}"/.exec(users)?.[0] ?? 'none';
    expect(JSON.stringify(app.session.hub.parts)).not.toContain(hash);
    const { exports } = app.session.workspace;
    expect(await exports.fileText('24', 'README.txt')).toContain('Vitess 24');
    expect(await exports.fileText('22', 'flags/vtgate-main.flags')).toContain('--grpc_port=');
    for (const path of ['users.json', 'pki/gateways/main-key.pem', '../shop/users.json', '/etc/passwd'])
      await expect(exports.fileText('24', path)).rejects.toMatchObject({ failure: { code: 'export.secret' } });
  });
});
