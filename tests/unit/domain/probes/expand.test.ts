import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandSuite, meets, readSuite, type Expectation, type Suite } from '../../../../src-main/domain/probes';

const caller = {
  name: 'a',
  gateway: 'g',
  certificate: 'pki/x/a-cert.pem',
  transports: ['mysql-tls', 'mysql-mutual-tls'],
};
const table = { name: 't', read: 'R', write: 'W', admin: 'A' };
const document = (more: object = {}) => ({
  schema: 1,
  name: 's',
  gatewayTrust: 'pki/root.pem',
  callers: [caller],
  tables: [table],
  ...more,
});
const read = (value: unknown) => readSuite(Buffer.from(JSON.stringify(value, null, 1)), 'tests/s.json');
const suite = (more: object = {}): Suite => {
  const reading = read(document(more));
  if (reading.suite === null) throw new Error(JSON.stringify(reading.findings));
  return reading.suite;
};

describe('the access matrix', () => {
  test('denies everything that is not listed', () => {
    const cells = expandSuite(suite({ allow: { a: { read: ['t'] } } }), () => 'hardened');
    expect(cells.map(({ id, sql, expected }) => [id, sql, expected.verdict, expected.stoppedAt])).toEqual(
      ['mysql-tls', 'mysql-mutual-tls'].flatMap((way) => [
        [`s/access/a/${way}/t/read`, 'R', 'allow', null],
        [`s/access/a/${way}/t/write`, 'W', 'deny', 'tablet'],
        [`s/access/a/${way}/t/admin`, 'A', 'deny', 'tablet'],
      ]),
    );
    expect(expandSuite(suite(), () => 'vitess').every(({ expected }) => expected.verdict === 'deny')).toBe(true);
  });

  test('presents certificates and checks gateways only where the transport does', () => {
    const transports = [
      'mysql-plain',
      'mysql-tls',
      'mysql-tls-verified',
      'mysql-mutual-tls',
      'mysql-unix',
      'grpc-plain',
      'grpc-tls',
      'grpc-mutual-tls',
    ];
    const cells = expandSuite(suite({ callers: [{ ...caller, transports }] }), () => 'hardened').filter(
      ({ role }) => role === 'read',
    );
    expect(cells.map((cell) => [cell.transport, cell.certificate !== null, cell.trust !== null])).toEqual([
      ['mysql-plain', false, false],
      ['mysql-tls', false, false],
      ['mysql-tls-verified', false, true],
      ['mysql-mutual-tls', true, true],
      ['mysql-unix', false, false],
      ['grpc-plain', false, false],
      ['grpc-tls', false, true],
      ['grpc-mutual-tls', true, true],
    ]);
  });
});

describe('admission tests', () => {
  const admission = {
    name: 'n',
    callers: ['a'],
    transports: ['mysql-tls', 'mysql-mutual-tls'],
    passwords: ['right', 'wrong'],
    certificates: [null, 'pki/x/b-cert.pem'],
    sql: 'S',
    expect: { verdict: 'refused' },
  };

  test('form every combination, each with an id of its own', () => {
    const cells = expandSuite(suite({ tables: [], admissions: [admission] }), () => 'hardened');
    expect(cells).toHaveLength(8);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(8);
    expect(cells.find(({ id }) => id === 's/admission/n/a/mysql-mutual-tls/wrong/pki/x/b-cert.pem')).toMatchObject({
      password: 'wrong',
      certificate: 'pki/x/b-cert.pem',
      expected: { verdict: 'refused', stoppedAt: null },
    });
  });

  test('hold in their mode only, which is that of the caller’s gateway', () => {
    const only = suite({ tables: [], admissions: [{ ...admission, mode: 'vitess' }] });
    expect(expandSuite(only, (gateway) => (gateway === 'g' ? 'vitess' : 'hardened'))).toHaveLength(8);
    expect(expandSuite(only, () => 'hardened')).toEqual([]);
  });
});

describe('whether an outcome is what was expected', () => {
  const full: Expectation = { verdict: 'refused', stoppedAt: 'login', code: 1045, sqlState: '28000', message: 'no' };
  const none: Expectation = { verdict: 'refused', stoppedAt: null, code: null, sqlState: null, message: null };

  test.each<[Partial<Expectation>, boolean, boolean]>([
    [{}, true, true],
    [{ verdict: 'deny' }, false, false],
    [{ verdict: 'allow' }, false, false],
    [{ stoppedAt: 'tls' }, false, true],
    [{ code: 1044 }, false, true],
    [{ code: null }, false, true],
    [{ sqlState: '42000' }, false, true],
    [{ message: 'no ' }, false, true],
  ])('with %j: all named %s, only the verdict named %s', (change, named, bare) => {
    expect(meets({ ...full, ...change }, full)).toBe(named);
    expect(meets({ ...full, ...change }, none)).toBe(bare);
  });
});

describe('a suite at fault', () => {
  test.each<[string, RegExp, object]>([
    ['duplicate-caller', /two callers are called "a"/, { callers: [caller, caller] }],
    ['unknown-caller', /"b" is no caller/, { allow: { b: { read: [] } } }],
    ['unknown-table', /"u" is no table/, { allow: { a: { read: ['u'] } } }],
    [
      'unknown-caller',
      /"z" is no caller/,
      {
        admissions: [{ name: 'n', callers: ['z'], transports: ['mysql-tls'], sql: 's', expect: { verdict: 'allow' } }],
      },
    ],
    ['type', /one of "mysql-plain"/, { callers: [{ ...caller, transports: ['pigeon'] }] }],
    ['unknown-key', /"colour"/, { colour: 1 }],
    ['missing-key', /"secret" is missing|"text" is missing/, { callers: [{ ...caller, password: {} }] }],
    ['newer-schema', /newer Gatehouse/, { schema: 2 }],
  ])('%s', (code, words, more) => {
    const { suite: none, findings } = read(document(more));
    expect(none).toBeNull();
    expect(findings.map((finding) => finding.code)).toEqual([`suite.${code}`]);
    expect(findings[0]?.message).toMatch(words);
    expect(findings[0]?.line).toBeGreaterThan(0);
  });

  test('whatever the bytes are: a suite or findings, never a crash', () => {
    const source = Buffer.from(JSON.stringify(document()));
    const damaged = fc
      .tuple(fc.nat(source.length - 1), fc.nat(9), fc.uint8Array({ maxLength: 9 }))
      .map(([at, cut, put]) => Buffer.concat([source.subarray(0, at), Buffer.from(put), source.subarray(at + cut)]));
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.json().map((text) => Buffer.from(text)),
          fc.uint8Array(),
        ),
        (bytes) => {
          const reading = readSuite(bytes, 'f');
          expect(reading.suite === null).toBe(reading.findings.length > 0);
          if (reading.suite !== null) expandSuite(reading.suite, () => 'vitess');
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
  });
});
