import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse, start } from '../../support/cli/gatehouse';

let folder: string;
let dir: string;
const copyOf = async (name: string): Promise<string> => {
  await cp(dir, join(folder, name), { recursive: true });
  return join(folder, name);
};

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-first-hour-'));
  dir = join(folder, 'shop');
  expect((await gatehouse(['init', dir, '--from', 'shop'])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('verify', () => {
  test('a test file at fault is reported, whether or not another one is left', async () => {
    const faulty = await copyOf('faulty-tests');
    const sound = JSON.parse(await readFile(join(faulty, 'tests', 'shop.json'), 'utf8')) as object;
    await writeFile(join(faulty, 'tests', 'shop.json'), '{"schema": 1,');
    const alone = await gatehouse(['verify', faulty]);
    expectMistake(alone, 4, /tests\/shop\.json:1:\d+: error: /);
    expect(alone.stderr).not.toMatch(/has no tests|\.\. /);
    await writeFile(join(faulty, 'tests', 'more.json'), JSON.stringify(sound));
    expectMistake(await gatehouse(['verify', faulty]), 4, /tests\/shop\.json:1:\d+: error: /);
    expectMistake(await gatehouse(['query', faulty, '--as', 'nobody', 'select 1']), 4, /"gatehouse check" lists/);
  });

  test('a report that cannot be written is refused before anything runs', async () => {
    for (const path of [join(folder, 'none', 'x.xml'), folder]) {
      const end = await gatehouse(['verify', dir, '--junit', path]);
      expectMistake(end, 2, /JUnit report cannot be written .* Nothing was run/);
      expect(end.stdout).toBe('');
    }
    const csv = await gatehouse(['verify', dir, '--csv', folder]);
    expectMistake(csv, 2, /CSV file cannot be written .* Nothing was run/);
    const same = join(folder, 'same');
    const twice = await gatehouse(['verify', dir, '--csv', same, '--html', same]);
    expectMistake(twice, 2, /HTML report cannot be written there: the CSV file is to be written there/);
    expect(existsSync(join(dir, '.gatehouse', 'data'))).toBe(false);
  });
});

describe('words', () => {
  test('no line zero and no second full stop', async () => {
    const faulty = await copyOf('faulty-files');
    await rm(join(faulty, 'acl.json'));
    const missing = await gatehouse(['up', faulty]);
    expectMistake(missing, 4, /acl\.json: the file is named/);
    expect(missing.stderr).not.toContain(':0');
    await writeFile(join(faulty, 'acl.json'), "{'table_groups': []}");
    const quoted = await gatehouse(['up', faulty]);
    expectMistake(quoted, 4, /acl\.json:1: .*[^.]\. "gatehouse check" lists/);
  });

  test('a newer schema is said once', async () => {
    const newer = await copyOf('newer');
    await writeFile(join(newer, 'gatehouse.json'), '{"schema": 99}');
    const { stderr } = await gatehouse(['up', newer]);
    expect(stderr.match(/newer Gatehouse/g)).toHaveLength(1);
  });

  test('a mysqld that is not there, and names that are too long', async () => {
    expectMistake(await gatehouse(['up', dir, '--mysqld', join(folder, 'nope')]), 3, /nope does not exist\./);
    const long = join(folder, 'x'.repeat(300));
    expectMistake(await gatehouse(['init', long]), 2, /too long/);
    expectMistake(await gatehouse(['up', long]), 2, /too long/);
    expectMistake(await gatehouse(['check', '--acl', long]), 2, /too long|ENAMETOOLONG/);
  });
});

describe('certs', () => {
  test('a path as the shell completes it leads to the same file, and never outside', async () => {
    const end = await gatehouse(['certs', 'inspect', 'shop', 'shop/pki/callers/olga-cert.pem'], { cwd: folder });
    expect([end.code, end.stderr]).toEqual([0, '']);
    expect(end.stdout).toBe((await gatehouse(['certs', 'inspect', dir, 'pki/callers/olga-cert.pem'])).stdout);
    expect(end.stdout).toMatch(/[^\n]\n$/);
    const verified = await gatehouse(
      ['certs', 'verify', 'shop', 'shop/pki/callers/olga-cert.pem', '--trust', 'shop/pki/callers/ca-cert.pem'],
      { cwd: folder },
    );
    expect(verified.stdout).toMatch(/^accepted as "olga"/);
    for (const file of ['shop/gatehouse.json', 'shop/pki/../gatehouse.json', '../shop/users.json'])
      expectMistake(await gatehouse(['certs', 'inspect', 'shop', file], { cwd: folder }), 2, /not below pki/);
  });
});

describe('decide', () => {
  test('one question needs one caller', async () => {
    expectMistake(await gatehouse(['decide', dir, 'select 1']), 2, /name a caller: --user/);
    const two = await gatehouse(['decide', dir, 'select 1', '--user', 'web', '--immediate', 'x']);
    expectMistake(two, 2, /name one caller only: --user/);
    expect(two.stdout).toBe('');
  });

  test('a short answer for people, a document with --json', async () => {
    const allowed = await gatehouse(['decide', dir, '--user', 'web', 'select id from orders']);
    expect([allowed.code, allowed.stderr]).toEqual([0, '']);
    expect(allowed.stdout).toMatch(/^allow: .+\n {2}\+ +orders +READER .*acl\.json:\d+\n$/);
    const denied = await gatehouse(['decide', dir, '--user', 'web', 'select id from payments']);
    expect(denied.stdout).toMatch(/^deny at tablet: .+\n {2}- +payments +READER/);
    const json = await gatehouse(['decide', dir, '--user', 'web', 'select id from orders', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 1, verdict: 'allow', tables: [{ table: 'orders' }] });
  });
});

test('a held workspace says how to attach, and query counts the rows that it changed', async () => {
  const cluster = start(['up', dir, '--json'], { timeoutMs: 80_000 });
  try {
    await cluster.until((text) => text.includes('"event":"ready"'));
    expectMistake(await gatehouse(['up', dir]), 3, /held by gatehouse up [^]*gatehouse verify .* attach/);
    expectMistake(await gatehouse(['verify', dir, '--fidelity', 'vitess']), 3, /to attach to it/);
    const ask = (...more: string[]) => gatehouse(['query', dir, ...more]);
    const products = "update products set name = concat(name, '!') where id in (1, 2)";
    const told = await ask('--as', 'batch', products);
    expect([told.code, told.stdout, told.stderr]).toEqual([0, '', '2 rows affected\n']);
    const overGrpc = await ask('--as', 'batch', '--json', products);
    expect(JSON.parse(overGrpc.stdout)).toMatchObject({ transport: 'grpc-tls', affected: 2, rows: 0, result: null });
    // More than one byte of the OK packet.
    const customers = "update customers set name = concat(name, '!') where id <= 300";
    const overMysql = await ask('--as', 'web', '--json', customers);
    expect(JSON.parse(overMysql.stdout)).toMatchObject({ transport: 'mysql-tls-verified', affected: 300, rows: 0 });
    const read = await ask('--as', 'web', '--json', 'select id from orders where id = 7');
    expect(JSON.parse(read.stdout)).toMatchObject({ affected: null, rows: 1 });
    const noGrpcPassword = await ask('--as', 'web', '--over', 'grpc-tls', 'select 1');
    expect(noGrpcPassword.stderr).toMatch(
      /^refused at login: .*\nThe caller "web" has no gRPC password: \S+\.json has no user "web"\.\n/,
    );
  } finally {
    cluster.child.kill('SIGTERM');
    await cluster.ended;
  }
}, 90_000);
