import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nativeHash } from '../../../src-main/domain/users';
import { openCallers, type CallersGround } from '../../support/callers-ground';
import { cpuTime } from '../../support/cpu-time';

/** What the page is told of the callers of a draft. */
let ground: CallersGround;
beforeEach(async () => {
  ground = await openCallers({ sample: 'shop' });
});
afterEach(() => ground.close());

const write = (file: string, content: unknown): Promise<void> =>
  ground.document.edit('Write', (dir) => writeFile(join(dir, file), JSON.stringify(content, null, 2)));
const topology = async (change: (value: Record<string, never>) => void): Promise<void> => {
  const value = JSON.parse(await readFile(join(ground.document.draftDir, 'gatehouse.json'), 'utf8')) as Record<
    string,
    never
  >;
  change(value);
  await write('gatehouse.json', value);
};

describe('users', () => {
  it('have their lines, their ways and the findings of their own entries', async () => {
    await write('users.json', {
      first: [{ MysqlNativePassword: nativeHash('a'), UserData: 'first' }],
      second: [
        { MysqlNativePassword: nativeHash('b'), UserData: 'second' },
        { Password: 'in clear', SourceHost: 'localhost' },
      ],
    });
    const second = await ground.user('second');
    expect(second.lines).toEqual([8, 17]);
    expect(second.ways).toMatchObject([
      { gateway: 'main', immediate: { username: 'second' }, entry: 0, unixOnly: false },
      { gateway: 'main', immediate: { username: '' }, entry: 1, unixOnly: true, refusal: null },
    ]);
    expect(second.notes.filter(({ entry }) => entry === 1).map(({ code }) => code)).toEqual(
      expect.arrayContaining(['users.plaintext-password', 'users.no-user-data', 'users.source-localhost']),
    );
    expect((await ground.user('first')).notes.filter(({ code }) => code !== 'users.native-only')).toEqual([]);
  });

  it('are told apart from those who are the same for tables, and from entries that are never reached', async () => {
    await write('users.json', {
      one: [{ MysqlNativePassword: nativeHash('a'), UserData: 'shared' }],
      two: [
        { MysqlNativePassword: nativeHash('b'), UserData: 'shared' },
        { MysqlNativePassword: nativeHash('b'), UserData: 'else' },
      ],
    });
    const codes = (await ground.user('two')).notes.map(({ code, entry }) => [code, entry]);
    expect(codes).toContainEqual(['callers.same-user-data', 0]);
    expect(codes).toContainEqual(['users.unreachable-entry', 1]);
    const text = (await ground.user('one')).notes.find(({ code }) => code === 'callers.same-user-data')?.text;
    expect(text).toContain('one and two');
  });

  it('have their own findings also where everything stands in one line', async () => {
    const entry = (name: string): object[] => [{ MysqlNativePassword: nativeHash(name), UserData: name }];
    await ground.document.edit('Write', (dir) =>
      writeFile(join(dir, 'users.json'), JSON.stringify({ a: entry('a'), b: [...entry('b'), { Password: 'x' }] })),
    );
    expect((await ground.user('a')).notes.map(({ code, entry: at }) => [code, at])).toEqual([['users.native-only', 0]]);
    expect((await ground.user('b')).notes.filter(({ entry: at }) => at === 0).map(({ code }) => code)).toEqual([
      'users.native-only',
    ]);
  });

  it('over the Unix socket only are refused where the gateway has none', async () => {
    await write('users.json', {
      u: [{ MysqlNativePassword: nativeHash('a'), UserData: 'u', SourceHost: 'localhost' }],
    });
    await topology((value) => {
      const [main] = value['gateways'] as unknown as { mysql: { unixSocket: boolean } }[];
      if (main !== undefined) main.mysql.unixSocket = false;
    });
    expect((await ground.user('u')).ways[0]?.refusal).toContain('no Unix socket');
    expect((await ground.user('u')).reach).toBe(0);
  });

  it('are not mixed up with a name that stands twice: the later one counts', async () => {
    const entry = (name: string): string => `[{"MysqlNativePassword": "${nativeHash(name)}", "UserData": "${name}"}]`;
    await ground.document.edit('Write', (dir) =>
      writeFile(join(dir, 'users.json'), `{\n"u": ${entry('earlier')},\n"u": ${entry('later')}\n}`),
    );
    const user = await ground.user('u');
    expect(user.lines).toEqual([3, 3]);
    expect(user.entries.map(({ userData }) => userData)).toEqual(['later']);
  });
});

describe('others', () => {
  it('are certificates with what their gateway says to them now, claimed names, and gRPC users', async () => {
    const view = await ground.callers.view();
    const certificate = (file: string) => view.certificates.find((one) => one.file === `pki/${file}-cert.pem`);
    expect(certificate('callers/olga')).toMatchObject({ name: 'olga', groups: ['operations'], state: 'accepted' });
    expect(certificate('callers/expired')).toMatchObject({ state: 'refused', reach: 0 });
    expect(certificate('callers/expired')?.notes[0]?.text).toContain('expired');
    expect(certificate('gateways/main')).toBeUndefined();
    expect(view.claimed).toMatchObject([{ name: 'catalogue-sync', tests: ['batch'] }]);
    // The gateway does not take the name of its gRPC users: who has no other one is nobody in particular.
    expect(view.grpcUsers).toMatchObject([
      { name: 'batch', ways: [{ immediate: { username: 'unsecure_grpc_client' } }] },
    ]);
    expect(
      view.claims.map(({ gateway, needsUser, needsCertificate }) => [gateway, needsUser, needsCertificate]),
    ).toEqual([
      ['main', true, false],
      ['certs', false, true],
    ]);
  });
});

describe('what callers can reach', () => {
  const callers = [
    { username: 'shop_web', groups: [] },
    { username: 'somebody', groups: ['operations'] },
    { username: 'nobody', groups: [] },
  ];
  it('is predicted for names and groups', async () => {
    const { tables, rows } = ground.callers.reach(callers);
    const row = (at: number) =>
      Object.fromEntries(tables.map((table, index) => [table, rows[at]?.slice(index * 3, index * 3 + 3)]));
    expect(row(0)).toMatchObject({ orders: 'AAD', payments: 'DDD' });
    expect(row(1)).toMatchObject({ orders: 'ADA' });
    expect(new Set(rows[2])).toEqual(new Set(['D']));
    expect((await ground.user('web')).reach).toBe(4);
  });

  it('says when nothing is enforced', async () => {
    await topology((value) => {
      const [tablet] = value['tablets'] as unknown as { acl: { strict: boolean; dryRun: boolean } }[];
      if (tablet !== undefined) tablet.acl.strict = false;
    });
    expect(ground.callers.reach(callers).rows[2]).toMatch(/^N+$/);
    expect((await ground.user('nobody')).reach).toBe(6);
  });
});

describe('many', () => {
  it('users and tables are shown within a fifth of a second', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `user-${at}`,
        [{ MysqlNativePassword: nativeHash(`p${at}`), UserData: `data-${at}` }],
      ]),
    );
    await write('users.json', users);
    const tables = Array.from({ length: 500 }, (_, at) => `table_${at}`);
    await write('acl.json', {
      table_groups: Array.from({ length: 50 }, (_, at) => ({
        name: `group ${at}`,
        table_names_or_prefixes: tables.slice(at * 10, at * 10 + 10),
        readers: Array.from({ length: 20 }, (_unused, reader) => `data-${(at * 7 + reader) % 200}`),
      })),
    });
    await ground.callers.view();
    const start = cpuTime();
    const view = await ground.callers.view();
    const took = cpuTime() - start;
    expect(view.users).toHaveLength(200);
    expect(view.tables).toBeGreaterThanOrEqual(500);
    // Five times what it takes on a quiet machine, so that a busy one does not fail it.
    expect(took).toBeLessThan(1_000);
  });
});
