import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../src-main/domain/fidelity';
import {
  authenticate,
  nativeHash,
  nativeReply,
  parseGrpcCredentialsFile,
  parseGrpcUsersFile,
  parseUsersFile,
  sha2Reply,
  type UsersReading,
} from '../../src-main/domain/users';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const vitess: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };
const read = (bytes: Uint8Array, fidelity = vitess): UsersReading =>
  parseUsersFile(bytes, { file: 'users.json', fidelity });

const SECRET = 'S3cr3tQz7';
const keys = ['MysqlNativePassword', 'CachingSha2Password', 'Password', 'UserData', 'SourceHost', 'Groups'];
const anyCase = fc
  .tuple(fc.constantFrom(...keys), fc.boolean())
  .map(([key, lower]) => (lower ? key.toLowerCase() : key));
const wrong = fc.constantFrom<unknown>(1, true, {}, { Password: 'x' }, [[]], 1.5);
const text = fc.oneof(fc.constantFrom('', 'localhost', 'zz', nativeHash('p')), fc.string({ maxLength: 8 }));
const value = fc.oneof(
  { weight: 12, arbitrary: text as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 }) },
  { weight: 1, arbitrary: wrong },
);
const member = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(anyCase, value) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('Role', '', 'Pass_word'), value) },
);
const entry = fc.oneof(
  { weight: 15, arbitrary: fc.array(member, { maxLength: 3 }).map((list): unknown => Object.fromEntries(list)) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'x', 7, []) },
);
const users = (shape: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.dictionary(fc.string({ maxLength: 4 }), shape, { maxKeys: 3, noNullPrototype: true });
const document = fc.oneof(
  { weight: 6, arbitrary: users(fc.array(entry, { maxLength: 3 })) },
  { weight: 4, arbitrary: users(entry) },
  { weight: 2, arbitrary: users(fc.oneof(entry, fc.array(entry, { maxLength: 2 }))) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], {}, 'x', 1, false) },
);

const isObject = (found: unknown): found is Record<string, unknown> =>
  typeof found === 'object' && found !== null && !Array.isArray(found);

/** Whether Go can decode one entry, said as simply as possible and apart from the code under test. */
function fits(found: unknown): boolean {
  if (found === null) return true;
  if (!isObject(found)) return false;
  return Object.entries(found).every(([key, held]) => {
    const known = keys.find((name) => name.toLowerCase() === key.toLowerCase());
    if (known === undefined) return false;
    if (held === null) return true;
    if (known !== 'Groups') return typeof held === 'string';
    return Array.isArray(held) && held.every((item) => item === null || typeof item === 'string');
  });
}

/** The SourceHost that counts: the last one that is not null, whatever its spelling. */
const sourceHost = (found: Record<string, unknown>): unknown =>
  Object.entries(found).findLast(([key, held]) => key.toLowerCase() === 'sourcehost' && held !== null)?.[1] ?? '';

function starts(found: unknown): boolean {
  if (!isObject(found)) return false;
  const values = Object.values(found);
  if (values.length === 0) return false;
  if (values.every((held) => held === null || (Array.isArray(held) && held.every(fits))))
    return values
      .flatMap((held) => (held ?? []) as unknown[])
      .every((item) => isObject(item) && ['', 'localhost'].includes(sourceHost(item) as string));
  return values.every((held) => !Array.isArray(held) && fits(held));
}

describe('hostile users files', () => {
  it(`never throw and are accepted exactly when vtgate accepts them (${numRuns} documents)`, () => {
    let accepted = 0;
    fc.assert(
      fc.property(document, (found) => {
        const { users: loaded, vitess: verdict, findings } = read(Buffer.from(JSON.stringify(found), 'utf8'));
        expect(verdict.accepted).toBe(starts(found));
        expect(loaded !== null).toBe(verdict.reloadAccepted);
        if (verdict.accepted) accepted += 1;
        else expect(findings.some(({ level }) => level === 'error')).toBe(true);
      }),
      { numRuns },
    );
    expect(accepted).toBeGreaterThan(numRuns / 20);
    expect(accepted).toBeLessThan(numRuns);
  });

  it(`never throw on broken text and bytes (${numRuns} files)`, () => {
    const broken = fc
      .tuple(document, fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(8))
      .map(([found, at, bytes, cut]) => {
        const whole = Buffer.from(JSON.stringify(found), 'utf8');
        const place = at % (whole.length + 1);
        return Buffer.concat([whole.subarray(0, place), bytes, whole.subarray(place + cut)]);
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        for (const fidelity of [vitess, hardened]) {
          const { users: loaded, vitess: verdict, findings } = read(bytes, fidelity);
          if (verdict.accepted) expect(verdict.reloadAccepted).toBe(true);
          if (loaded !== null) expect(verdict.reloadAccepted).toBe(true);
          if (!verdict.accepted) expect(findings.some(({ level }) => level === 'error')).toBe(true);
          for (const { line, column } of findings) expect(Math.min(line, column)).toBeGreaterThanOrEqual(0);
        }
        const options = { file: 'f', fidelity: vitess };
        const grpc = parseGrpcUsersFile(bytes, options);
        expect(grpc.users !== null).toBe(grpc.vitess.accepted);
        const credentials = parseGrpcCredentialsFile(bytes, options);
        expect(credentials.credentials !== null).toBe(credentials.vitess.accepted);
      }),
      { numRuns },
    );
  });

  it('never show a secret', () => {
    const secretEntry = fc
      .tuple(
        fc.array(fc.constantFrom('MysqlNativePassword', 'CachingSha2Password', 'Password'), { minLength: 1 }),
        entry,
      )
      .map(([names, more]) => ({
        ...(isObject(more) ? more : {}),
        ...Object.fromEntries(names.map((name) => [name, SECRET])),
      }));
    const file = fc
      .tuple(users(fc.oneof(secretEntry, fc.array(secretEntry, { maxLength: 3 }))), fc.nat(), fc.boolean())
      .map(([found, at, cut]) => {
        const whole = JSON.stringify(found, null, 1);
        return Buffer.from(cut ? whole.slice(0, at % (whole.length + 1)) : whole, 'utf8');
      });
    fc.assert(
      fc.property(file, (bytes) => {
        for (const fidelity of [vitess, hardened]) {
          const reading = parseUsersFile(bytes, { file: 'f', fidelity, estimateEntropy: () => 1 });
          expect(JSON.stringify([reading, [...(reading.users?.users ?? [])]])).not.toContain(SECRET);
        }
      }),
      { numRuns: numRuns / 5 },
    );
  });
});

describe('hostile replies', () => {
  const file = {
    plain: [{ Password: 'p' }],
    hash: [{ MysqlNativePassword: nativeHash('p') }],
    bare: [{}],
    bad: [{ MysqlNativePassword: 'zz' }, { Password: 'p' }],
    none: [],
  };
  const { users: loaded } = read(Buffer.from(JSON.stringify(file), 'utf8'));
  const attempt = fc.record({
    user: fc.constantFrom('plain', 'hash', 'bare', 'bad', 'none', 'nobody', '__proto__', 'constructor'),
    method: fc.constantFrom(
      'mysql_native_password',
      'caching_sha2_password',
      'mysql_clear_password',
      'dialog' as const,
    ),
    salt: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    reply: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 20, maxLength: 20 })),
    unixSocket: fc.boolean(),
  });
  it(`never throw and never get in by luck (${numRuns} replies)`, () => {
    if (loaded === null) throw new Error('the file does not load');
    fc.assert(
      fc.property(attempt, (login) => {
        const reply = Buffer.from(login.reply);
        const right =
          login.method === 'mysql_native_password'
            ? nativeReply('p', login.salt)
            : login.method === 'caching_sha2_password'
              ? sha2Reply('p', login.salt)
              : Buffer.from('p');
        const strict = authenticate(loaded, login, hardened);
        if (strict.kind === 'accepted') expect(reply.equals(right)).toBe(true);
        const stock = authenticate(loaded, login, vitess);
        if (stock.kind === 'accepted') expect(reply.equals(right) || reply.length === 0).toBe(true);
        expect(strict.kind).not.toBe('dropped');
      }),
      { numRuns },
    );
  });
});
