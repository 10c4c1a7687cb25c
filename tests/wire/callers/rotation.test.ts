import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RotationView } from '../../../src-main/contract/areas/callers';
import { expandSuite } from '../../../src-main/domain/probes';
import type { NewEntryInput } from '../../../src-main/services/callers/users-editor';
import { ProbeRunner } from '../../../src-main/services/verify/probe-runner';
import { openCallers, type CallersGround } from '../../support/callers-ground';
import { installedPrograms } from '../backend/backend-fixture';

const programs = await installedPrograms();
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
  );
const generated = { kind: 'generate', bits: 256 } as const;

describe('a rotation in the draft', () => {
  let ground: CallersGround;
  beforeEach(async () => {
    ground = await openCallers({ sample: 'shop' });
  });
  afterEach(() => ground.close());
  const entry: NewEntryInput = {
    ...{ userData: 'web2', groups: [], sourceHost: '', forms: ['plain'] },
    password: { kind: 'typed', password: 'typed in clear', keep: false },
  };

  it('puts a second entry behind the old one, with hashes alone, and outlives a restart', async () => {
    const { callers } = ground;
    await callers.editor.addUser('users.json', 'clear', entry);
    const { id } = await callers.startRotation(await ground.ref('clear'), generated);
    const user = await ground.user('clear');
    expect(user.entries.map(({ forms, userData }) => ({ forms, userData }))).toEqual([
      { forms: ['plain'], userData: 'web2' },
      { forms: ['native', 'sha2'], userData: 'web2' },
    ]);
    expect(user.rotations).toMatchObject([
      { id, kind: 'password', stage: 'apply', oldIndex: 0, newIndex: 1, oldKnown: true },
    ]);
    const text = await readFile(join(ground.dir, '.gatehouse', 'rotations.json'), 'utf8');
    expect(text).not.toContain('typed in clear');

    const { dir } = ground;
    await ground.close(true);
    ground = await openCallers({ dir, remove: (ground as unknown as { remove: () => Promise<void> }).remove });
    expect((await ground.user('clear')).rotations).toMatchObject([{ id, stage: 'apply' }]);
  });

  it('is hidden when it is undone, and there again when that is done again', async () => {
    await ground.callers.startRotation(await ground.ref('web'), generated);
    await ground.document.undo();
    expect((await ground.user('web')).rotations).toEqual([]);
    await ground.document.redo();
    expect((await ground.user('web')).rotations).toHaveLength(1);
  });

  it('finds its entries wherever they are moved to', async () => {
    await ground.callers.startRotation(await ground.ref('maria', 1), generated);
    await ground.callers.editor.moveEntry(await ground.ref('maria', 2), 0);
    expect((await ground.user('maria')).rotations).toMatchObject([{ oldIndex: 2, newIndex: 0 }]);
  });

  it('is one at a time for an entry, with a password that is another one', async () => {
    const { callers } = ground;
    const ref = await ground.ref('web');
    const { password } = await callers.reveal(ref);
    expect(await code(callers.startRotation(ref, { kind: 'typed', password, keep: false }))).toBe(
      'callers.same-password',
    );
    expect(await code(callers.startRotation(ref, { kind: 'typed', password: '', keep: false }))).toBe(
      'callers.empty-password',
    );
    await callers.startRotation(ref, generated);
    expect(await code(callers.startRotation(ref, generated))).toBe('callers.rotation-running');
    expect(await code(callers.startRotation(await ground.ref('web', 1), generated))).toBe('callers.rotation-running');
    expect((await ground.user('web')).entries).toHaveLength(2);
  });

  it('is given up by taking the new entry out', async () => {
    const before = await ground.draft('users.json');
    const { id } = await ground.callers.startRotation(await ground.ref('web'), generated);
    await ground.callers.cancelRotation(id);
    expect(await ground.draft('users.json')).toBe(before);
    expect(await code(ground.callers.cancelRotation(id))).toBe('callers.no-such-rotation');
  });

  it('cannot be tested before anything runs', async () => {
    const { id } = await ground.callers.startRotation(await ground.ref('web'), generated);
    expect(await code(ground.callers.testRotation(id, {}))).toBe('cluster.stopped');
    expect(await code(ground.callers.finishRotation(id, { evenIfUsed: false, cleanAcl: false }))).toBe(
      'callers.new-not-tested',
    );
  });

  it('to other rights shows what the table ACL will name in vain, and cleans it up', async () => {
    const { callers } = ground;
    const { id } = await callers.startRotation(await ground.ref('web'), generated, { userData: 'shop_front' });
    const [rotation] = (await ground.user('web')).rotations;
    expect(rotation).toMatchObject({ kind: 'rights', oldName: 'shop_web', newName: 'shop_front' });
    expect(rotation?.leftInAcl.length).toBeGreaterThan(0);
    await callers.finishRotation(id, { evenIfUsed: true, cleanAcl: true });
    expect(await ground.draft('acl.json')).not.toContain('shop_web');
    await ground.document.undo();
    expect(await ground.draft('acl.json')).toContain('shop_web');
    expect((await ground.user('web')).entries).toHaveLength(2);
  });

  it('leaves a name in the table ACL that somebody else still has', async () => {
    const { callers } = ground;
    await callers.editor.addUser('users.json', 'second', {
      ...entry,
      userData: 'shop_web',
      forms: ['native'],
      password: generated,
    });
    const { id } = await callers.startRotation(await ground.ref('web'), generated, { userData: 'shop_front' });
    expect((await ground.user('web')).rotations[0]?.leftInAcl).toEqual([]);
    await callers.finishRotation(id, { evenIfUsed: true, cleanAcl: true });
    expect(await ground.draft('acl.json')).toContain('shop_web');
  });
});

describe.each(programs.slice(0, 1))('a rotation over real connections with $vendor $version', (program) => {
  let ground: CallersGround;
  beforeAll(async () => {
    ground = await openCallers({ sample: 'shop' }, { mysqld: program.path });
    await ground.cluster.start();
  }, 120_000);
  afterAll(() => ground.close());

  const apply = async (): Promise<void> => {
    await ground.document.apply('test');
    await ground.cluster.reload();
  };
  const rotation = async (): Promise<RotationView | undefined> => (await ground.user('web')).rotations[0];
  const login = async (password: string): Promise<string> => {
    const address = ground.cluster.require().addresses.gateways[0]?.mysql;
    try {
      const connection = await createConnection({
        ...{ host: address?.host ?? '', port: address?.port ?? 0, user: 'web', password },
        ssl: { rejectUnauthorized: false },
      });
      await connection.end();
      return 'in';
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };

  it('goes from the second entry to the end, and counts who uses which', async () => {
    const { callers } = ground;
    const old = (await callers.reveal(await ground.ref('web'))).password;
    expect(await login(old)).toBe('in');
    const { id } = await callers.startRotation(await ground.ref('web'), generated);
    const fresh = (await callers.reveal(await ground.ref('web', 1))).password;
    expect(await code(callers.testRotation(id, {}))).toBe('callers.not-in-force');
    expect(await login(fresh)).toBe('ER_ACCESS_DENIED_ERROR');

    await apply();
    expect(await rotation()).toMatchObject({ stage: 'test' });
    await callers.testRotation(id, {});
    // Tests of our own are nobody's use.
    expect(await rotation()).toMatchObject({
      ...{ stage: 'move', oldTest: { ok: true }, newTest: { ok: true }, oldSince: 0, newSince: 0 },
    });

    expect([await login(old), await login(old), await login(fresh)]).toEqual(['in', 'in', 'in']);
    expect(await rotation()).toMatchObject({ oldSince: 2, newSince: 1 });
    expect((await ground.user('web')).entries.map(({ signIns }) => signIns.total)).toEqual([3, 1]);
    expect(await code(callers.finishRotation(id, { evenIfUsed: false, cleanAcl: false }))).toBe('callers.still-used');

    await callers.watchRotation(id);
    expect(await login(fresh)).toBe('in');
    expect(await rotation()).toMatchObject({ oldSince: 0, newSince: 1 });
    await callers.finishRotation(id, { evenIfUsed: false, cleanAcl: false });
    expect(await rotation()).toMatchObject({ stage: 'apply-end' });
    await apply();
    expect(await rotation()).toBeUndefined();
    expect([await login(old), await login(fresh)]).toEqual(['ER_ACCESS_DENIED_ERROR', 'in']);
  });

  it('counts no test that this process makes, over TLS and over the Unix socket', async () => {
    const cluster = ground.cluster.require();
    const before = (await ground.user('web')).entries.map(({ signIns }) => signIns.total);
    const runner = new ProbeRunner(cluster.workspace, cluster.addresses, cluster.secrets);
    const cells = expandSuite(cluster.workspace.suites[0]!, () => 'hardened').filter(
      ({ caller, role, table }) => caller.name === 'web' && role === 'read' && table === 'orders',
    );
    expect(cells.map(({ transport }) => transport)).toEqual(['mysql-tls-verified', 'mysql-unix']);
    for (const cell of cells) expect((await runner.run(cell)).stage).toBe('done');
    expect((await ground.user('web')).entries.map(({ signIns }) => signIns.total)).toEqual(before);
  });

  it('says what was refused, and which entry let a login in that was meant for another', async () => {
    const { callers } = ground;
    const { id } = await callers.startRotation(await ground.ref('ines'), {
      kind: 'typed',
      password: 'not kept',
      keep: false,
    });
    await apply();
    await callers.testRotation(id, { old: 'a wrong password' });
    const [first] = (await ground.user('ines')).rotations;
    expect(first?.oldTest).toMatchObject({
      ok: false,
      message: expect.stringContaining("Access denied for user 'ines'") as string,
    });
    expect(first?.newTest).toMatchObject({ ok: false, message: expect.stringContaining('Type it') as string });
    await callers.testRotation(id, { old: 'not kept', new: 'not kept' });
    const [second] = (await ground.user('ines')).rotations;
    expect(second?.oldTest).toMatchObject({ ok: false, message: expect.stringContaining('Another entry') as string });
    expect(second?.newTest).toMatchObject({ ok: true });
    expect(await readFile(join(ground.dir, '.gatehouse', 'rotations.json'), 'utf8')).not.toContain('not kept');
  });
});
