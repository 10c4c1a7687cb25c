import type { Socket } from 'node:net';
import { Deadline } from '../deadline';
import { dial, type DialTarget } from '../dial';
import { capability, LOGIN_PACKET, loginHead, readGreeting } from '../mysql-login';
import { readError } from '../mysql-result';
import { PacketStream } from '../packet-stream';
import { readAnswer, type HelloAnswer } from './server-answer';

export interface FirstBytes {
  readonly target: DialTarget;
  /** MySQL asks for TLS within its own protocol first (MySQL manual: Protocol::SSLRequest). */
  readonly protocol: 'mysql' | 'tls';
  /** What is sent first, or behind the request for TLS. */
  readonly bytes: Buffer;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What came back, and from where it was asked. */
export interface FirstAnswer {
  readonly answer: HelloAnswer;
  /** `ip:port` of this end; null without a connection. */
  readonly localAddress: string | null;
}

/** Connects, sends `bytes` where a ClientHello belongs and reads the answer's first record. Never rejects. */
export async function sendFirst(options: FirstBytes): Promise<FirstAnswer> {
  const deadline = new Deadline(options.timeoutMs ?? 5_000, options.signal);
  const { socket, connected } = dial(options.target);
  let localAddress: string | null = null;
  try {
    const answer = await deadline.race(async () => {
      await connected;
      localAddress = `${socket.localAddress}:${socket.localPort}`;
      if (options.protocol === 'mysql') {
        const refusal = await askForTls(socket);
        if (refusal !== null) return refusal;
      }
      return converse(socket, options.bytes);
    });
    return { answer, localAddress };
  } catch (error) {
    return { answer: { kind: 'none', reason: (error as Error).message }, localAddress };
  } finally {
    deadline.release();
    socket.destroy();
  }
}

/** Reads the greeting and sends the request for TLS; the answer where the server offers none. */
async function askForTls(socket: Socket): Promise<HelloAnswer | null> {
  const stream = new PacketStream(socket);
  const first = await stream.read(LOGIN_PACKET);
  if (first[0] === 0xff) throw readError(first);
  if ((readGreeting(first).capabilities & capability.SSL) === 0)
    return { kind: 'none', reason: 'the server offers no TLS' };
  stream.write(loginHead(capability.PROTOCOL_41 | capability.SECURE_CONNECTION | capability.SSL));
  stream.detach();
  return null;
}

function converse(socket: Socket, bytes: Buffer): Promise<HelloAnswer> {
  return new Promise((resolve) => {
    let have = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      have = Buffer.concat([have, chunk]);
      const answer = readAnswer(have);
      if (answer !== null) resolve(answer);
    });
    const over = (): void => resolve({ kind: 'none', reason: 'the connection was closed without an answer' });
    socket.on('end', over);
    socket.on('close', over);
    socket.resume();
    socket.write(bytes);
  });
}
