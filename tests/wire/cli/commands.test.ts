import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse, type Ended } from '../../support/cli/gatehouse';

let folder: string;
let shop: string;
const said: string[] = [];
const run = async (...parameters: Parameters<typeof gatehouse>): Promise<Ended> => {
  const end = await gatehouse(...parameters);
  said.push(end.stdout, end.stderr);
  return end;
};
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-cli-'));
  shop = join(folder, 'shop');
  expect((await run(['init', shop, '--from', 'shop'])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('help', () => {
  test('every command has one, and the program names them all', async () => {
    const { stdout, code } = await run(['--help']);
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '');
    expect(names).toEqual(
      expect.arrayContaining(['demo', 'init', 'up', 'verify', 'check', 'decide', 'query', 'certs', 'completion']),
    );
    const helps = await Promise.all(names.filter((name) => name !== 'help').map((name) => run([name, '--help'])));
    for (const help of helps) {
      expect([help.code, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toMatch(/^Usage: gatehouse /);
    }
    const inner = await Promise.all(
      ['list', 'issue', 'renew', 'revoke', 'crl', 'inspect', 'verify', 'export'].map((name) =>
        run(['certs', name, '--help']),
      ),
    );
    for (const help of inner) expect([help.code, help.stdout.slice(0, 22)]).toEqual([0, 'Usage: gatehouse certs']);
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('check', () => {
  const findings = (end: Ended): { code: string; level: string; line: number }[] =>
    (JSON.parse(end.stdout) as { findings: { code: string; level: string; line: number }[] }).findings;

  test('a sound workspace has no errors, and --json has the shape of docs/cli.md', async () => {
    const end = await run(['check', shop, '--json']);
    expect([end.code, end.stderr]).toEqual([0, '']);
    const document = JSON.parse(end.stdout) as Record<string, unknown>;
    expect(Object.keys(document)).toEqual(['schema', 'findings']);
    expect(document['schema']).toBe(1);
    for (const finding of findings(end)) {
      expect(Object.keys(finding).sort()).toEqual(['code', 'column', 'file', 'level', 'line', 'message', 'remedy']);
      expect(finding.level).not.toBe('error');
    }
  });

  test.each([
    [
      'users',
      'vtgate',
      '{"a": [{"Password": 1}]}',
      '{"a": [{"MysqlNativePassword": "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "UserData": "a"}]}',
    ],
    [
      'acl',
      'vttablet',
      '{"table_groups": 1}',
      '{"table_groups": [{"name": "t", "table_names_or_prefixes": ["t"], "readers": ["a"], "writers": ["a"], "admins": ["a"]}]}',
    ],
  ])('--%s says whether %s would start, and with which words', async (kind, vitess, broken, sound) => {
    const file = join(folder, `${kind}.json`);
    await writeFile(file, broken);
    const bad = await run(['check', `--${kind}`, file, '--json']);
    expect(bad.code).toBe(4);
    const answer = (JSON.parse(bad.stdout) as { vitess: Record<string, { accepted: boolean; message: string }> })
      .vitess;
    expect(Object.keys(answer)).toEqual([vitess]);
    expect(answer[vitess]).toEqual({ program: vitess, accepted: false, message: expect.stringMatching(/.+/) });
    expect(findings(bad).some(({ level, line }) => level === 'error' && line === 1)).toBe(true);
    expect((await run(['check', `--${kind}`, file])).stdout).toContain(`${vitess} would refuse`);
    await writeFile(file, sound);
    const good = await run(['check', `--${kind}`, file, '--json']);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ vitess: { [vitess]: { accepted: true } } });
  });
});

describe('decide', () => {
  const answers = (end: Ended): Record<string, unknown>[] =>
    end.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('answers a batch line by line, in order, with the table, the role and the place in the file', async () => {
    const input = [
      { id: 1, caller: { user: 'web' }, sql: 'select id from orders' },
      { id: 'two', caller: { certificate: 'pki/callers/billing-cert.pem' }, sql: 'select id from orders' },
      { caller: { certificate: 'olga' }, sql: "alter table orders comment = 'x'" },
      { id: 4, caller: { claimed: 'catalogue-sync' }, sql: 'update products set name = name' },
      { id: 5, caller: { immediate: 'x', groups: ['support'] }, sql: 'select * from staff_notes' },
      // JSON may hold a line separator as it is.
      { id: 6, caller: { user: 'web' }, sql: "select '\u2028' from orders" },
      { id: 7, caller: { certificate: 'pki/callers/revoked-cert.pem' }, sql: 'select 1 from payments' },
      { id: 8, caller: { user: 'web' }, sql: 'selec 1' },
    ]
      .map((question) => JSON.stringify(question))
      .join('\n');
    const end = await run(['decide', shop, '--batch', '-'], { input: `${input.replaceAll('\\u2028', '\u2028')}` });
    expect([end.code, end.stderr]).toEqual([0, '']);
    const given = answers(end);
    expect(given.map(({ id, verdict }) => [id, verdict])).toEqual([
      [1, 'allow'],
      ['two', 'deny'],
      ['line 3', 'allow'],
      [4, 'allow'],
      [5, 'allow'],
      [6, 'allow'],
      [7, 'refused'],
      [8, 'invalid'],
    ]);
    expect(given[1]).toMatchObject({ enforcement: 'enforced', stoppedAt: 'tablet', code: 1045, sqlState: '28000' });
    expect(given[6]).toMatchObject({ stoppedAt: 'login', reason: expect.stringContaining('revoked') });
    const [table] = given[0]?.['tables'] as Record<string, unknown>[];
    expect(table).toMatchObject({ table: 'orders', role: 'READER', granted: true, file: 'acl.json' });
    const place = (await readFile(join(shop, 'acl.json'), 'utf8')).split('\n')[Number(table?.['line']) - 1];
    expect(place).toContain('shop_web');
  });

  test('says what is wrong with each line that is no question, and goes on', async () => {
    const lines: [string, RegExp][] = [
      ['not json', /Line 1 is not JSON/],
      ['[1, 2]', /Line 2 is a list/],
      ['{"caller": {"user": "web"}}', /"sql" is missing/],
      ['{"id": 4, "caller": {"user": "web"}, "sql": 7}', /"sql" is a number/],
      ['{"sql": "select 1"}', /"caller" is missing/],
      ['{"caller": "web", "sql": "select 1"}', /"caller" is a string/],
      ['{"caller": {"usr": "web"}, "sql": "select 1"}', /"caller\.usr" means nothing/],
      ['{"caller": {"user": ["web"]}, "sql": "select 1"}', /"caller\.user" is a list/],
      ['{"caller": {"immediate": "a", "groups": "b"}, "sql": "select 1"}', /groups" is no list of texts/],
      ['{"id": {}, "caller": {"user": "web"}, "sql": "select 1"}', /"id" is an object/],
      ['{"caller": {"__proto__": "web"}, "sql": "select 1"}', /means nothing/],
      ['{"caller": {}, "sql": "select 1"}', /exactly one of/],
      ['{"caller": {"user": "web", "immediate": "x"}, "sql": "select 1"}', /exactly one of/],
      ['{"caller": {"user": "stranger"}, "sql": "select 1"}', /has a user "stranger"/],
      ['\u0000\u00ff', /is not JSON/],
    ];
    const input = `${lines.map(([line]) => line).join('\n')}\n\n{"id":"last","caller":{"user":"web"},"sql":"select id from orders"}`;
    const end = await run(['decide', shop, '--batch', '-'], { input });
    const given = answers(end);
    expect(end.code).toBe(0);
    expect(given).toHaveLength(lines.length + 1);
    lines.forEach(([line, words], index) => {
      expect([line, given[index]?.['reason']]).toEqual([line, expect.stringMatching(words)]);
      expect(given[index]?.['verdict']).not.toBe('allow');
    });
    expect(given.map(({ id }) => id)).toContain(4);
    expect(given.at(-1)).toMatchObject({ id: 'last', verdict: 'allow' });
  });

  test('never decides from files that are at fault', async () => {
    const faulty = join(folder, 'faulty');
    await run(['init', faulty, '--from', 'shop']);
    await writeFile(join(faulty, 'acl.json'), '{"table_groups": [');
    const end = await run(['decide', faulty, '--user', 'nobody', 'select id from payments']);
    expect(end.stdout).toBe('');
    expectMistake(end, 4, /has .*fault.*acl\.json/);
  });
});

describe('completion', () => {
  test('bash completes commands, inner commands and options, and leaves file names to the shell', async () => {
    const { stdout } = await run(['completion', 'bash']);
    const complete = (...words: string[]): string[] => {
      const script = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const ran = spawnSync('bash', ['-eu', '-c', script], { encoding: 'utf8' });
      expect(ran.stderr).toBe('');
      return ran.stdout.split('\n').filter((word) => word !== '');
    };
    expect(complete('gatehouse', 've')).toEqual(['verify']);
    expect(complete('gatehouse', '')).toEqual(expect.arrayContaining(['init', 'up', 'certs', '--help']));
    expect(complete('gatehouse', 'certs', 're')).toEqual(['renew', 'revoke']);
    expect(complete('gatehouse', 'certs', 'issue', '--au')).toEqual(['--authority']);
    expect(complete('gatehouse', 'verify', '--j')).toEqual(['--json', '--junit']);
    expect(complete('gatehouse', 'verify', '--c')).toEqual(['--csv', '--coverage', '--concurrency']);
    expect(complete('gatehouse', 'verify', '--h')).toEqual(expect.arrayContaining(['--html', '--help']));
    expect(complete('gatehouse', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(complete('gatehouse', 'verify', '/tm')).toEqual([]);
  });

  test('zsh and fish scripts name every command', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { stdout, code } = await run(['completion', shell]);
      expect(code).toBe(0);
      for (const name of ['demo', 'verify', 'certs', 'decide']) expect(stdout).toContain(name);
    }
  });
});

describe('certs', () => {
  test('issue, list, inspect, verify, renew, revoke, crl and export on a real workspace', async () => {
    const cert = 'pki/callers/robot-cert.pem';
    const trust = ['--trust', 'pki/callers/ca-cert.pem'];
    const issued = await run([
      ...['certs', 'issue', shop, '--authority', 'callers', '--id', 'robot', '--cn', 'robot', '--dns', 'bots', 'ops'],
      '--json',
    ]);
    expect(JSON.parse(issued.stdout)).toEqual({ schema: 1, files: [cert, 'pki/callers/robot-key.pem'] });
    expectMistake(
      await run(['certs', 'issue', shop, '--authority', 'callers', '--id', 'robot', '--cn', 'robot']),
      2,
      /is there already/,
    );
    expect((await run(['certs', 'verify', shop, cert, ...trust])).stdout).toBe(
      'accepted as "robot", groups bots, ops\n',
    );
    const asServer = await run(['certs', 'verify', shop, cert, ...trust, '--as', 'server', '--json']);
    expect([asServer.code, JSON.parse(asServer.stdout)]).toMatchObject([1, { ok: false, cause: 'wrong-purpose' }]);
    expect((await run(['certs', 'inspect', shop, cert])).stdout).toContain('robot');
    expect((await run(['certs', 'renew', shop, cert])).code).toBe(0);
    expect((await run(['certs', 'revoke', shop, cert, '--reason', 'superseded'])).code).toBe(0);
    expect((await run(['certs', 'verify', shop, cert, ...trust])).code).toBe(1);
    expect((await run(['certs', 'crl', shop, 'callers'])).code).toBe(0);
    const list = JSON.parse((await run(['certs', 'list', shop, '--json'])).stdout) as {
      certificates: { file: string; status: string }[];
    };
    expect(list.certificates.find(({ file }) => file === cert)?.status).toBe('revoked');
    const out = join(folder, 'olga.p12');
    const exported = await run(
      [
        'certs',
        'export',
        shop,
        'pki/callers/olga-cert.pem',
        '--format',
        'pkcs12',
        '--out',
        out,
        '--passphrase-fd',
        '3',
      ],
      { third: 'open sesame\n' },
    );
    expect([exported.code, exported.stdout]).toEqual([0, `wrote ${out}\n`]);
    // The caller's new place is not lost on what runs: the workspace is still sound.
    expect((await run(['check', shop])).code).toBe(0);
  });
});

test('no password or key of the workspace was ever printed', async () => {
  const { SecretStore } = await import('../../../src-main/servers/store');
  const store = await SecretStore.open(join(shop, '.gatehouse', 'secrets'), { kind: 'key-file' });
  if (!store.ok) throw new Error(store.failure.summary);
  const names = store.value.names();
  expect(names.length).toBeGreaterThanOrEqual(6);
  const printed = said.join('\n');
  expect(printed.length).toBeGreaterThan(10_000);
  for (const name of names) expect(printed.includes(store.value.get(name)?.reveal() ?? '')).toBe(false);
  const key = (await readFile(join(shop, 'pki/callers/ca-key.pem'), 'utf8')).split('\n')[1] ?? '';
  expect(printed).not.toContain(key);
  expect(printed).not.toMatch(/PRIVATE KEY|open sesame|a wrong passphrase/);
  expect(printed).not.toContain((await readFile(join(shop, '.gatehouse/secrets/key'), 'utf8')).trim());
});
