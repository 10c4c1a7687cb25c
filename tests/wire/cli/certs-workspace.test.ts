import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCsr } from '../../../src-main/domain/certs';
import { buildProgram, gatehouse as run } from '../../support/cli/gatehouse';

let folder: string;
let empty: string;
let shop: string;
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-cli-certs-'));
  empty = join(folder, 'empty');
  shop = join(folder, 'shop');
  await Promise.all([run(['init', empty, '--from', 'empty']), run(['init', shop, '--from', 'shop'])]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await run([...args, '--json'])).stdout) as Record<string, unknown>;

test('usual-set: from an empty workspace to one that check has no fault with; a second time nothing is missing', async () => {
  const { files } = (await json('certs', 'usual-set', empty)) as { files: string[] };
  expect(files).toContain('gatehouse.json');
  expect((await run(['check', empty])).code).toBe(0);
  expect((await run(['certs', 'usual-set', empty])).stdout).toBe('nothing is missing\n');
  const { checks } = (await json('certs', 'checks', empty)) as { checks: { checkedBy: string }[] };
  expect(checks.length).toBeGreaterThan(5);
  expect(checks.filter(({ checkedBy }) => checkedBy === 'nobody')).toEqual([]);
});

test('checks: a table with the flag of each', async () => {
  const { stdout } = await run(['certs', 'checks', shop]);
  expect(stdout.split('\n')[0]).toMatch(/^LINK +SHOWN +CHECKED BY +AGAINST +FLAGS/);
  expect(stdout).toMatch(/main, certs → zone1-100 +shop gateways +tablet +Shop tablet clients CA +--grpc-ca/);
});

test('faulty, and its export only when it is wanted', async () => {
  const olga = 'pki/callers/olga-cert.pem';
  const made = await run(['certs', 'faulty', shop, olga, '--fault', 'expired']);
  expect(made.stdout).toContain('wrote pki/callers/olga-expired-cert.pem');
  const out = join(folder, 'faulty.pem');
  const args = ['certs', 'export', shop, 'pki/callers/olga-expired-cert.pem', '--out', out];
  const refused = await run(args);
  expect([refused.code, refused.stderr]).toMatchObject([2, expect.stringMatching(/faulty on purpose/) as string]);
  await expect(stat(out)).rejects.toThrow();
  expect((await run([...args, '--faulty'])).code).toBe(0);
  const unknown = await run(['certs', 'faulty', shop, olga, '--fault', 'tired']);
  expect(unknown.code).toBe(2);
});

test('authority and sign', async () => {
  await run(['certs', 'authority', shop, '--id', 'robots', '--cn', 'Robots CA', '--issuer', 'root']);
  const request = join(folder, 'r.csr');
  await writeFile(request, createCsr({ subject: { commonName: 'r2' }, dnsNames: ['droids'] }).pem);
  const signed = await run(['certs', 'sign', shop, request, '--authority', 'robots', '--id', 'r2']);
  expect(signed.stdout).toBe('wrote pki/robots/r2-cert.pem\n');
  expect((await run(['certs', 'inspect', shop, 'pki/robots/r2-cert.pem'])).stdout).toContain('CN=r2 (DNS droids)');
  const bad = await run(['certs', 'sign', shop, join(shop, 'acl.json'), '--authority', 'robots', '--id', 'r3']);
  expect([bad.code, bad.stderr]).toMatchObject([2, expect.stringMatching(/not a certificate request/) as string]);
});

describe('import', () => {
  test('reports, writes, and tells a refused file by its code', async () => {
    const out = join(folder, 'auditor.p12');
    await run(
      [
        'certs',
        'export',
        shop,
        'pki/callers/auditor-cert.pem',
        '--format',
        'pkcs12',
        '--out',
        out,
        '--passphrase-fd',
        '3',
      ],
      { third: 'open sesame\n' },
    );
    const looked = await run(['certs', 'import', empty, out, '--dry-run', '--passphrase-fd', '3'], {
      third: 'open sesame\n',
    });
    expect(looked.stdout).toContain('would write pki/shop-callers-ca/ca-cert.pem');
    await expect(stat(join(empty, 'pki/shop-callers-ca'))).rejects.toThrow();
    const taken = await run(['certs', 'import', empty, out, '--passphrase-fd', '3'], { third: 'open sesame\n' });
    expect([taken.code, taken.stdout]).toMatchObject([0, expect.stringContaining('The key fits auditor.') as string]);
    const locked = await run(['certs', 'import', empty, out]);
    expect([locked.code, locked.stdout]).toMatchObject([
      4,
      expect.stringContaining('Its passphrase is needed') as string,
    ]);
    const text = join(folder, 'notes.txt');
    await writeFile(text, 'shopping list');
    const refused = await run(['certs', 'import', empty, text]);
    expect([refused.code, refused.stdout]).toMatchObject([
      4,
      expect.stringContaining('no certificate inside') as string,
    ]);
    const missing = await run(['certs', 'import', empty, join(folder, 'nothing.pem')]);
    expect([missing.code, missing.stderr]).toMatchObject([
      2,
      expect.stringContaining('Nothing was imported') as string,
    ]);
  });
});

test('renew: a branch, and an authority alone', async () => {
  const ca = join(shop, 'pki/callers/ca-cert.pem');
  const before = await readFile(ca, 'utf8');
  const { files } = (await json('certs', 'renew', shop, 'pki/callers/ca-cert.pem', '--branch')) as { files: string[] };
  expect(files).toEqual(
    expect.arrayContaining(['pki/callers/ca-cert.pem', 'pki/callers/olga-cert.pem', 'pki/callers/crl.pem']),
  );
  expect(await readFile(ca, 'utf8')).not.toBe(before);
  const verify = ['certs', 'verify', shop, 'pki/callers/olga-cert.pem', '--trust', 'pki/callers/ca-cert.pem'];
  expect((await run(verify)).code).toBe(0);
  expect((await run(['certs', 'renew', shop, 'pki/callers/ca-cert.pem'])).code).toBe(0);
  expect((await run(verify)).code).toBe(0);
  expect((await run(['check', shop])).code).toBe(0);
});

test('revoke --use-crl, use-crl and delete', async () => {
  const cert = 'pki/tablet-clients/gateways-cert.pem';
  const revoked = await run(['certs', 'revoke', shop, cert, '--use-crl']);
  expect([revoked.code, revoked.stdout]).toEqual([0, 'wrote pki/tablet-clients/crl.pem\n']);
  expect(await readFile(join(shop, 'gatehouse.json'), 'utf8')).toContain('"crl": "pki/tablet-clients/crl.pem"');
  expect((await run(['certs', 'use-crl', shop, 'tablet-clients'])).stdout).toBe('nothing to change\n');
  const refused = await run(['certs', 'delete', shop, cert]);
  expect([refused.code, refused.stderr]).toMatchObject([
    2,
    expect.stringMatching(/names it: main, certs cannot start[\s\S]*Nothing was deleted/) as string,
  ]);
  expect((await run(['certs', 'delete', shop, cert, '--force'])).stdout).toContain(`deleted ${cert}`);
});

test('snippets: what is asked for, to be pasted; a gateway that is not there is refused', async () => {
  const { stdout } = await run([
    ...'certs snippets'.split(' '),
    shop,
    'pki/callers/olga-cert.pem',
    '--gateway',
    'certs',
    '--for',
    'mysql',
  ]);
  expect(stdout).toMatch(/^mysql \\\n {2}--host=127\.0\.0\.1/);
  expect(stdout).toContain(`--ssl-cert=${join(shop, 'pki/callers/olga-cert.pem')}`);
  expect(stdout).not.toMatch(/password=/);
  expect((await run(['certs', 'snippets', shop, '--gateway', 'none'])).code).toBe(2);
});

test('encrypt-keys and decrypt-keys: the passphrase comes over a file descriptor', async () => {
  const encrypt = await run(['certs', 'encrypt-keys', empty, '--passphrase-fd', '3'], { third: 'a long passphrase\n' });
  expect(encrypt.code).toBe(0);
  expect(await readFile(join(empty, 'pki/root/ca-key.pem'), 'utf8')).toContain('ENCRYPTED');
  // What runs needs the keys of the servers: only --all encrypts them.
  const others = (await readdir(join(empty, 'pki'), { recursive: true })).filter(
    (name) => name.endsWith('-key.pem') && !name.endsWith('ca-key.pem'),
  );
  expect(others.length).toBeGreaterThan(0);
  for (const name of others) expect(await readFile(join(empty, 'pki', name), 'utf8')).not.toContain('ENCRYPTED');
  const wrong = await run(['certs', 'decrypt-keys', empty, '--passphrase-fd', '3'], { third: 'another\n' });
  expect([wrong.code, wrong.stderr]).toMatchObject([2, expect.stringMatching(/passphrase does not open/) as string]);
  const back = await run(['certs', 'decrypt-keys', empty, '--passphrase-fd', '3'], { third: 'a long passphrase\n' });
  expect(back.code).toBe(0);
  expect((await run(['certs', 'encrypt-keys', empty])).code).toBe(2);
});

test('a folder that is no workspace is refused by each', async () => {
  for (const args of [
    ['usual-set'],
    ['checks'],
    ['use-crl', 'x'],
    ['delete', 'x'],
    ['import', 'x'],
    ['snippets', '--gateway', 'x'],
    ['faulty', 'x', '--fault', 'expired'],
  ]) {
    const [name = '', ...rest] = args;
    const { code, stderr } = await run(['certs', name, folder, ...rest]);
    expect([name, code, stderr]).toMatchObject([name, 2, expect.stringMatching(/no workspace/) as string]);
  }
});
