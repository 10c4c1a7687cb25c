import {
  RawClient,
  defaultFlags,
  flagNumbers,
  flagsPart,
  loginPacket,
  parseError,
  parseGreeting,
} from '../../../support/mysql-wire/raw-client';
import { nativeReply } from '../../../support/mysql-wire/scramble';
import { readOk } from '../../../support/mysql-wire/read-packets';
import { readPayload } from './wire-reader';

/** How a recorded client logs in (`connect` of mysql-protocol.json). */
export interface Connect {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string | null;
  readonly via?: 'tcp' | 'tls' | 'unix';
  readonly charset?: number;
  readonly addCapabilities?: readonly string[];
  readonly dropCapabilities?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly plugin?: string;
  readonly authHex?: string;
  readonly maxPacket?: number;
}

/** Where a gateway listens. */
export interface Entrance {
  readonly port: number;
  readonly socketPath: string;
}

/** A client behind its login. */
export interface LoggedInClient {
  readonly raw: RawClient;
  readonly deprecateEof: boolean;
  readonly greeting: ReturnType<typeof parseGreeting>;
  /** The answer to the login, as recordings write it. */
  readonly login: unknown;
}

const namesOf = (flags: number): string[] =>
  Object.entries(flagNumbers)
    .filter(([name, bit]) => name !== 'LENENC' && (flags & bit) !== 0)
    .map(([name]) => name);

/** The first packet of the server as recordings write it. */
export const shownGreeting = (greeting: LoggedInClient['greeting'], hex: string): unknown => ({
  protocol: 10,
  version: greeting.version,
  connectionId: greeting.connectionId,
  charset: greeting.charset,
  status: (greeting.status & 2) !== 0 ? ['AUTOCOMMIT'] : [],
  capabilities: namesOf(greeting.flags),
  capabilitiesHex: hex,
  authDataLength: greeting.authDataLength,
  reservedHex: greeting.reserved.toString('hex'),
  saltPart2Length: 13,
  saltEndsWithNul: greeting.saltTerminator === 0,
  plugin: greeting.plugin,
});

/** Logs in as `connect` says, with what the client supports by default unless it is named. */
export async function logIn(entrance: Entrance, connect: Connect = {}): Promise<LoggedInClient> {
  const via = connect.via ?? 'tcp';
  const raw = await RawClient.connect(via === 'unix' ? { path: entrance.socketPath } : { port: entrance.port });
  const greeting = parseGreeting((await raw.expect()).payload);
  const database = connect.database === undefined ? 'commerce' : connect.database;
  const attributes = Object.entries(connect.attributes ?? {});
  let flags = defaultFlags | (database === null ? 0 : flagNumbers['CONNECT_WITH_DB']!);
  if (via === 'tls') flags |= flagNumbers['SSL']!;
  if (attributes.length > 0) flags |= flagNumbers['CONNECT_ATTRS']!;
  for (const name of connect.addCapabilities ?? []) flags |= flagNumbers[name]!;
  for (const name of connect.dropCapabilities ?? []) flags &= ~flagNumbers[name]!;
  const { charset = 45, user = 'alice', plugin = 'mysql_native_password', maxPacket = 0x1000000 } = connect;
  let sequence = 1;
  if (via === 'tls') {
    raw.send(sequence++, flagsPart(flags, charset, maxPacket));
    await raw.startTls();
  }
  const password = connect.password ?? 'pw1';
  const reply =
    connect.authHex === undefined ? nativeReply(password, greeting.salt) : Buffer.from(connect.authHex, 'hex');
  raw.send(
    sequence,
    loginPacket({ flags, charset, maxPacket, user, reply, plugin, database: database ?? '', attributes }),
  );
  const deprecateEof = (flags & flagNumbers['DEPRECATE_EOF']!) !== 0;
  const done = (login: unknown): LoggedInClient => ({ raw, deprecateEof, greeting, login });
  for (let step = sequence + 2; ; step += 2) {
    const payload = await readPayload(raw);
    if (payload === null) return done({ connectionClosed: true });
    if (payload[0] === 0xff) return done({ err: parseError(payload) });
    if (payload[0] === 0x00) return done({ ok: readOk(payload) });
    const end = payload.indexOf(0, 1);
    raw.send(step, nativeReply(password, payload.subarray(end + 1, end + 21)));
  }
}
