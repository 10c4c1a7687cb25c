import { describe, expect, it } from 'vitest';
import { plainText, shownVerdict, traceJson, traceReport, type Trace } from '../../../../src-main/domain/trace';
import { code, listed, name, place, rich } from '../../../../src-main/domain/trace/rich';
import { commonNameIn, namesText } from '../../../../src-main/domain/trace/names';
import { clientFault, clientSaw, serverReason } from '../../../../src-main/domain/trace/handshake';

describe('sentences in pieces', () => {
  it('keep their types and read as one sentence', () => {
    const text = rich`Table group ${name('sales')} covers ${code('orders')}${rich` (${place('acl.json', 4)})`}.`;
    expect(text.map(({ style }) => style)).toEqual(['plain', 'name', 'plain', 'code', 'plain', 'place', 'plain']);
    expect(plainText(text)).toBe('Table group sales covers orders (acl.json, line 4).');
    expect(plainText(rich`${name('')}`)).toBe('(empty name)');
    expect(place('acl.json', null)).toEqual({ style: 'place', text: 'acl.json', file: 'acl.json' });
  });

  it('list names with "and", and count what is too much', () => {
    const names = ['a', 'b', 'c', 'd'].map(name);
    expect(plainText(listed(names.slice(0, 1)))).toBe('a');
    expect(plainText(listed(names.slice(0, 2)))).toBe('a and b');
    expect(plainText(listed(names, 2))).toBe('a, b and 2 more');
  });
});

describe('the word for an outcome', () => {
  const binding = (enforcement: string, wouldBe: string | null) => ({ enforcement, wouldBe });
  it('never calls allowed what is only not enforced', () => {
    const allow = { verdict: 'allow', stoppedAt: null } as const;
    expect(shownVerdict(allow, null)).toBe('allowed');
    expect(shownVerdict(allow, binding('enforced', null))).toBe('allowed');
    expect(shownVerdict(allow, binding('strict-off', null))).toBe('allowed');
    expect(shownVerdict(allow, binding('dry-run', 'deny'))).toBe('would-be-denied');
    expect(shownVerdict(allow, binding('strict-off', 'deny'))).toBe('not-enforced');
    expect(shownVerdict(allow, binding('no-acl', 'cannot-decide'))).toBe('not-enforced');
    expect(shownVerdict(allow, binding('exempt', 'deny'))).toBe('allowed');
    expect(shownVerdict({ verdict: 'cannot-decide', stoppedAt: 'tablet' }, null)).toBe('denied');
    expect(shownVerdict({ verdict: 'invalid', stoppedAt: 'tablet' }, null)).toBe('refused');
  });
});

describe('names in certificates', () => {
  it.each([
    ['C=DE\nO=Shop\nCN=olga', 'olga'],
    ['CN=a\\,b,O=c', 'a,b'],
    ['O=only', 'O=only'],
  ])('%j is %s', (subject, expected) => expect(commonNameIn(subject)).toBe(expected));

  it('are printed as people write them', () =>
    expect(namesText('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://x')).toBe(
      'localhost, 127.0.0.1, ::1, spiffe://x',
    ));
});

describe('a failed handshake', () => {
  const names = {
    shown: 'olga',
    issuer: 'Other CA',
    authorities: 'pki/ca.pem',
    revocations: 'pki/crl.pem',
    demandedName: 'x',
    serverNames: ['y'],
    server: 'gateway',
  };
  it.each([
    'certificate-required',
    'expired',
    'not-yet-valid',
    'unknown-authority',
    'revoked',
    'crl-expired',
    'crl-missing',
    'wrong-purpose',
    'weak-key',
    'not-tls',
    'protocol-version',
    'no-shared-cipher',
    'closed',
    'timeout',
  ])('has a sentence of its own for %s', (cause) => expect(plainText(serverReason(cause, names))).not.toContain(cause));
  it('names a cause that it does not know', () => expect(plainText(serverReason('novel', names))).toContain('novel'));

  it('quotes the alert with its number, and an end without one as such', () => {
    const openssl =
      '80AC:error:0A000415:SSL routines:ssl3_read_bytes:ssl/tls alert certificate expired:rec_layer_s3.c:1601:SSL alert number 45\n';
    expect(plainText(clientSaw(openssl, names))).toBe('Alert from the gateway: certificate expired (45)');
    expect(plainText(clientSaw('read ECONNRESET', names))).toBe('The gateway closed the connection without a word');
    expect(plainText(clientSaw('something else', names))).toBe('something else');
  });

  it('is the client’s own where its library says so', () => {
    expect(clientFault('certificate has expired', names)?.cause).toBe('client-expired');
    expect(clientFault('self-signed certificate in certificate chain', names)?.cause).toBe('client-unknown-authority');
    expect(clientFault('the server offers no TLS', names)?.cause).toBe('no-tls-offered');
    expect(clientFault('read ECONNRESET', names)).toBeNull();
  });
});

describe('a report', () => {
  const outcome = { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null } as const;
  const trace = (sql: string): Trace => ({
    startedAt: '2026-05-03T12:00:01.123Z',
    milliseconds: 1,
    caller: 'web',
    proof: 'user web',
    gateway: 'main',
    transport: 'mysql-tls',
    sql,
    verdict: 'allowed',
    title: 'Allowed',
    sentence: [],
    asExpected: null,
    asPredicted: null,
    actual: outcome,
    expected: null,
    predicted: null,
    stoppedAt: null,
    protection: { A: 'tls', C: 'unknown', E: 'unknown' },
    hops: [],
    heard: null,
    rows: null,
  });
  it.each([
    `create user x identified by 'open sesame'`,
    `alter user x identified with mysql_native_password by "open sesame"`,
    `set password = 'open sesame'`,
    `set password for x = 'open sesame'`,
    `select password('open sesame')`,
    `create user x identified by 'it''s open sesame'`,
  ])('masks the password in %s', (sql) => {
    const text = traceReport(trace(sql));
    expect(text).not.toContain('sesame');
    expect(text).toContain('•••');
    expect(text.split('\n')[0]).toMatch(/^Gatehouse trace 2026-05-03T12:00:01Z web /);
  });
  it('leaves other texts alone', () => expect(traceReport(trace(`select 'open sesame'`))).toContain('open sesame'));

  it('as JSON has schema 1 and everything but secrets and rows', () => {
    const sql = `set password for x = 'open "sesame"'`;
    const one: Trace = {
      ...trace(sql),
      heard: { text: `near '${sql}'`, note: null },
      rows: {
        count: 1,
        affected: null,
        columns: ['id'],
        values: [['a secret of the table']],
        truncated: false,
      } as never,
    };
    const text = traceJson(one);
    expect(text).not.toMatch(/sesame|a secret of the table/);
    expect(JSON.parse(text)).toMatchObject({
      schema: 1,
      caller: 'web',
      verdict: 'allowed',
      sql: `set password for x = '•••'`,
      rows: { count: 1, columns: ['id'], values: [] },
    });
    expect(JSON.parse(traceJson(trace('select 1')))).toMatchObject({ sql: 'select 1', rows: null });
  });
});
