import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import { deriveMysqlCaller, sqlUser } from '../../../src-main/domain/identity';
import { authenticate, nativeReply, parseUsersFile, sha2Reply, type UserLogin } from '../../../src-main/domain/users';
import { certificates, readRecording, type RecordedCaller } from './recordings';

interface LoginCase {
  readonly id: string;
  readonly server: string;
  readonly transport: 'tcp' | 'tls' | 'socket';
  readonly user: string;
  readonly password: string;
  readonly plugin?: string | null;
  readonly first?: string;
  readonly onSwitch?: string;
  readonly prefixHex?: string;
  readonly tls?: { readonly cert?: string };
  readonly truncate?: number;
  readonly seq?: number;
  readonly capsOff?: readonly string[];
  readonly expect: {
    readonly result: string;
    readonly errno?: number;
    readonly sqlstate?: string;
    readonly message?: string;
    readonly user?: unknown;
    readonly callers?: { immediate: RecordedCaller; effective: unknown };
    readonly trace?: readonly string[];
  };
}

const recording = readRecording<{ users: unknown; cases: (LoginCase & { kind?: string })[] }>('logins.json');
const fidelity: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const { users } = parseUsersFile(Buffer.from(JSON.stringify(recording.users)), { file: 'users.json', fidelity });
const greetingSalt = Buffer.from('2122232425262728292a2b2c2d2e2f3031323334', 'hex');
const switchSalt = Buffer.from('3132333435363738393a3b3c3d3e3f4041424344', 'hex');

/** Why a case never comes to the question who may log in; undefined = it does. */
function exception({ expect: { result, errno, trace }, ...found }: LoginCase): string | undefined {
  if (result.startsWith('tls-')) return 'refused by TLS';
  if (result === 'client-closed' || result.startsWith('no answer')) return 'no reply was judged';
  if (errno === 1105) return 'refused before the reply is looked at (require-secure-transport)';
  if (result === 'closed' && (found.truncate !== undefined || found.seq !== undefined)) return 'broken packet';
  if (result === 'closed' && found.prefixHex !== undefined) return 'broken PROXY header';
  if (result === 'closed' && found.capsOff?.includes('PROTOCOL_41') === true) return 'old protocol';
  if (result === 'closed' && trace?.some((step) => step.startsWith('C login')) !== true) return 'no login packet';
  return undefined;
}

/** What `as:M` and a client following method M send. */
function replyOf(method: string | null, password: string, salt: Buffer): Buffer {
  if (method === 'caching_sha2_password') return sha2Reply(password, salt);
  if (method === 'mysql_clear_password' || method === 'dialog') return Buffer.from(`${password}\0`, 'utf8');
  return nativeReply(password, salt);
}

function firstReply({ first = 'auto', plugin = 'mysql_native_password', password }: LoginCase): Buffer {
  const auto = replyOf(plugin, password, greetingSalt);
  const [how, value = ''] = first.split(':');
  switch (how) {
    case 'auto':
      return auto;
    case 'empty':
      return Buffer.alloc(0);
    case 'nul':
      return Buffer.alloc(1);
    case 'as':
      return replyOf(value, password, greetingSalt);
    case 'hex':
      return Buffer.from(value, 'hex');
    case 'cut':
      return auto.subarray(0, Number(value));
    case 'pad':
      return Buffer.concat([auto, Buffer.alloc(Number(value), 1)]);
    case 'wrongsalt':
      return replyOf(plugin, password, Buffer.alloc(20, 'x'));
    default:
      throw new Error(`unknown reply ${first}`);
  }
}

function switchReply({ onSwitch = 'follow', password }: LoginCase): Buffer {
  const [how, value = ''] = onSwitch.split(':');
  if (how === 'follow') return nativeReply(password, switchSalt);
  if (how === 'oldsalt') return nativeReply(password, greetingSalt);
  if (how === 'as') return replyOf(value, password, switchSalt);
  if (how === 'hex') return Buffer.from(value, 'hex');
  throw new Error(`unknown reply ${onSwitch}`);
}

/** The reply that a stock vtgate judges: it switches to native for other methods and after an empty reply. */
function judged(found: LoginCase): UserLogin {
  const named = found.plugin ?? '';
  const native = named === '' || named === 'mysql_native_password';
  const first = firstReply(found);
  const switched = !native || first.length === 0;
  // PROXY v2 (12 bytes of signature, version and command) with address family AF_UNIX in the high nibble of byte 14.
  const proxy = Buffer.from(found.prefixHex ?? '', 'hex');
  const proxiedSocket =
    proxy.length > 14 &&
    proxy.subarray(0, 4).toString('hex') === '0d0a0d0a' &&
    (proxy[12] ?? 0) === 0x21 &&
    (proxy[13] ?? 0) >> 4 === 3;
  return {
    user: found.user,
    method: 'mysql_native_password',
    salt: switched ? switchSalt : greetingSalt,
    reply: switched ? switchReply(found) : first,
    unixSocket: found.transport === 'socket' || proxiedSocket,
  };
}

describe('logins.json, static authentication', () => {
  const all = recording.cases.filter(
    (found) => found.kind === undefined && typeof found.server === 'string' && found.server.startsWith('static'),
  );
  const replayed = all.filter((found) => exception(found) === undefined);

  it('is replayed but for named exceptions', () => {
    const reasons = new Map<string, number>();
    for (const found of all) {
      const reason = exception(found);
      if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).join('; ');
    console.log(`logins.json: ${replayed.length} of ${all.length} static logins replayed; left out: ${list}`);
    expect(all).toHaveLength(548);
    expect(replayed.length).toBeGreaterThan(430);
  });

  it.each(replayed)('$id', (found) => {
    if (users === null) throw new Error('the users file of the recording does not load');
    const outcome = authenticate(users, judged(found), fidelity);
    const { result, errno, sqlstate, message, callers, user } = found.expect;
    if (result === 'closed') {
      expect(outcome.kind).toBe('dropped');
      return;
    }
    if (result === 'error' && errno === 1045) {
      expect(outcome).toMatchObject({ kind: 'denied', errno, sqlState: sqlstate, message });
      return;
    }
    // An unknown database is refused behind the password check (1049), so the login itself succeeded.
    expect(result === 'ok' || errno === 1049).toBe(true);
    expect(outcome.kind).toBe('accepted');
    if (outcome.kind !== 'accepted' || callers === undefined) return;
    const effective = callers.effective as { component: string };
    const derived = deriveMysqlCaller({
      way: 'static',
      login: found.user,
      remoteAddress: effective.component,
      entry: outcome.immediate,
    });
    expect(derived).toMatchObject({ kind: 'caller', caller: callers });
    if (typeof user === 'string' && !user.startsWith('vt_app@')) expect(sqlUser(outcome.immediate)).toBe(user);
  });
});

describe('logins.json, client certificates', () => {
  const asked = recording.cases.filter((found) => {
    if (found.kind !== undefined || !found.server.startsWith('clientcert')) return false;
    const { result, errno, message = '' } = found.expect;
    return result === 'ok' || (errno === 1105 && message.includes('client cert'));
  });

  it('has them', () => {
    console.log(`logins.json: ${asked.length} client-certificate logins replayed that came to comparing names`);
    expect(asked.length).toBeGreaterThan(30);
  });

  it.each(asked)('$id', (found) => {
    const cert = found.transport === 'tls' ? found.tls?.cert : undefined;
    const peer = cert === undefined ? null : (certificates[cert] ?? null);
    const { callers, errno, sqlstate, message } = found.expect;
    const remoteAddress = (callers?.effective as { component?: string } | undefined)?.component ?? '127.0.0.1:1';
    const derived = deriveMysqlCaller({ way: 'clientcert', login: found.user, remoteAddress, peer });
    if (found.expect.result === 'ok') expect(derived).toMatchObject({ kind: 'caller', caller: callers });
    else expect(derived).toMatchObject({ kind: 'refused', refusal: { errno, sqlState: sqlstate, message } });
  });
});
