import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import { authorizeStatic, parseGrpcCredentialsFile, parseGrpcUsersFile } from '../../../../src-main/domain/users';

const vitess: Fidelity = { mode: 'vitess', version: '24.0.4' };
const codesOf = (findings: readonly { code: string; level: string; line: number; column: number }[]): string[] =>
  findings.map(({ code, level, line, column }) => `${level} ${code.replace('grpc-users.', '')} ${line}:${column}`);

describe('findings of a gRPC users file', () => {
  it.each([
    ['[]', ['warning no-users 0:0']],
    ['null', ['warning no-users 0:0']],
    ['', ['error empty-file 1:1']],
    ['{}', ['error type 1:1']],
    ['[7]', ['error type 1:2']],
    ['[null]', ['warning null-entry 1:2']],
    ['[{"Username": "a", "Password": "p"}]', ['warning plaintext-password 1:32']],
    ['[{"Username": "a"}]', ['error no-password 1:2']],
    ['[{"Password": "p"}]', ['warning empty-name 1:2', 'warning plaintext-password 1:15']],
    ['[{"Username": "a", "Password": 1}]', ['error type 1:32']],
    ['[{"Username": "a",\n"Pasword": "p"}]', ['error no-password 1:2', 'warning unknown-key 2:1']],
    [
      '[{"Username": "a", "Password": "p", "password": "q"}]',
      ['warning duplicate-key 1:37', 'warning plaintext-password 1:49'],
    ],
    ['[{"Username": "a", "Password": "p"}]\nx', ['warning plaintext-password 1:32', 'error trailing-text 2:1']],
  ])('%j', (text, expected) => {
    const { findings } = parseGrpcUsersFile(Buffer.from(text, 'utf8'), { file: 'grpc-users.json', fidelity: vitess });
    expect(codesOf(findings)).toEqual(expected);
  });
});

describe('gRPC client credentials', () => {
  const read = (text: string): ReturnType<typeof parseGrpcCredentialsFile> =>
    parseGrpcCredentialsFile(Buffer.from(text, 'utf8'), { file: 'grpc-credentials.json', fidelity: vitess });

  it('are read in any letter case and hold a secret', () => {
    const { credentials, findings } = read('{"username": "svc", "PASSWORD": "hidden"}');
    expect(credentials?.username).toBe('svc');
    expect(credentials?.password.reveal()).toBe('hidden');
    expect(JSON.stringify(credentials)).not.toContain('hidden');
    expect(findings).toEqual([]);
  });
  it.each([
    ['{}', ['error no-password 1:1', 'error empty-name 1:1'], true],
    ['null', ['warning null-entry 1:1'], true],
    ['[]', ['error type 1:1'], false],
    ['{"Username": "a", "Password": 1}', ['error type 1:31'], false],
  ])('%j', (text, expected, accepted) => {
    const { findings, vitess: verdict, credentials } = read(text);
    expect(codesOf(findings)).toEqual(expected);
    expect(verdict.accepted).toBe(accepted);
    expect(credentials !== null).toBe(accepted);
  });
});

describe('authorizeStatic', () => {
  const { users } = parseGrpcUsersFile(
    Buffer.from('[{"Username": "a", "Password": "1"},\n{"Username": "a", "Password": "2"}]', 'utf8'),
    { file: 'f', fidelity: vitess },
  );
  it.each([
    ['a', '1', { kind: 'accepted', username: 'a', line: 1 }],
    ['a', '2', { kind: 'accepted', username: 'a', line: 2 }],
    ['a', '', { code: 'PERMISSION_DENIED', message: 'auth failure: caller "a" provided invalid credentials' }],
    [
      'a"\n',
      '1',
      { code: 'PERMISSION_DENIED', message: 'auth failure: caller "a\\"\\n" provided invalid credentials' },
    ],
    [null, '1', { code: 'UNAUTHENTICATED', message: 'username and password must be provided' }],
    ['a', null, { code: 'UNAUTHENTICATED', message: 'username and password must be provided' }],
  ])('%j with %j', (username, password, expected) => {
    if (users === null) throw new Error('the file does not load');
    expect(authorizeStatic(users, { username, password }, vitess)).toMatchObject(expected);
  });
});
