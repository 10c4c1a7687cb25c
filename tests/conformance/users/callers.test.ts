import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import {
  deriveGrpcCaller,
  deriveMysqlCaller,
  sqlUser,
  type CertifiedName,
  type EffectiveCaller,
  type MysqlCaller,
} from '../../../src-main/domain/identity';
import {
  authenticate,
  authorizeStatic,
  makeSalt,
  nativeReply,
  parseGrpcUsersFile,
  parseUsersFile,
} from '../../../src-main/domain/users';
import { certificates, readRecording, type RecordedCaller } from './recordings';

interface CallerCase {
  readonly id: string;
  readonly way: string;
  readonly flags: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly entries?: unknown;
  readonly usersFile?: string;
  readonly certificate?: string;
  readonly metadata?: readonly (readonly [string, string])[];
  readonly claimedEffective?: Partial<EffectiveCaller>;
  readonly prefixHex?: string;
  readonly database?: string;
  readonly expect: {
    readonly immediate?: RecordedCaller;
    readonly effective?: EffectiveCaller | null;
    readonly selectUser?: string;
  };
}

const recording = readRecording<{ cases: CallerCase[] }>('callers.json');
const { passwords } = readRecording<{ passwords: unknown }>('grpc-links.json');
const fidelity: Fidelity = { mode: 'vitess', version: '24.0-recorded' };

function peerOf(found: CallerCase, authority: string): CertifiedName | null {
  if (found.certificate === undefined || !found.flags.some((flag) => flag.startsWith(authority))) return null;
  const peer = certificates[found.certificate];
  if (peer === undefined) throw new Error(`certificate ${found.certificate} is not in the table`);
  return peer;
}

function mysqlCaller(found: CallerCase): MysqlCaller {
  const login = found.user ?? '';
  const remoteAddress = found.expect.effective?.component ?? '127.0.0.1:{clientport}';
  if (found.flags.includes('--mysql-auth-server-impl=none'))
    return deriveMysqlCaller({ way: 'none', login, remoteAddress });
  if (found.flags.includes('--mysql-auth-server-impl=clientcert'))
    return deriveMysqlCaller({
      way: 'clientcert',
      login,
      remoteAddress,
      peer: peerOf(found, '--mysql-server-ssl-ca='),
    });
  const text = found.usersFile ?? JSON.stringify({ [login]: found.entries });
  const { users } = parseUsersFile(Buffer.from(text, 'utf8'), { file: 'users.json', fidelity });
  if (users === null) throw new Error('the users file does not load');
  const salt = makeSalt();
  const proxiedSocket = Buffer.from(found.prefixHex ?? '', 'hex')
    .subarray(0, 14)
    .toString('hex')
    .endsWith('2131');
  const outcome = authenticate(
    users,
    {
      user: login,
      method: 'mysql_native_password',
      salt,
      reply: nativeReply(found.password ?? '', salt),
      unixSocket: found.way === 'mysql socket' || proxiedSocket,
    },
    fidelity,
  );
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.reason}`);
  return deriveMysqlCaller({ way: 'static', login, remoteAddress, entry: outcome.immediate });
}

/** The first value of a metadata key; HTTP/2 carries keys in lower case. */
const metadataOf = (found: CallerCase, key: string): string | null =>
  found.metadata?.find(([name]) => name.toLowerCase() === key)?.[1] ?? null;

function staticUser(found: CallerCase): string | null {
  if (!found.flags.includes('--grpc-auth-mode=static')) return null;
  const { users } = parseGrpcUsersFile(Buffer.from(JSON.stringify(passwords), 'utf8'), {
    file: 'grpc-users.json',
    fidelity,
  });
  if (users === null) throw new Error('the gRPC users file does not load');
  const metadata = { username: metadataOf(found, 'username'), password: metadataOf(found, 'password') };
  const outcome = authorizeStatic(users, metadata, fidelity);
  if (outcome.kind !== 'accepted') throw new Error(outcome.message);
  return outcome.username;
}

const complete = (claimed: Partial<EffectiveCaller>): EffectiveCaller => ({
  principal: '',
  component: '',
  subcomponent: '',
  groups: [],
  ...claimed,
});

const has = (found: CallerCase, flag: string): boolean =>
  found.flags.some((set) => set === flag || set === `${flag}=true`);

describe('callers.json', () => {
  const ofMysql = recording.cases.filter(({ way }) => way.startsWith('mysql'));
  const ofGrpc = recording.cases.filter(({ way }) => way.startsWith('vtgate grpc'));
  const ofTablet = recording.cases.filter(({ way }) => way.startsWith('vttablet grpc'));

  it('is replayed where vtgate derives the caller', () => {
    console.log(
      `callers.json: ${ofMysql.length + ofGrpc.length} of ${recording.cases.length} cases replayed; left out: ${ofTablet.length} where vttablet takes the claims of a request as they are`,
    );
    expect([ofMysql.length, ofGrpc.length, ofTablet.length]).toEqual([136, 177, 38]);
  });

  it.each(ofMysql)('$id', (found) => {
    const derived = mysqlCaller(found);
    if (derived.kind !== 'caller') throw new Error(derived.refusal.message);
    const { immediate, effective } = derived.caller;
    expect(immediate).toEqual(found.expect.immediate);
    if (found.expect.effective !== undefined) expect(effective).toEqual(found.expect.effective);
    // With a shard-targeted database USER() is MySQL's, not the gateway's (vitess-behaviour §2.4).
    if (found.expect.selectUser !== 'vt_app@localhost') expect(sqlUser(immediate)).toBe(found.expect.selectUser);
  });

  it.each(ofGrpc)('$id', (found) => {
    const claimed = found.claimedEffective === undefined ? null : complete(found.claimedEffective);
    const { immediate, effective, steps } = deriveGrpcCaller({
      peer: peerOf(found, '--grpc-ca='),
      claimed,
      staticUser: staticUser(found),
      flags: {
        useEffectiveCallerId: has(found, '--grpc-use-effective-callerid'),
        useEffectiveGroups: has(found, '--grpc-use-effective-groups'),
        useStaticAuthenticationCallerId: has(found, '--grpc-use-static-authentication-callerid'),
      },
    });
    expect(immediate).toEqual(found.expect.immediate);
    expect(effective).toEqual(found.expect.effective);
    expect(steps.filter(({ taken }) => taken)).toHaveLength(1);
  });
});
