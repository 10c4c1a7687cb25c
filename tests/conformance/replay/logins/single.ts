import { ask } from '../vtgate/ask';
import { whoIs } from '../vtgate/mysql-caller';
import { playLogin, type LoginView } from '../vtgate/wire-login';
import { compare } from '../compare';
import type { Difference } from '../outcome';
import type { SingleCase } from './recorded';
import type { Servers } from './servers';
import { recordedRefusal, seenRefusal } from './tls-refusal';
import type { RawClient } from '../../../support/mysql-wire/raw-client';

/** A connection that ends while TLS is agreed on, without an alert: by an end or a reset, which depends on the moment. */
const endedInTls = { result: 'closed', during: 'tls handshake' };

/** Seconds for which the recorded client waited in vain, or null. */
const waitedInVain = (result: string): number | null => {
  const seconds = /^no answer within (\d+) s$/.exec(result)?.[1];
  return seconds === undefined ? null : Number(seconds);
};

/** The lines of a trace that both sides must have; what a client does once TLS has failed is its own affair. */
const beforeTls = (trace: readonly string[]): readonly string[] => trace.slice(0, 2);

function expectedOf(found: SingleCase): unknown {
  const { log: _log, trace = [], ...recorded } = found.expect;
  const refusal = recordedRefusal(found.expect);
  if (refusal !== null) return { ...(refusal as object), trace: beforeTls(trace) };
  const inTls = trace.some((line) => line.startsWith('tls handshake'));
  if (recorded.result === 'tls-failed' || (recorded.result === 'closed' && inTls))
    return { ...endedInTls, trace: beforeTls(trace) };
  return { ...recorded, trace };
}

async function inside(client: RawClient, found: SingleCase, servers: Servers): Promise<object> {
  const database = found.whichDatabase === true ? await ask(client, 'select database()') : null;
  const deprecateEof = found.capsOff?.includes('DEPRECATE_EOF') !== true;
  const { selectUser, currentUser, callers, deniedText } = await whoIs(client, servers.tablet, deprecateEof);
  return {
    user: selectUser,
    currentUser,
    ...(database === null ? {} : { database: 'rows' in database ? database.rows[0]?.[0] : database }),
    ...(callers === null ? {} : { callers }),
    deniedText,
  };
}

function seenOf(found: SingleCase, view: LoginView, servers: Servers): object {
  const refused = servers.refusal();
  const { resumed: _resumed, alert: _alert, tls, trace, ...rest } = view;
  if (refused !== null && refused.data['cause'] !== 'not-tls')
    return { ...seenRefusal(refused, view), trace: beforeTls(trace) };
  if (view.result === 'tls-ended') return { ...endedInTls, trace: beforeTls(trace) };
  const result = view.result === 'no answer' ? found.expect.result : view.result;
  return { ...rest, result, ...(tls === undefined ? {} : { tls }), trace };
}

/** One connection of the recording, from its first byte to the words by which the tablet refuses its caller. */
export async function playSingle(found: SingleCase, servers: Servers): Promise<readonly Difference[]> {
  const vtgate = await servers.named(found.server);
  servers.refusal();
  const where = found.transport === 'socket' ? { path: vtgate.socketPath } : { port: vtgate.gateway.mysql!.port };
  const seconds = waitedInVain(found.expect.result);
  const { view, client } = await playLogin(found, {
    where,
    ground: servers.ground,
    ...(seconds === null ? {} : { patienceMs: seconds * 1000 }),
  });
  const seen = { ...seenOf(found, view, servers), ...(client === null ? {} : await inside(client, found, servers)) };
  client?.close();
  return compare(expectedOf(found), seen);
}
