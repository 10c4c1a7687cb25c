import { constants, createHash, createPublicKey, publicEncrypt } from 'node:crypto';
import type { StepLog } from './attempt';
import { readError } from './mysql-result';
import type { PacketStream } from './packet-stream';

/** Capability flags that this client knows (MySQL manual: Capabilities Flags). */
export const capability = {
  LONG_PASSWORD: 0x1,
  LONG_FLAG: 0x4,
  CONNECT_WITH_DB: 0x8,
  PROTOCOL_41: 0x200,
  SSL: 0x800,
  TRANSACTIONS: 0x2000,
  SECURE_CONNECTION: 0x8000,
  PLUGIN_AUTH: 0x80000,
  PLUGIN_AUTH_LENENC: 0x200000,
  DEPRECATE_EOF: 0x1000000,
};

/** What a server says first (MySQL manual: Protocol::HandshakeV10). */
export interface Greeting {
  readonly version: string;
  readonly connectionId: number;
  readonly capabilities: number;
  readonly salt: Buffer;
  readonly plugin: string;
}

/** Reads the greeting; throws when it is none. */
export function readGreeting(packet: Buffer): Greeting {
  if (packet[0] !== 10) throw new Error(`what the server says first is no MySQL greeting`);
  const versionEnd = packet.indexOf(0, 1);
  if (versionEnd < 0 || packet.length < versionEnd + 45) throw new Error('the server’s greeting is cut short');
  let at = versionEnd + 5;
  const head = packet.subarray(at, at + 8);
  at += 9;
  const low = packet.readUInt16LE(at);
  const high = packet.readUInt16LE(at + 5);
  at += 18;
  const tail = packet.subarray(at, at + 12);
  at += 13;
  const pluginEnd = packet.indexOf(0, at);
  return {
    version: packet.toString('utf8', 1, versionEnd),
    connectionId: packet.readUInt32LE(versionEnd + 1),
    capabilities: (low | (high << 16)) >>> 0,
    salt: Buffer.concat([head, tail]),
    plugin: packet.toString('utf8', at, pluginEnd < 0 ? packet.length : pluginEnd) || 'mysql_native_password',
  };
}

/** The first 32 bytes of a login packet; alone they are the request for TLS. */
export function loginHead(flags: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags >>> 0, 0);
  head.writeUInt32LE(0xffffff, 4);
  head[8] = 45;
  return head;
}

/** Protocol::LengthEncodedInteger for lengths below 64 KiB. */
const lengthOf = (bytes: Buffer): Buffer =>
  bytes.length < 251 ? Buffer.from([bytes.length]) : Buffer.from([0xfc, bytes.length & 0xff, bytes.length >> 8]);

/** Protocol::HandshakeResponse41. Throws when a name cannot be written into it. */
export function loginPacket(
  flags: number,
  who: { readonly user: string; readonly database: string | null },
  reply: Buffer,
  method: string,
): Buffer {
  if (who.user.includes('\0') || who.database?.includes('\0') === true)
    throw new Error('a name with a NUL character cannot be sent');
  if (reply.length > 0xffff) throw new Error('a password of more than 64 KiB cannot be sent');
  return Buffer.concat([
    loginHead(flags),
    Buffer.from(`${who.user}\0`),
    lengthOf(reply),
    reply,
    Buffer.from(who.database === null ? '' : `${who.database}\0`),
    Buffer.from(`${method}\0`),
  ]);
}

const sha = (algorithm: 'sha1' | 'sha256', ...parts: Buffer[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

/** Largest packet a server has reason to send before the login is answered, bytes. */
export const LOGIN_PACKET = 64 * 1024;
/** Packets of a login beyond which a server is playing. */
const MOST_PACKETS = 20;

/** The client's half of the authentication methods (MySQL manual: Authentication Methods). */
export class Login {
  #salt = Buffer.alloc(20);

  constructor(
    readonly stream: PacketStream,
    readonly password: string,
    /** Over TLS or a Unix socket, where nobody in between reads along. */
    readonly encrypted: boolean,
    readonly log: StepLog,
  ) {}

  /** What is sent for `method` when the server's salt is `salt`. Throws when the password would cross the wire in clear. */
  reply(method: string, salt: Buffer): Buffer {
    this.#salt = Buffer.from(salt);
    const secret = Buffer.from(this.password);
    switch (method) {
      case 'mysql_native_password': {
        if (secret.length === 0) return Buffer.alloc(0);
        const once = sha('sha1', secret);
        return xor(once, sha('sha1', salt, sha('sha1', once)));
      }
      case 'caching_sha2_password': {
        if (secret.length === 0) return Buffer.alloc(0);
        const once = sha('sha256', secret);
        return xor(once, sha('sha256', sha('sha256', once), salt));
      }
      case 'mysql_clear_password':
      case 'dialog':
        if (!this.encrypted)
          throw new Error(`the server asks for the password in clear (${method}) over a connection without TLS`);
        return Buffer.concat([secret, Buffer.from([0])]);
      default:
        throw new Error(`the server asks for the unknown method ${JSON.stringify(method.slice(0, 64))}`);
    }
  }

  /** What crosses the wire, in words. */
  form(method: string): string {
    if (method === 'mysql_native_password' || method === 'caching_sha2_password')
      return this.password === '' ? 'an empty reply' : 'a hash over the salt';
    return this.password === '' ? 'an empty password in clear' : 'the password in clear inside the connection';
  }

  /** Follows the server until it accepts. `answered` is called with the first packet that comes back. */
  async finish(first: string, answered: () => void): Promise<void> {
    let method = first;
    for (let count = 0; count < MOST_PACKETS; count += 1) {
      const packet = await this.stream.read(LOGIN_PACKET);
      answered();
      if (packet[0] === 0x00) return;
      if (packet[0] === 0xff) throw readError(packet);
      if (packet[0] === 0xfe) {
        const end = packet.indexOf(0, 1);
        method = end < 0 ? 'mysql_old_password' : packet.toString('utf8', 1, end);
        const reply = this.reply(method, end < 0 ? Buffer.alloc(20) : packet.subarray(end + 1, end + 21));
        this.log.note('mysql.auth-switch', 'info', { method, sent: this.form(method), encrypted: this.encrypted });
        this.stream.write(reply);
      } else if (packet[0] === 0x01 && method === 'caching_sha2_password') this.#sha2Step(packet);
      else throw new Error('the server answers the login with something that is no answer');
    }
    throw new Error('the server goes on asking and never answers the login');
  }

  /** caching_sha2_password: 3 = known by its hash, 4 = prove it in full, anything else is the RSA key that was asked for. */
  #sha2Step(packet: Buffer): void {
    if (packet.length === 2 && packet[1] === 0x03) return;
    if (packet.length === 2 && packet[1] === 0x04) {
      if (this.encrypted) {
        this.log.note('mysql.full-authentication', 'info', { sent: 'the password in clear inside the connection' });
        this.stream.write(Buffer.from(`${this.password}\0`));
      } else this.stream.write(Buffer.from([2]));
      return;
    }
    const key = createPublicKey(packet.subarray(1).toString('latin1'));
    const clear = Buffer.from(`${this.password}\0`);
    const masked = Buffer.from(clear.map((byte, index) => byte ^ (this.#salt[index % 20] ?? 0)));
    const sealed = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, masked);
    this.log.note('mysql.full-authentication', 'info', {
      sent: 'the password encrypted with the RSA key that the server sent; nobody vouches for that key',
    });
    this.stream.write(sealed);
  }
}
