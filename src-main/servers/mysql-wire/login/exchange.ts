import { capability, offeredCapabilities, serverStatus } from '../capabilities';
import { fastAuthSuccess, writeAuthMoreData } from '../packets/auth-more-data';
import { writeAuthSwitchRequest } from '../packets/auth-switch-request';
import { writeGreeting } from '../packets/greeting';
import { readClientFlags, readHandshakeResponse, type HandshakeResponse } from '../packets/handshake-response';
import type { PacketWriter } from '../packet-writer';
import { MysqlError, type AuthMethod, type ConnectionFacts, type LoggedIn, type MysqlServerOptions } from '../types';
import type { SecuredConnection } from '../../tls/types';
import { checkedReply, isAuthMethod, sendsPassword, switchData } from './method';
import { makeSalt } from './salt';
import type { LoginTrace } from './trace';

/** The connection as the login sees it. Everything that waits rejects when the client is gone or out of time. */
export interface LoginChannel {
  readonly writer: PacketWriter;
  flush(): Promise<void>;
  /** The next packet; the answer's sequence number is set. */
  read(): Promise<Buffer>;
  /** Hands the socket over to TLS. Rejects with TlsRefusedError. */
  secure(): Promise<SecuredConnection>;
}

export interface LoginSetting {
  readonly options: MysqlServerOptions;
  /** Whether the TLS flag is offered here: TCP with an acceptor. */
  readonly tlsOffered: boolean;
  readonly hardened: boolean;
}

/** Nobody logs in and nothing is said: the connection is closed, as vtgate does it in this case. */
export class LoginDroppedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'LoginDroppedError';
  }
}

/** A client that got in: what its session is made from, and what its packets look like from here on. */
export interface LoginResult {
  readonly login: LoggedIn;
  readonly deprecateEof: boolean;
}

/**
 * The login from the greeting up to the policy's answer, in vtgate's order (vitess-behaviour §2.1, steps 1-7 and 9). What
 * follows a successful login, the initial database and the OK packet, is the caller's. Throws MysqlError for a login that
 * is answered with an error, LoginDroppedError and MalformedPacketError for one that is not answered.
 */
export async function logIn(
  channel: LoginChannel,
  setting: LoginSetting,
  accepted: ConnectionFacts,
  trace: LoginTrace,
): Promise<LoginResult> {
  const { options } = setting;
  const greetingSalt = makeSalt();
  greet(channel, setting, accepted, greetingSalt);
  trace.greeting(setting);
  await channel.flush();

  const first = await channel.read();
  const { capabilities } = readClientFlags(first);
  let facts = accepted;
  let response: HandshakeResponse;
  if (setting.tlsOffered && (capabilities & capability.ssl) !== 0) {
    const secured = await channel.secure();
    facts = { ...accepted, secured };
    trace.secured(secured);
    response = readHandshakeResponse(await channel.read());
  } else response = readHandshakeResponse(first);
  trace.loginPacket(response);
  refuseInsecure(setting, facts);

  const { method, salt, reply } = await agree(channel, setting, facts, response, greetingSalt, trace);
  const checked = checkedReply(method, reply);
  if (checked === null) throw new LoginDroppedError('an empty packet stands in place of a password');
  const outcome = await options.login.check({ user: response.user, method, salt, reply: checked, connection: facts });
  if (outcome.kind === 'dropped') throw new LoginDroppedError('the login is not answered');
  if (outcome.kind === 'denied') throw new MysqlError(outcome.errno, outcome.sqlState, outcome.message);
  if (method === 'caching_sha2_password' && !isEmptyPassword(reply)) writeAuthMoreData(channel.writer, fastAuthSuccess);

  return {
    login: {
      user: response.user,
      immediate: outcome.immediate,
      connection: facts,
      attributes: response.attributes,
      // As with vtgate, FOUND_ROWS and DEPRECATE_EOF come from the first packet alone, MULTI_STATEMENTS from either.
      clientFoundRows: (capabilities & capability.foundRows) !== 0,
      multiStatements: ((capabilities | response.capabilities) & capability.multiStatements) !== 0,
      database: response.database === '' ? null : response.database,
      charset: response.charset,
    },
    deprecateEof: (capabilities & capability.deprecateEof) !== 0,
  };
}

/** A client without a password sends nothing, or one NUL byte, and waits for OK, not for the result of a fast path. */
const isEmptyPassword = (reply: Buffer): boolean => reply.length === 0 || (reply.length === 1 && reply[0] === 0);

function greet(channel: LoginChannel, setting: LoginSetting, facts: ConnectionFacts, salt: Buffer): void {
  writeGreeting(channel.writer, {
    serverVersion: setting.options.serverVersion,
    connectionId: facts.connectionId,
    salt,
    capabilities: offeredCapabilities(setting.tlsOffered),
    charset: 255,
    status: serverStatus.autocommit,
    plugin: setting.options.login.greetingMethod,
  });
}

/**
 * `requireSecureTransport` concerns TCP only. Without a certificate stock vtgate forgets about it; in hardened mode it
 * holds, and nobody gets in.
 */
function refuseInsecure({ options, tlsOffered, hardened }: LoginSetting, facts: ConnectionFacts): void {
  if (options.requireSecureTransport !== true || facts.unixSocket || facts.secured !== null) return;
  if (!tlsOffered && !hardened) return;
  throw new MysqlError(
    1105,
    'HY000',
    'unknown error: Code: UNAVAILABLE\nserver does not allow insecure connections, client must use SSL/TLS\n',
  );
}

interface Agreement {
  readonly method: AuthMethod;
  readonly salt: Buffer;
  readonly reply: Buffer;
}

/** Steps 5 and 6: the method that client and policy agree on, after an auth switch if one is needed. */
async function agree(
  channel: LoginChannel,
  setting: LoginSetting,
  facts: ConnectionFacts,
  response: HandshakeResponse,
  greetingSalt: Buffer,
  trace: LoginTrace,
): Promise<Agreement> {
  const available = setting.options.login.methods(response.user, facts);
  const wanted = response.plugin === null || response.plugin === '' ? 'mysql_native_password' : response.plugin;
  const matching = isAuthMethod(wanted) && available.includes(wanted) ? wanted : undefined;
  if (matching !== undefined && response.reply.length > 0) {
    if (setting.hardened) refusePasswordInClear(setting, facts, matching);
    return { method: matching, salt: greetingSalt, reply: response.reply };
  }
  const method = matching ?? available[0];
  if (method === undefined)
    throw new MysqlError(2012, 'HY000', 'No authentication methods available for authentication.');
  refusePasswordInClear(setting, facts, method);
  const salt = makeSalt();
  writeAuthSwitchRequest(channel.writer, { plugin: method, data: switchData(method, salt) });
  trace.authSwitch(method);
  await channel.flush();
  return { method, salt, reply: await channel.read() };
}

/** `allowClearTextWithoutTls` concerns TCP only: over the Unix socket such methods stay refused, as recorded. */
function refusePasswordInClear({ options }: LoginSetting, facts: ConnectionFacts, method: AuthMethod): void {
  if (facts.secured !== null || !sendsPassword(method)) return;
  if (options.allowClearTextWithoutTls === true && !facts.unixSocket) return;
  throw new MysqlError(2012, 'HY000', 'Cannot use clear text authentication over non-SSL connections.');
}
