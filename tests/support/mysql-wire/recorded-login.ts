import {
  RawClient,
  defaultFlags,
  flagNumbers,
  flagsPart,
  frame,
  loginPacket,
  parseError,
  parseGreeting,
} from './raw-client';
import { nativeReply, sha2Reply } from './scramble';

/** One connection of logins.json; see its `format`. */
export interface RecordedLogin {
  readonly id: string;
  readonly kind?: string;
  readonly server: string;
  readonly transport: 'tcp' | 'tls' | 'socket';
  readonly tls?: Readonly<Record<string, unknown>>;
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
  readonly expect: {
    readonly result: string;
    readonly errno?: number;
    readonly sqlstate?: string;
    readonly message?: string;
    readonly trace?: readonly string[];
    readonly callers?: unknown;
  };
}

export interface LoginView {
  readonly result: string;
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly message?: string;
  readonly trace: readonly string[];
}

const none = Buffer.alloc(0);

function replyOf(method: string, password: string, salt: Buffer): Buffer {
  if (method === 'caching_sha2_password') return sha2Reply(password, salt);
  if (method === 'mysql_clear_password' || method === 'dialog') return Buffer.from(`${password}\0`);
  return nativeReply(password, salt);
}

function chosenReply(choice: string, method: string, password: string, salt: Buffer): Buffer {
  const auto = replyOf(method, password, salt);
  if (choice === 'auto') return auto;
  if (choice === 'empty') return none;
  if (choice === 'nul') return Buffer.of(0);
  if (choice === 'wrongsalt') return replyOf(method, password, Buffer.alloc(20, 'x'));
  const [key, value = ''] = [choice.slice(0, choice.indexOf(':')), choice.slice(choice.indexOf(':') + 1)];
  if (key === 'as') return replyOf(value, password, salt);
  if (key === 'hex') return Buffer.from(value, 'hex');
  if (key === 'cut') return auto.subarray(0, Number(value));
  if (key === 'pad') return Buffer.concat([auto, Buffer.alloc(Number(value), 1)]);
  throw new Error(`unknown reply ${choice}`);
}

/** Plays the client of a recorded login and tells what it saw, in the words of the recording. */
export async function replayLogin(
  login: RecordedLogin,
  where: { port: number } | { path: string },
  clientCertificate?: { readonly cert: string; readonly key: string },
): Promise<LoginView> {
  const client = await RawClient.connect(where);
  const trace: string[] = [];
  try {
    const first = await client.expect();
    const greeting = parseGreeting(first.payload);
    const flagText = greeting.flags.toString(16).toUpperCase().padStart(8, '0');
    trace.push(`S${first.sequence} greeting ${greeting.plugin} 0x${flagText}`);

    let flags = defaultFlags;
    if (login.plugin === null) flags &= ~flagNumbers['PLUGIN_AUTH']!;
    if (login.transport === 'tls') flags |= flagNumbers['SSL']!;
    if (login.db !== undefined) flags |= flagNumbers['CONNECT_WITH_DB']!;
    for (const name of login.capsOn ?? []) flags |= flagNumbers[name]!;
    for (const name of login.capsOff ?? []) flags &= ~flagNumbers[name]!;

    let sequence = login.seq ?? 1;
    if (login.transport === 'tls') {
      client.send(sequence, flagsPart(flags, login.charset));
      sequence += 1;
      trace.push('C ssl request');
      const refused = await client.startTls(clientCertificate ?? {}).then(
        () => null,
        (error: Error) => error,
      );
      if (refused !== null) return { result: 'tls-failed', trace };
      trace.push('TLSv1.3');
    }

    const plugin = login.plugin === undefined ? 'mysql_native_password' : login.plugin;
    const method = plugin ?? 'mysql_native_password';
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
      const answer = await client.read();
      if (answer === null) {
        trace.push('S close');
        return { result: 'closed', trace };
      }
      const { payload } = answer;
      if (payload[0] === 0x00) {
        trace.push(`S${answer.sequence} ok`);
        return { result: 'ok', trace };
      }
      if (payload[0] === 0xff) {
        trace.push(`S${answer.sequence} err`);
        return { result: 'error', ...parseError(payload), trace };
      }
      if (payload[0] === 0x01) {
        trace.push(`S${answer.sequence} more data ${payload.toString('hex', 1)}`);
        continue;
      }
      const end = payload.indexOf(0, 1);
      const wanted = payload.toString('latin1', 1, end);
      const data = payload.subarray(end + 1);
      const shown = wanted === 'dialog' ? "b'\\x04Enter password: \\x00'" : '';
      trace.push(`S${answer.sequence} auth switch ${wanted} ${data.length} bytes${shown}`);
      if (login.onSwitch === 'close') return { result: 'client-closed', trace };
      const salt = login.onSwitch === 'oldsalt' ? greeting.salt : data.subarray(0, 20);
      const choice =
        login.onSwitch === undefined || /^(follow|oldsalt)$/.test(login.onSwitch) ? 'auto' : login.onSwitch;
      const second = chosenReply(choice, wanted, login.password, salt);
      client.send(answer.sequence + 1, second);
      trace.push(`C ${second.length} bytes`);
    }
  } finally {
    client.close();
  }
}
