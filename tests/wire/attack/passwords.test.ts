import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachingSha2Hash, nativeHash, parseGrpcUsersFile } from '../../../src-main/domain/users';
import { attackRun } from '../../../src-main/services/attack/cells';
import { honestCaller, honestConnection } from '../../../src-main/services/attack/honest';
import { passwords } from '../../../src-main/services/attack/passwords/family';
import { rogueComponent } from '../../../src-main/services/attack/rogue-component/family';
import type { AttackResult } from '../../../src-main/domain/attacks';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';

type Options = Parameters<typeof attackRig>[2];
const PASSWORD = 'planted-password-Kq3x';
const HASHES = { MysqlNativePassword: nativeHash(PASSWORD), CachingSha2Password: cachingSha2Hash(PASSWORD) };
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

/** One rig for the tests of a block; `perform` plans anew, so that it sees what was put into force since. */
function rigOf(options: Options = {}, users?: unknown) {
  let rig: AttackRig | undefined;
  beforeAll(async () => {
    rig = await attackRig('shop', passwords, options);
    if (users === undefined) return;
    await writeFile(join(rig.ground.dir, 'users.json'), JSON.stringify(users));
    expect((await rig.ground.cluster.hangUp()).reloaded).toEqual(['users.json']);
  }, 60_000);
  afterAll(() => rig?.close());
  return {
    rig: () => rig!,
    plan: () => passwords.plan(worldOf(rig!.ground.workspace)),
    perform: async (kind: string): Promise<AttackResult> => {
      const planned = passwords.plan(worldOf(rig!.ground.workspace));
      const attack = planned.find(({ card }) => card.id === `passwords/${kind}`);
      if (attack === undefined) throw new Error(`no ${kind} in ${planned.map(({ card }) => card.id).join(', ')}`);
      const result = await attack.run(rig!.ground, signal());
      // Whatever is tried, nothing secret is told.
      expect(JSON.stringify([attack.card, result])).not.toMatch(/planted-password|\*[0-9A-F]{40}/);
      return result;
    },
  };
}

const stopped = (text: string | RegExp) => ({
  outcome: 'stopped',
  stoppedAt: { hop: 'A', side: 'gateway' },
  evidence: [{ kind: 'error', side: 'gateway', text: typeof text === 'string' ? text : expect.stringMatching(text) }],
});
const first = (result: AttackResult) => ({ ...result, evidence: result.evidence.slice(0, 1) });

describe('passwords of a workspace as it is made', () => {
  const { rig, perform, plan } = rigOf();

  it.each([
    ['empty/main/mysql/web', "1045 (28000): Access denied for user 'web'"],
    ['empty/main/mysql/nobody', "1045 (28000): Access denied for user 'nobody'"],
    ['wrong/main/mysql', /Access denied/],
    ['hash/main/mysql', /Access denied/],
    ['no-name/main/mysql', "1045 (28000): Access denied for user ''"],
    ['source-host/main/mysql', "1045 (28000): Access denied for user 'gatehouse-rehearsal'"],
    ['old/main/mysql', "1045 (28000): Access denied for user 'web'"],
    ['empty/main/grpc/batch', 'gRPC code 7: auth failure: caller "batch" provided invalid credentials'],
    ['wrong/main/grpc', /auth failure/],
    ['no-name/main/grpc', 'gRPC code 16: username and password must be provided'],
  ])('%s', async (kind, text) => {
    const result = await perform(kind);
    expect(first(result)).toMatchObject(stopped(text));
    expect(result.settings[0]?.advice).toBeNull();
    expect(result.trace?.stoppedAt).toBe('A');
  });

  it.each(['mysql', 'grpc'])('nobody learns over %s who exists', async (protocol) => {
    const result = await perform(`enumeration/main/${protocol}`);
    expect(result).toMatchObject({ outcome: 'stopped' });
    expect(result.evidence).toHaveLength(1);
  });

  it('names the line of the user that stopped it', async () => {
    expect((await perform('empty/main/mysql/maria')).settings[0]).toMatchObject({
      name: 'users.json: maria',
      place: { file: 'users.json', line: 20 },
      flag: '--mysql-auth-server-static-file',
    });
  });

  it('puts back what it changed: the honest caller logs in, and the made user is gone', async () => {
    const { ground } = rig();
    const before = ground.workspace.files.get('users.json');
    await perform('old/main/mysql');
    await perform('source-host/main/mysql');
    expect(ground.workspace.files.get('users.json')).toEqual(before);
    const honest = honestCaller(worldOf(ground.workspace), 'main')!;
    const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal());
    expect(run.attempt.stage).toBe('done');
  });

  it('tells no password of the workspace', async () => {
    const { ground } = rig();
    const results = [];
    for (const attack of plan()) if (attack.card.notHere === null) results.push(await attack.run(ground, signal()));
    const text = JSON.stringify(results);
    expect(results.length).toBeGreaterThan(10);
    for (const name of ground.secrets.names()) expect(text).not.toContain(ground.secrets.get(name)!.reveal());
  }, 60_000);
});

describe('passwords in vitess mode', () => {
  describe('an entry with a secret that the offered method cannot check', () => {
    const users = {
      web: [{ CachingSha2Password: HASHES.CachingSha2Password, UserData: 'shop_web' }],
      '': [{ UserData: 'nameless' }],
      ines: [{ ...HASHES, UserData: 'ines' }],
    };
    const { perform } = rigOf({ overrides: { fidelity: 'vitess' } }, users);

    it('lets the empty password in', async () => {
      const result = await perform('empty/main/mysql/web');
      expect(result).toMatchObject({
        outcome: 'got-through',
        stoppedAt: null,
        evidence: [{ kind: 'rows', text: 'logged in, and user() is shop_web@localhost' }],
        settings: [{ name: 'users.json: web', value: 'an entry matches', place: { file: 'users.json', line: 1 } }],
      });
      expect(result.settings[0]?.advice).toMatch(/MysqlNativePassword/);
    });

    it('and the user without a name', async () => {
      expect(await perform('no-name/main/mysql')).toMatchObject({
        outcome: 'got-through',
        sentence: 'Somebody logged in at gateway main without a user name.',
      });
    });

    it('and nobody else', async () => {
      expect(await perform('empty/main/mysql/ines')).toMatchObject({ outcome: 'stopped' });
    });
  });

  describe('the same in hardened mode', () => {
    const { perform } = rigOf({}, { web: [{ CachingSha2Password: HASHES.CachingSha2Password, UserData: 'shop_web' }] });
    it('is refused', async () => {
      expect(await perform('empty/main/mysql/web')).toMatchObject({ outcome: 'stopped' });
    });
  });

  describe('gRPC users without a password', () => {
    const { rig, perform } = rigOf({ overrides: { fidelity: 'vitess' } });
    // Gatehouse starts nothing with such a file; real vtgate does, so it is put into force behind its back.
    beforeAll(async () => {
      const file = { file: 'grpc-users.json', fidelity: { mode: 'vitess', version: '24.0.4' } } as const;
      const { users } = parseGrpcUsersFile(Buffer.from('[{"Username": "batch"}, {"Username": ""}]'), file);
      await rig().ground.cluster.gateways[0]!.update({ grpc: { staticUsers: users! } });
    });
    it.each(['empty/main/grpc/batch', 'no-name/main/grpc'])('%s', async (kind) => {
      expect(await perform(kind)).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows' }] });
    });
  });
});

describe('passwords that get through', () => {
  describe('one password in two entries', () => {
    const both = { Password: PASSWORD, UserData: 'shop_web' };
    const { perform } = rigOf({
      files: { 'users.json': JSON.stringify({ web: [{ ...both, SourceHost: 'localhost' }, both, both] }) },
    });
    it('an entry without SourceHost lets in whom the other one keeps to the socket', async () => {
      expect(await perform('source-host/main/mysql')).toMatchObject({
        outcome: 'got-through',
        sentence: '“web” logged in at gateway main over TCP with the password of an entry for the Unix socket.',
      });
    });
    it('the old password goes on to work after its entry was replaced', async () => {
      expect(await perform('old/main/mysql')).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows' }] });
    });
  });

  describe('a hash that stands where the password belongs', () => {
    const { perform } = rigOf({
      files: {
        'users.json': JSON.stringify({ web: [{ Password: HASHES.MysqlNativePassword, UserData: 'shop_web' }] }),
      },
    });
    it('is the password', async () => {
      expect(await perform('hash/main/mysql')).toMatchObject({ outcome: 'got-through' });
    });
  });

  describe('a user with another method than everybody else', () => {
    const { perform } = rigOf({
      files: {
        'users.json': JSON.stringify({
          web: [{ MysqlNativePassword: HASHES.MysqlNativePassword, UserData: 'shop_web' }],
        }),
      },
    });
    it('is known to exist', async () => {
      const result = await perform('enumeration/main/mysql');
      expect(result).toMatchObject({
        outcome: 'got-through',
        sentence: 'The answer to a wrong password tells that web exists.',
      });
      expect(result.evidence[1]?.text).toMatch(/^to web: .*auth-switch mysql_native_password/);
    });
  });

  describe('no authentication at all', () => {
    const { perform, plan } = rigOf({
      change: (topology) => {
        topology.gateways[0].mysql.auth = 'none';
        delete topology.gateways[0].mysql.usersFile;
      },
    });
    it.each(['wrong/main/mysql', 'empty/main/mysql/root', 'no-name/main/mysql'])('%s', async (kind) => {
      expect(await perform(kind)).toMatchObject({
        outcome: 'got-through',
        evidence: [{ text: 'logged in, and user() is userData1@localhost' }],
        settings: [{ name: 'gateway main: mysql.auth', value: '"none"', place: { file: 'gatehouse.json' } }],
      });
    });
    it('has no file to steal from', () => {
      expect(plan().map(({ card }) => card.id)).not.toContain('passwords/hash/main/mysql');
    });
  });
});

describe('a gateway that asks for a certificate beside the password', () => {
  const { perform } = rigOf({
    change: (topology) => {
      topology.gateways[0].mysql.tls.clientCa = 'pki/callers/ca-cert.pem';
      topology.gateways[0].grpc.tls.clientCa = 'pki/callers/ca-cert.pem';
    },
  });
  it.each([
    ['empty/main/mysql/web', /^1045/],
    ['wrong/main/grpc', /auth failure/],
  ])('is shown one, so that the password is what is tried: %s', async (kind, text) => {
    expect(first(await perform(kind))).toMatchObject(stopped(text));
  });
});

describe('a tablet that asks its gateways for passwords', () => {
  const { rig, perform } = rigOf({
    change: (topology) => {
      Object.assign(topology.tablets[0].grpc, { authMode: 'static', usersFile: 'tablet-users.json' });
      for (const gateway of topology.gateways) gateway.tabletCredentialsFile = 'tablet-credentials.json';
    },
    files: {
      'tablet-users.json': JSON.stringify([{ Username: 'gate', Password: PASSWORD }]),
      'tablet-credentials.json': JSON.stringify({ Username: 'gate', Password: PASSWORD }),
    },
  });

  it.each(['empty', 'wrong'])('refuses: %s', async (kind) => {
    expect(await perform(`${kind}/zone1-100/gate`)).toMatchObject({
      outcome: 'stopped',
      stoppedAt: { hop: 'C', side: 'tablet' },
      evidence: [{ kind: 'error', text: 'gRPC code 7: auth failure: caller "gate" provided invalid credentials' }],
      settings: [{ name: 'tablet-users.json: gate', place: { file: 'tablet-users.json', line: 1 }, advice: null }],
    });
  });

  it('refuses a gateway’s certificate without the password, and honest callers get through', async () => {
    const { ground } = rig();
    const attack = rogueComponent.plan(worldOf(ground.workspace)).find(({ card }) => card.id.includes('/no-password/'));
    expect(await attack!.run(ground, signal())).toMatchObject({
      outcome: 'stopped',
      evidence: [{ text: 'gRPC code 16: username and password must be provided' }],
      settings: [{ name: 'tablet zone1-100: grpc.authMode', value: '"static"' }],
    });
    const honest = honestCaller(worldOf(ground.workspace), 'main')!;
    const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal());
    expect(run.attempt.stage).toBe('done');
  });

  describe('in vitess mode, an entry without a password', () => {
    const vitess = rigOf({
      overrides: { fidelity: 'vitess' },
      change: (topology) => {
        Object.assign(topology.tablets[0].grpc, { authMode: 'static', usersFile: 'tablet-users.json' });
        for (const gateway of topology.gateways) gateway.tabletCredentialsFile = 'tablet-credentials.json';
      },
      files: {
        'tablet-users.json': JSON.stringify([{ Username: 'gate', Password: PASSWORD }]),
        'tablet-credentials.json': JSON.stringify({ Username: 'gate', Password: PASSWORD }),
      },
    });
    it('takes the empty one', async () => {
      const file = { file: 'tablet-users.json', fidelity: { mode: 'vitess', version: '24.0.4' } } as const;
      const { users } = parseGrpcUsersFile(Buffer.from('[{"Username": "gate"}]'), file);
      await vitess.rig().ground.cluster.tablets[0]!.update({ staticUsers: { users: users! } });
      expect(await vitess.perform('empty/zone1-100/gate')).toMatchObject({
        outcome: 'got-through',
        evidence: [{ kind: 'rows', side: 'tablet' }],
      });
      expect(await vitess.perform('wrong/zone1-100/gate')).toMatchObject({ outcome: 'stopped' });
    });
  });
});

describe('many users', () => {
  it('have a card each up to forty, those first that hold nothing to compare; the rest share one', async () => {
    const list = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`u${n}`, [{ ...HASHES, UserData: `u${n}` }]]),
    );
    const rig = await attackRig('shop', passwords, {
      files: {
        'users.json': JSON.stringify({
          ...list,
          last: [{ CachingSha2Password: HASHES.CachingSha2Password, UserData: 'l' }],
        }),
      },
    });
    const empty = rig.planned.filter(({ card }) => card.id.startsWith('passwords/empty/main/mysql'));
    expect(empty).toHaveLength(41);
    expect(empty[0]?.card.id).toBe('passwords/empty/main/mysql/last');
    expect(empty.at(-1)?.card.aim).toBe('gateway main, MySQL, 21 more users');
    expect(await rig.perform('passwords/empty/main/mysql/others')).toMatchObject({ outcome: 'stopped' });
    await rig.close();
  }, 60_000);
});
