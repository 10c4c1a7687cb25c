import { createRouterClient, ORPCError } from '@orpc/server';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src-main/domain/kernel';
import { handlerOptions, router } from '../../../src-main/ipc/router';
import { SecretStore } from '../../../src-main/servers/store';
import { appSession } from '../../support/app-session';

let app: Awaited<ReturnType<typeof appSession>>;
beforeEach(async () => {
  app = await appSession();
});
afterEach(() => app.end());

const calls = () =>
  createRouterClient(router, {
    context: { session: app.session },
    interceptors: handlerOptions(app.log.push.bind(app.log)).clientInterceptors as never,
  });

/** The failure that a call rejects with. */
const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof ORPCError ? error.data : error;
};

describe('the session behind every page', () => {
  it('makes a workspace, opens it, remembers it, and closes it', async () => {
    const { dir } = await calls().app.create({ sample: 'reference' });
    expect(dir).toBe(join(app.folder, 'workspaces', 'reference'));
    const { parts } = app.session.hub;
    expect(parts.app.workspace).toEqual({ dir, name: 'reference' });
    expect(parts.app.recent.map((recent) => recent.dir)).toEqual([dir]);
    expect(parts.cluster?.state).toBe('stopped');
    expect(parts.cluster?.links.map(({ protection }) => protection)).toContain('mutual-tls');
    await calls().app.close();
    expect(app.session.hub.parts.cluster).toBeNull();
    expect(app.session.hub.parts.app.workspace).toBeNull();
  });

  it('gives the next free name', async () => {
    await calls().app.create({ sample: 'empty' });
    const { dir } = await calls().app.create({ sample: 'empty' });
    expect(dir.endsWith('workspace-2')).toBe(true);
  });

  it('keeps the open workspace when another cannot be opened', async () => {
    const { dir } = await calls().app.create({ sample: 'reference' });
    const bad = join(app.folder, 'bad');
    await mkdir(bad);
    await writeFile(join(bad, 'gatehouse.json'), '{');
    expect(await failureOf(calls().app.open({ dir: bad }))).toMatchObject({ code: 'workspace.topology' });
    expect(app.session.hub.parts.app.workspace?.dir).toBe(dir);
  });

  it('tells failures as data, and never what was sent', async () => {
    expect(await failureOf(calls().cluster.start())).toMatchObject({ code: 'session.no-workspace' });
    const wrong = { dir: 7, password: 'hunter2' } as never;
    const failure = await failureOf(calls().app.open(wrong));
    expect(failure).toMatchObject({ code: 'call.invalid' });
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });

  it('starts, restarts a part, and stops the cluster', async () => {
    await calls().app.create({ sample: 'reference' });
    await calls().cluster.start();
    await app.session.settled();
    const cluster = app.session.hub.parts.cluster!;
    expect(cluster.state).toBe('running');
    expect(cluster.nodes.every(({ state }) => state === 'running')).toBe(true);
    const gateway = cluster.nodes.find(({ kind }) => kind === 'gateway')!;
    await calls().cluster.part({ id: gateway.id, action: 'stop' });
    await app.session.settled();
    const stopped = app.session.hub.parts.cluster!.nodes.find(({ id }) => id === gateway.id);
    expect(stopped?.state).toBe('stopped');
    for (const { id } of cluster.nodes) await calls().cluster.part({ id, action: 'restart' });
    await app.session.settled();
    expect(app.log).toEqual([]);
    const again = app.session.hub.parts.cluster!.nodes;
    expect(again.map(({ id, state }) => [id, state])).toEqual(cluster.nodes.map(({ id }) => [id, 'running']));
    expect(again.find(({ id }) => id === gateway.id)?.addresses).toEqual(gateway.addresses);
    expect(await failureOf(calls().cluster.part({ id: 'gateway:nobody', action: 'stop' }))).toMatchObject({
      code: 'cluster.part',
    });
    await calls().cluster.stop();
    await app.session.settled();
    expect(app.session.hub.parts.cluster?.state).toBe('stopped');
  });
});

describe('workspaces whose secrets are elsewhere', () => {
  it('ask for the passphrase, and take only the right one', async () => {
    const { dir } = await calls().app.create({ sample: 'reference' });
    await calls().app.close();
    const folder = join(dir, '.gatehouse', 'secrets');
    const opened = await SecretStore.open(folder, { kind: 'key-file' });
    if (!opened.ok) throw new Error('not opened');
    await opened.value.addUnlocker({ kind: 'passphrase', passphrase: new Secret('right one') });
    await opened.value.removeUnlocker('key-file');
    expect(await failureOf(calls().app.open({ dir }))).toMatchObject({ code: 'secrets.locked' });
    expect(await failureOf(calls().app.open({ dir, passphrase: 'wrong' }))).toMatchObject({ code: 'secrets.locked' });
    expect(app.session.open).toBeNull();
    await calls().app.open({ dir, passphrase: 'right one' });
    expect(app.session.hub.parts.app.workspace?.dir).toBe(dir);
    expect(JSON.stringify(app.session.hub.parts)).not.toContain('right one');
  });

  it('a copy without its secrets opens with a new store, and says so', async () => {
    const { dir } = await calls().app.create({ sample: 'reference' });
    await calls().app.close();
    await rm(join(dir, '.gatehouse'), { recursive: true });
    await calls().app.open({ dir });
    expect(app.session.hub.parts.app.notice?.text).toContain('without its secrets');
    expect(await readdir(join(dir, '.gatehouse', 'secrets'))).toContain('vault.json');
  });

  it('a folder that is no workspace gets no secrets', async () => {
    const dir = join(app.folder, 'plain');
    await mkdir(dir);
    expect(await failureOf(calls().app.open({ dir }))).toMatchObject({ code: 'workspace.missing' });
    expect(await readdir(dir)).toEqual([]);
  });
});
