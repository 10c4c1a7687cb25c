import { ask, type Answer } from './ask';
import type { Ground } from './ground';
import type { TabletGround } from './tablet';
import type { RunningVtgate } from './vtgate';
import { playLogin, type ClientLogin } from './wire-login';
import type { RawClient } from '../../../support/mysql-wire/raw-client';

interface CallerLogin {
  readonly user?: string;
  readonly password?: string;
  readonly certificate?: string;
  readonly database?: string;
  readonly attributes?: readonly (readonly [string, string])[];
  readonly prefixHex?: string;
}

/** The client's port is another one each time; Vitess's recordings write it so. */
export const hidePort = (text: string): string => text.replace(/^127\.0\.0\.1:\d+$/, '127.0.0.1:{clientport}');

/** The callers of a statement with the client's port hidden. */
export function hidePorts(callers: ReturnType<TabletGround['received']>) {
  if (callers === null) return null;
  const effective = callers.effective as { component: string } | null;
  return {
    immediate: callers.immediate,
    effective: effective === null ? null : { ...effective, component: hidePort(effective.component) },
  };
}

const firstRow = (answer: Answer): readonly unknown[] => ('rows' in answer ? (answer.rows[0] ?? []) : [answer, answer]);

/** Who a logged-in client is: by the SQL functions, by what the tablet receives, and by the words of a refusal. */
export async function whoIs(client: RawClient, tablet: TabletGround, deprecateEof = true) {
  const [selectUser, currentUser] = firstRow(await ask(client, 'select user(), current_user()', deprecateEof));
  tablet.received();
  const denied = await ask(client, 'select id from commerce.t_shut');
  const callers = hidePorts(tablet.received());
  return { selectUser, currentUser, callers, deniedText: 'message' in denied ? denied.message : denied };
}

/** One way in over the MySQL protocol, as callers.json describes it. */
export async function readCallerOverMysql(
  found: CallerLogin,
  way: string,
  vtgate: RunningVtgate,
  ground: Ground,
  tablet: TabletGround,
): Promise<unknown> {
  const transport = way === 'mysql socket' ? 'socket' : way === 'mysql tls' ? 'tls' : 'tcp';
  const login: ClientLogin = {
    transport,
    ...(transport === 'tls' ? { tls: found.certificate === undefined ? {} : { cert: found.certificate } } : {}),
    user: found.user ?? '',
    password: found.password ?? '',
    ...(found.database === undefined ? {} : { db: found.database }),
    ...(found.attributes === undefined ? {} : { attrs: found.attributes }),
    ...(found.prefixHex === undefined ? {} : { prefixHex: found.prefixHex }),
  };
  const where = transport === 'socket' ? { path: vtgate.socketPath } : { port: vtgate.gateway.mysql!.port };
  const { view, client } = await playLogin(login, { where, ground });
  if (client === null) return view;
  const { callers, ...words } = await whoIs(client, tablet);
  client.close();
  return { ...words, ...callers };
}
