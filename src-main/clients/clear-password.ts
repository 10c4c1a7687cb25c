import { Deadline } from './deadline';
import { dial, type DialTarget } from './dial';
import { capability, LOGIN_PACKET, loginPacket, readGreeting } from './mysql-login';
import { readError, ServerError } from './mysql-result';
import { PacketStream } from './packet-stream';

/** What a MySQL listener makes of a login that names a method by which passwords are sent as they are. */
export type ClearPasswordAnswer =
  /** It goes on with this method (MySQL manual: Protocol::AuthSwitchRequest). */
  | { readonly kind: 'switch'; readonly method: string }
  | { readonly kind: 'error'; readonly code: number; readonly sqlState: string | null; readonly message: string }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'closed'; readonly reason: string };

export interface ClearPasswordOffer {
  readonly target: DialTarget;
  readonly user: string;
  readonly method: 'mysql_clear_password' | 'dialog';
  /** Sent as it is, ended by a NUL; empty: nothing is sent, to see whether the server asks for it. */
  readonly password: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Logs in without TLS by a method in clear, and reads the one packet that comes back. Never rejects. */
export async function offerClearPassword(
  options: ClearPasswordOffer,
): Promise<{ readonly answer: ClearPasswordAnswer; readonly localAddress: string | null }> {
  const deadline = new Deadline(options.timeoutMs ?? 5_000, options.signal);
  const { socket, connected } = dial(options.target);
  let localAddress: string | null = null;
  try {
    const answer = await deadline.race(async () => {
      await connected;
      localAddress = 'port' in options.target ? `${socket.localAddress}:${socket.localPort}` : null;
      return converse(new PacketStream(socket), options);
    });
    return { answer, localAddress };
  } catch (error) {
    if (error instanceof ServerError) {
      const { errno, sqlState, message } = error;
      return { answer: { kind: 'error', code: errno, sqlState, message }, localAddress };
    }
    return { answer: { kind: 'closed', reason: (error as Error).message }, localAddress };
  } finally {
    deadline.release();
    socket.destroy();
  }
}

async function converse(stream: PacketStream, options: ClearPasswordOffer): Promise<ClearPasswordAnswer> {
  const first = await stream.read(LOGIN_PACKET);
  if (first[0] === 0xff) throw readError(first);
  readGreeting(first);
  const flags =
    capability.LONG_PASSWORD |
    capability.PROTOCOL_41 |
    capability.TRANSACTIONS |
    capability.SECURE_CONNECTION |
    capability.PLUGIN_AUTH |
    capability.PLUGIN_AUTH_LENENC;
  const reply = options.password === '' ? Buffer.alloc(0) : Buffer.from(`${options.password}\0`);
  stream.write(loginPacket(flags, { user: options.user, database: null }, reply, options.method));
  const packet = await stream.read(LOGIN_PACKET);
  if (packet[0] === 0xff) throw readError(packet);
  if (packet[0] === 0x00) return { kind: 'accepted' };
  if (packet[0] !== 0xfe) return { kind: 'closed', reason: 'the answer to the login is none' };
  const end = packet.indexOf(0, 1);
  return { kind: 'switch', method: end < 0 ? 'mysql_old_password' : packet.toString('utf8', 1, end) };
}
