import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import {
  authorizeMtls,
  authorizeStatic,
  parseGrpcCredentialsFile,
  parseGrpcUsersFile,
} from '../../../src-main/domain/users';
import { certificates, readRecording } from './recordings';

interface LinkCase {
  readonly id: string;
  readonly text?: string;
  readonly creds?: string;
  readonly expect: {
    readonly start: 'ok' | 'refused';
    readonly log: readonly string[];
    readonly 'login-right'?: string;
    readonly 'login-empty'?: string;
  };
}

interface CallCase {
  readonly id: string;
  readonly kind?: string;
  readonly server: string;
  readonly tls?: { readonly cert?: string };
  readonly metadata?: readonly (readonly [string, string])[];
  readonly rpc: string;
  readonly expect: { readonly code: string; readonly message?: string };
}

const recording = readRecording<{
  servers: Record<string, readonly string[]>;
  passwords: unknown;
  cases: (LinkCase & CallCase)[];
}>('grpc-links.json');
const fidelity: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const errors = (log: readonly string[]): string[] =>
  log.filter((line) => line.startsWith('error: ')).map((line) => line.slice('error: '.length));

describe('grpc-links.json, password files', () => {
  const files = recording.cases.filter(({ id, text }) => id.includes('/start/password-file') && text !== undefined);

  it('has them', () => {
    console.log(`grpc-links.json: ${files.length} password files replayed`);
    expect(files.length).toBe(12);
  });

  it.each(files)('$id', ({ text, expect: recorded }) => {
    const { users, vitess } = parseGrpcUsersFile(Buffer.from(text ?? '', 'utf8'), { file: '{passwords}', fidelity });
    expect(vitess.accepted).toBe(recorded.start === 'ok');
    expect(vitess.log).toEqual(errors(recorded.log));
    expect(users !== null).toBe(vitess.accepted);
    if (users === null) return;
    const answer = (password: string): string => {
      const outcome = authorizeStatic(users, { username: 'svc', password }, fidelity);
      return outcome.kind === 'accepted' ? 'OK' : `${outcome.code} ${outcome.message}`;
    };
    expect(answer('pw')).toBe(recorded['login-right']);
    expect(answer('')).toBe(recorded['login-empty']);
  });
});

describe('grpc-links.json, credential files', () => {
  const files = recording.cases.filter(({ creds }) => creds !== undefined);

  it.each(files)('$id', ({ creds, expect: recorded }) => {
    const { vitess } = parseGrpcCredentialsFile(Buffer.from(creds ?? '', 'utf8'), { file: '{creds}', fidelity });
    expect(vitess.accepted).toBe(recorded.start === 'ok');
    if (recorded.start === 'refused') expect(vitess.log).toEqual(errors(recorded.log));
  });
});

describe('grpc-links.json, calls to servers with an authentication mode', () => {
  const { servers, passwords } = recording;
  const { users } = parseGrpcUsersFile(Buffer.from(JSON.stringify(passwords), 'utf8'), {
    file: '{passwords}',
    fidelity,
  });
  const modeOf = (call: CallCase): string | undefined =>
    servers[call.server]?.find((flag) => flag.startsWith('--grpc-auth-mode='))?.split('=')[1];
  const all = recording.cases.filter((call) => call.kind === undefined && modeOf(call) !== undefined);
  const left = (call: CallCase): string | undefined =>
    call.expect.code === 'UNAVAILABLE'
      ? 'refused by TLS'
      : call.expect.code === 'UNIMPLEMENTED'
        ? 'no such method, which nobody authorises'
        : undefined;
  const replayed = all.filter((call) => left(call) === undefined);
  const refusal = /^(username and password must|auth failure: |no peer connection|not connected via TLS|client cert)/;

  it('are replayed but for named exceptions', () => {
    const tls = all.filter((call) => left(call) === 'refused by TLS').length;
    console.log(
      `grpc-links.json: ${replayed.length} of ${all.length} calls replayed; left out: ${tls} refused by TLS, ${all.length - replayed.length - tls} to methods that do not exist`,
    );
    expect(replayed.length).toBeGreaterThan(200);
  });

  it.each(replayed)('$id', (call) => {
    const { code, message = '' } = call.expect;
    const first = (key: string): string | null =>
      call.metadata?.find(([name]) => name.toLowerCase() === key)?.[1] ?? null;
    const flags = servers[call.server] ?? [];
    const substrings = flags.find((flag) => flag.startsWith('--grpc-auth-mtls-allowed-substrings='))?.slice(36) ?? '';
    if (users === null) throw new Error('the users file of the recording does not load');
    const subjects = (): readonly string[] | null => {
      if (call.tls === undefined) return null;
      const { cert } = call.tls;
      if (cert === undefined || !flags.some((flag) => flag.startsWith('--grpc-ca='))) return [];
      const known = certificates[cert];
      if (known === undefined) throw new Error(`certificate ${cert} is not in the table`);
      return known.subjects;
    };
    const outcome =
      modeOf(call) === 'static'
        ? authorizeStatic(users, { username: first('username'), password: first('password') }, fidelity)
        : authorizeMtls(substrings, subjects(), fidelity);
    if (refusal.test(message)) expect(outcome).toMatchObject({ kind: 'refused', code, message });
    else expect(outcome.kind).toBe('accepted');
  });
});
