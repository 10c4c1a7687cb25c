import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export interface RawPacket {
  readonly sequence: number;
  readonly payload: Buffer;
}

/** A client that sends and shows single frames and shares no code with the server. */
export class RawClient {
  #buffered = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | null = null;
  /** The latest session ticket of TLS, to be resumed with. */
  tlsSession: Buffer | null = null;
  /** What TLS said when it ended the connection. */
  tlsError: NodeJS.ErrnoException | null = null;

  private constructor(public socket: Socket) {
    this.#listen(socket);
  }

  static async connect(where: { port: number; host?: string } | { path: string }): Promise<RawClient> {
    const socket = connectTcp({ host: '127.0.0.1', ...where });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    if ('port' in where) socket.setNoDelay(true);
    return client;
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#buffered = Buffer.concat([this.#buffered, chunk]);
      this.#wake?.();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (this.tlsError ??= error));
    const end = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('end', end);
    socket.on('close', end);
  }

  /** The next frame, or null when the server has closed the connection. */
  async read(): Promise<RawPacket | null> {
    for (;;) {
      if (this.#buffered.length >= 4) {
        const length = this.#buffered.readUIntLE(0, 3);
        if (this.#buffered.length >= 4 + length) {
          const packet = { sequence: this.#buffered[3]!, payload: this.#buffered.subarray(4, 4 + length) };
          this.#buffered = this.#buffered.subarray(4 + length);
          return packet;
        }
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }

  async expect(): Promise<RawPacket> {
    const packet = await this.read();
    if (packet === null) throw new Error('the server closed the connection');
    return packet;
  }

  /** Resolves with every frame until the server closes. */
  async readToEnd(): Promise<RawPacket[]> {
    const packets: RawPacket[] = [];
    for (let packet = await this.read(); packet !== null; packet = await this.read()) packets.push(packet);
    return packets;
  }

  send(sequence: number, payload: Buffer): void {
    this.socket.write(frame(sequence, payload));
  }

  async startTls(options: ConnectionOptions = {}): Promise<void> {
    this.socket.removeAllListeners('data');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false, ...options });
    secured.on('session', (session: Buffer) => (this.tlsSession = session));
    this.#listen(secured);
    await once(secured, 'secureConnect');
    this.socket = secured;
  }

  close(): void {
    this.socket.destroy();
  }
}

export function frame(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** Default flags of the recordings: LONG_PASSWORD … DEPRECATE_EOF. */
export const defaultFlags = 0x1 | 0x4 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000 | 0x200000 | 0x1000000;

export const flagNumbers: Readonly<Record<string, number>> = {
  LONG_PASSWORD: 0x1,
  FOUND_ROWS: 0x2,
  LONG_FLAG: 0x4,
  CONNECT_WITH_DB: 0x8,
  NO_SCHEMA: 0x10,
  COMPRESS: 0x20,
  ODBC: 0x40,
  LOCAL_FILES: 0x80,
  IGNORE_SPACE: 0x100,
  PROTOCOL_41: 0x200,
  INTERACTIVE: 0x400,
  SSL: 0x800,
  TRANSACTIONS: 0x2000,
  SECURE_CONNECTION: 0x8000,
  MULTI_STATEMENTS: 0x10000,
  MULTI_RESULTS: 0x20000,
  PS_MULTI_RESULTS: 0x40000,
  PLUGIN_AUTH: 0x80000,
  CONNECT_ATTRS: 0x100000,
  PLUGIN_AUTH_LENENC_CLIENT_DATA: 0x200000,
  LENENC: 0x200000,
  CAN_HANDLE_EXPIRED_PASSWORDS: 0x400000,
  SESSION_TRACK: 0x800000,
  DEPRECATE_EOF: 0x1000000,
  OPTIONAL_RESULTSET_METADATA: 0x2000000,
  ZSTD_COMPRESSION: 0x4000000,
  QUERY_ATTRIBUTES: 0x8000000,
  MULTI_FACTOR_AUTHENTICATION: 0x10000000,
};

export interface LoginPacket {
  readonly flags: number;
  readonly charset?: number;
  readonly maxPacket?: number;
  readonly user: string;
  readonly reply: Buffer;
  readonly database?: string;
  readonly plugin?: string | null;
  readonly attributes?: readonly (readonly [string, string])[];
}

const nul = (text: string): Buffer => Buffer.from(`${text}\0`);
const short = (bytes: Buffer): Buffer =>
  bytes.length < 251
    ? Buffer.concat([Buffer.of(bytes.length), bytes])
    : Buffer.concat([Buffer.of(0xfc, bytes.length & 0xff, bytes.length >> 8), bytes]);

/** The 32 bytes with which a login packet begins. */
export function flagsPart(flags: number, charset = 45, maxPacket = 0x1000000): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags >>> 0, 0);
  head.writeUInt32LE(maxPacket, 4);
  head[8] = charset;
  return head;
}

export function loginPacket(login: LoginPacket): Buffer {
  const { flags } = login;
  const has = (name: string): boolean => (flags & flagNumbers[name]!) !== 0;
  const parts = [flagsPart(flags, login.charset, login.maxPacket), nul(login.user)];
  if (has('LENENC')) parts.push(short(login.reply));
  else if (has('SECURE_CONNECTION')) parts.push(Buffer.of(login.reply.length), login.reply);
  else parts.push(login.reply, Buffer.of(0));
  if (has('CONNECT_WITH_DB')) parts.push(nul(login.database ?? ''));
  if (has('PLUGIN_AUTH')) parts.push(nul(login.plugin ?? ''));
  if (has('CONNECT_ATTRS')) {
    const list = (login.attributes ?? []).flatMap(([name, value]) => [
      short(Buffer.from(name)),
      short(Buffer.from(value)),
    ]);
    parts.push(short(Buffer.concat(list)));
  }
  return Buffer.concat(parts);
}

export interface RawGreeting {
  readonly version: string;
  readonly connectionId: number;
  readonly salt: Buffer;
  readonly flags: number;
  readonly charset: number;
  readonly status: number;
  readonly authDataLength: number;
  readonly reserved: Buffer;
  readonly saltTerminator: number;
  readonly plugin: string;
  readonly trailing: number;
}

export function parseGreeting(payload: Buffer): RawGreeting {
  const end = payload.indexOf(0, 1);
  const at = end + 1;
  const pluginEnd = payload.indexOf(0, at + 44);
  return {
    version: payload.toString('latin1', 1, end),
    connectionId: payload.readUInt32LE(at),
    salt: Buffer.concat([payload.subarray(at + 4, at + 12), payload.subarray(at + 31, at + 43)]),
    flags: (payload.readUInt16LE(at + 13) | (payload.readUInt16LE(at + 18) << 16)) >>> 0,
    charset: payload[at + 15]!,
    status: payload.readUInt16LE(at + 16),
    authDataLength: payload[at + 20]!,
    reserved: payload.subarray(at + 21, at + 31),
    saltTerminator: payload[at + 43]!,
    plugin: payload.toString('latin1', at + 44, pluginEnd),
    trailing: payload.length - pluginEnd - 1,
  };
}

/** errno, SQLSTATE and message of an ERR packet. */
export function parseError(payload: Buffer): { errno: number; sqlstate: string; message: string } {
  if (payload[0] !== 0xff) throw new Error(`not an ERR packet: ${payload.toString('hex')}`);
  return {
    errno: payload.readUInt16LE(1),
    sqlstate: payload.toString('latin1', 4, 9),
    message: payload.toString('utf8', 9),
  };
}
