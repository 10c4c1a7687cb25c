import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyForms, type CopyForm, type TestRequest } from '../../../src-main/contract/areas/test';
import { openTests, type OpenTests } from '../../support/test-service';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { installedPrograms } from '../backend/backend-fixture';

/** A test copied as a command line is run as it was copied, and gives the same verdict. */
const [program] = await installedPrograms();
const busy = 120_000;
const mysql9 = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin');
const hasMysql9 = existsSync(join(mysql9, 'mysql'));
if (!hasMysql9) console.warn('not run: copied command lines of MySQL 9’s client, which is not here');

const request = (more: Partial<TestRequest>): TestRequest => ({
  caller: 'web',
  gateway: 'main',
  user: 'web',
  password: { kind: 'saved' },
  certificate: null,
  claimed: null,
  transport: 'mysql-tls-verified',
  serverName: 'localhost',
  trust: 'pki/root/ca-cert.pem',
  sql: 'select id, name from customers where id = 7',
  ...more,
});
const billing = (more: Partial<TestRequest> = {}): TestRequest =>
  request({
    gateway: 'certs',
    transport: 'mysql-mutual-tls',
    caller: 'billing',
    user: 'billing',
    certificate: 'pki/callers/billing-cert.pem',
    sql: 'select id, amount_cents from payments where id = 7',
    ...more,
  });

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const shell = (line: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      'bash',
      ['-c', line],
      { env: { ...process.env, PATH: `${mysql9}${delimiter}${process.env['PATH'] ?? ''}` }, timeout: 30_000 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
    );
  });

describe.runIf(program !== undefined)('a test of the shop, copied', () => {
  let made: MadeWorkspace;
  let open: OpenTests;
  beforeAll(async () => {
    made = await makeWorkspace('shop');
    open = await openTests(made.dir, program!);
    await open.cluster.start();
  }, busy);
  afterAll(async () => {
    await open.close();
    await made.remove();
  }, busy);

  const copy = (form: CopyForm, asked: TestRequest, withPassword = true) =>
    open.test.copyAs({ request: asked, form, withPassword });
  const secrets = (): string[] =>
    open.document.secrets.names().map((name) => open.document.secrets.get(name)!.reveal());

  const cases: [string, TestRequest, RegExp | null][] = [
    ['verified TLS, allowed', request({}), null],
    ['TLS that is not verified', request({ transport: 'mysql-tls', trust: null }), null],
    ['TLS 1.2 alone', request({ tlsOnly: 'TLSv1.2' }), null],
    [
      'denied at the tablet',
      request({ caller: 'maria', user: 'maria', sql: 'select id from payments where id = 7' }),
      /ERROR 1045 .*Select command denied to user 'maria'.*\(ACL check error\)/,
    ],
    ['mutual TLS, allowed', billing(), null],
    [
      'a wrong password',
      request({ password: { kind: 'wrong' } }),
      /ERROR 1045 \(28000\): Access denied for user 'web'/,
    ],
    [
      'an empty password',
      request({ password: { kind: 'empty' } }),
      /ERROR 1045 \(28000\): Access denied for user 'web'/,
    ],
    ['quotes in the statement', request({ sql: `select 'it''s', "$HOME" from customers where id = 7` }), null],
  ];

  describe.each(['mysql', 'mariadb'] as const)('as a line of %s', (client) => {
    it.skipIf(client === 'mysql' && !hasMysql9).each(cases)('%s', async (_, asked, refusal) => {
      const { verdict } = await open.test.single(asked);
      const { text, why } = copy(client, asked);
      expect(why).toBeNull();
      const end = await shell(text!);
      expect([end.code === 0, verdict === 'allowed'], end.err).toEqual([refusal === null, refusal === null]);
      if (refusal !== null) expect(end.err).toMatch(refusal);
    });
  });

  it.each(copyForms)('%s holds no secret unless it was asked for, and then not among its words', (form) => {
    for (const asked of [
      request({}),
      billing(),
      request({
        transport: 'grpc-mutual-tls',
        user: null,
        certificate: 'pki/callers/billing-cert.pem',
        gateway: 'certs',
      }),
      request({ sql: "create user x identified by 'hunter2'" }),
    ]) {
      const { text } = copy(form, asked, false);
      for (const secret of [...secrets(), 'hunter2', 'PRIVATE KEY']) expect(text ?? '').not.toContain(secret);
      const asking = copy(form, asked, true).text ?? '';
      for (const secret of secrets())
        for (const word of asking.split(/ \\\n/).slice(1)) expect(word).not.toContain(secret);
    }
  });

  it('says where a client cannot say the same, instead of saying less', () => {
    expect(copy('grpcurl', request({})).why).toMatch(/speaks gRPC/);
    expect(copy('mysql', request({ transport: 'mysql-plain', trust: null })).why).toMatch(/mysql_native_password/);
    expect(copy('mariadb', request({ serverName: 'elsewhere.example' })).why).toMatch(/verify the name that they dial/);
    expect(copy('node', request({ transport: 'mysql-tls', trust: null })).why).toMatch(/verified TLS only/);
    expect(copy('mysql', billing({ fault: 'expired' })).why).toMatch(/is in no file/);
  });

  it('is a call of grpcurl for gRPC, with the password from a prompt', () => {
    const { text } = copy('grpcurl', billing({ transport: 'grpc-mutual-tls', user: null }), false);
    expect(text).toMatch(/^grpcurl \\\n.*-proto vtgateservice\.proto/s);
    expect(text).toContain('vtgateservice.Vitess/Execute');
    expect(text).toContain('"target_string":"shop:0@primary"');
  });
});
