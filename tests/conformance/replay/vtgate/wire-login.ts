import type { TLSSocket } from 'node:tls';
import {
  RawClient,
  defaultFlags,
  flagNumbers,
  flagsPart,
  frame,
  loginPacket,
  parseError,
  parseGreeting,
} from '../../../support/mysql-wire/raw-client';
import { nativeReply, sha2Reply } from '../../../support/mysql-wire/scramble';
import type { Ground } from './ground';
import { agreed, alertOf, clientOptions, type RecordedTls } from './tls-client';

/** One login as the recordings describe a client; see `format` of logins.json. */
export interface ClientLogin {
  readonly transport: 'tcp' | 'tls' | 'socket';
  readonly tls?: RecordedTls;
  readonly user: string;
  readonly password: string;
  readonly plugin?: string | null;
  readonly first?: string;
  readonly onSwitch?: string;
  readonly capsOn?: readonly string[];
  readonly capsOff?: readonly string[];
  readonly attrs?: readonly (readonly [string, string])[];
  readonly charset?: number;
  readonly seq?: number;
  readonly truncate?: number;
  readonly db?: string;
  readonly prefixHex?: string;
}

/** What the client saw. */
export interface LoginView {
  readonly result: 'ok' | 'error' | 'closed' | 'tls-ended' | 'client-closed' | 'no answer';
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly message?: string;
  /** What the server did behind its error. */
  readonly then?: 'closed' | 'open';
  readonly tls?: ReturnType<typeof agreed>;
  /** Was the TLS session resumed. */
  readonly resumed?: boolean;
  readonly alert: string | null;
  readonly trace: readonly string[];
}

export interface PlayedLogin {
  readonly view: LoginView;
  /** Logged in and open; null otherwise. */
  readonly client: RawClient | null;
}

export interface PlayOptions {
  readonly where: { readonly port: number } | { readonly path: string };
  readonly ground: Ground;
  /** Milliseconds after which an answer is given up. */
  readonly patienceMs?: number;
  /** TLS session to resume. */
  readonly session?: Buffer;
}

const none = Buffer.alloc(0);

function replyOf(method: string, password: string, salt: Buffer): Buffer {
  if (method === 'mysql_clear_password' || method === 'dialog') return Buffer.from(`${password}\0`);
  if (password === '') return none;
  if (method === 'caching_sha2_password') return sha2Reply(password, salt);
  return nativeReply(password, salt);
}

function chosenReply(choice: string, method: string, password: string, salt: Buffer): Buffer {
  const auto = replyOf(method, password, salt);
  if (choice === 'auto') return auto;
  if (choice === 'empty') return none;
  if (choice === 'nul') return Buffer.of(0);
  if (choice === 'wrongsalt') return replyOf(method, password, Buffer.alloc(20, 'x'));
  const [key, value = ''] = choice.split(/:(.*)/s);
  if (key === 'as') return replyOf(value, password, salt);
  if (key === 'hex') return Buffer.from(value, 'hex');
  if (key === 'cut') return auto.subarray(0, Number(value));
  if (key === 'pad') return Buffer.concat([auto, Buffer.alloc(Number(value), 1)]);
  throw new Error(`unknown reply ${choice}`);
}

function flagsOf(login: ClientLogin): number {
  let flags = defaultFlags;
  if (login.plugin === null) flags &= ~flagNumbers['PLUGIN_AUTH']!;
  if (login.transport === 'tls') flags |= flagNumbers['SSL']!;
  if (login.db !== undefined) flags |= flagNumbers['CONNECT_WITH_DB']!;
  if (login.attrs !== undefined) flags |= flagNumbers['CONNECT_ATTRS']!;
  for (const name of login.capsOn ?? []) flags |= flagNumbers[name]!;
  for (const name of login.capsOff ?? []) flags &= ~flagNumbers[name]!;
  return flags;
}

class Late extends Error {}

/** `work`, or Late after `ms` milliseconds. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Plays a login from the first byte to the server's answer. The client is closed unless it got in. */
export async function playLogin(login: ClientLogin, options: PlayOptions): Promise<PlayedLogin> {
  const patience = options.patienceMs ?? 20_000;
  const client = await RawClient.connect(options.where);
  const trace: string[] = [];
  let tls: Pick<LoginView, 'tls' | 'resumed'> = {};
  const ended = (view: Omit<LoginView, 'trace' | 'alert'>): PlayedLogin => {
    client.close();
    return { view: { ...view, ...tls, alert: alertOf(client.tlsError), trace }, client: null };
  };
  const read = () => within(patience, client.read());
  try {
    if (login.prefixHex !== undefined) client.socket.write(Buffer.from(login.prefixHex, 'hex'));
    const first = await read();
    if (first === null) {
      trace.push('S close');
      return ended({ result: 'closed' });
    }
    const greeting = parseGreeting(first.payload);
    trace.push(
      `S${first.sequence} greeting ${greeting.plugin} 0x${greeting.flags.toString(16).toUpperCase().padStart(8, '0')}`,
    );
    const flags = flagsOf(login);
    let sequence = login.seq ?? 1;
    if (login.transport === 'tls') {
      client.send(sequence, flagsPart(flags, login.charset));
      sequence += 1;
      trace.push('C ssl request');
      const socket = await startTls(client, clientOptions(login.tls ?? {}, options.ground, options.session));
      if (socket === null) return ended({ result: 'tls-ended' });
      tls = { tls: agreed(socket, login.tls ?? {}), resumed: socket.isSessionReused() };
      trace.push(tls.tls!.version);
    }
    const plugin = login.plugin === undefined ? 'mysql_native_password' : login.plugin;
    const method = plugin === null || plugin === '' ? 'mysql_native_password' : plugin;
    const reply = chosenReply(login.first ?? 'auto', method, login.password, greeting.salt);
    let packet = loginPacket({
      flags,
      charset: login.charset ?? 45,
      user: login.user,
      reply,
      plugin,
      ...(login.db === undefined ? {} : { database: login.db }),
      ...(login.attrs === undefined ? {} : { attributes: login.attrs }),
    });
    if (login.truncate !== undefined) packet = packet.subarray(0, login.truncate);
    client.socket.write(frame(sequence, packet));
    trace.push(`C login ${plugin ?? 'None'} ${reply.length} bytes`);

    for (;;) {
      const answer = await read();
      if (answer === null) {
        trace.push('S close');
        return ended({ result: 'closed' });
      }
      const { payload, sequence: number } = answer;
      if (payload[0] === 0x00) {
        trace.push(`S${number} ok`);
        return { view: { result: 'ok', ...tls, alert: null, trace }, client };
      }
      if (payload[0] === 0xff) {
        trace.push(`S${number} err`);
        const behind = await within(2_000, client.read()).catch(() => undefined);
        return ended({ result: 'error', ...parseError(payload), then: behind === null ? 'closed' : 'open' });
      }
      if (payload[0] === 0x01) {
        trace.push(`S${number} more data ${payload.toString('hex', 1)}`);
        continue;
      }
      const end = payload.indexOf(0, 1);
      const wanted = payload.toString('latin1', 1, end);
      const data = payload.subarray(end + 1);
      const prompt = wanted === 'dialog' ? pythonBytes(data) : '';
      trace.push(`S${number} auth switch ${wanted} ${data.length} bytes${prompt}`);
      if (login.onSwitch === 'close') return ended({ result: 'client-closed' });
      const salt = login.onSwitch === 'oldsalt' ? greeting.salt : data.subarray(0, 20);
      const choice = /^(follow|oldsalt)$/.test(login.onSwitch ?? 'follow') ? 'auto' : login.onSwitch!;
      const second = chosenReply(choice, wanted, login.password, salt);
      client.send(number + 1, second);
      trace.push(`C ${second.length} bytes`);
    }
  } catch (error) {
    if (!(error instanceof Late)) {
      client.close();
      throw error;
    }
    trace.push('timeout');
    return ended({ result: 'no answer' });
  }
}

/** Bytes as Python prints them; the prompt of a dialogue. */
function pythonBytes(data: Buffer): string {
  const text = [...data].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `b'${text.join('')}'`;
}

/** Puts TLS on the client's socket; null when the server ended it before the handshake was complete for the client. */
async function startTls(client: RawClient, options: ReturnType<typeof clientOptions>): Promise<TLSSocket | null> {
  try {
    await client.startTls(options);
    return client.socket as TLSSocket;
  } catch (error) {
    client.tlsError ??= error as Error;
    return null;
  }
}
