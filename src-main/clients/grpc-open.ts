import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { isIPv6, type Socket } from 'node:net';
import type { CallerTls, Stage, StepLog } from './attempt';
import { dial } from './dial';
import { secure } from './secure';

/** Largest answer this client accepts, bytes. */
const LIMIT = 64 * 1024 * 1024;

/** grpc-message as the protocol writes it (gRPC over HTTP2: Percent-Encoded); damaged parts stay as they are. */
const percentDecoded = (text: string): string =>
  Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  ).toString('utf8');

/** What a call was refused with. */
export class Status extends Error {
  constructor(
    readonly code: number,
    message: string,
    /** Refused before the service's own handler, that is by authentication. */
    readonly atLogin: boolean,
  ) {
    super(message);
  }
}

/** Texts with which Vitess's authentication plugins refuse a call (vitess-behaviour §§1.6, 1.7). */
const loginRefusals = [
  /^auth failure: caller /,
  /^username and password must be provided/,
  /^client certificate not authorized/,
  /^not connected via TLS/,
  /^no peer connection info/,
];

/** How far an attempt has come; `stage` moves while it runs. */
export interface GrpcProgress {
  stage: Stage;
  localAddress: string | null;
  socket: Socket | null;
  session: ClientHttp2Session | null;
}

/** Connects, over TLS when it is asked for. Rejects with what this side's own libraries said. */
export async function openGrpc(
  attempt: { readonly target: { readonly host: string; readonly port: number }; readonly tls: CallerTls | null },
  state: GrpcProgress,
  log: StepLog,
): Promise<ClientHttp2Session> {
  const { host, port } = attempt.target;
  const { socket, connected } = dial(attempt.target);
  state.socket = socket;
  await connected;
  socket.setNoDelay(true);
  state.localAddress = `${socket.localAddress}:${socket.localPort}`;
  log.note('connected', 'ok', { host, port });
  let open: Socket = socket;
  if (attempt.tls !== null) {
    state.stage = 'tls';
    open = await secure(socket, attempt.tls, ['h2'], log);
  }
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const session = connectHttp2(`http://${authority}`, { createConnection: () => open });
  state.session = session;
  return session;
}

/** One call: the messages of the answer in their order. Rejects with Status for a status other than OK. */
export function callGrpc(
  session: ClientHttp2Session,
  call: {
    readonly path: string;
    readonly overTls: boolean;
    readonly credentials: { readonly username: string; readonly password: string } | null;
    readonly message: Buffer;
  },
  answered: () => void,
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const broken = (error?: Error): void =>
      reject(error ?? new Error('the connection was closed before the call was answered'));
    session.on('error', broken);
    session.on('close', () => broken());
    session.on('goaway', (code) => broken(new Error(`the server ended the connection (HTTP/2 error ${code})`)));
    const stream = session.request({
      ':method': 'POST',
      ':scheme': call.overTls ? 'https' : 'http',
      ':path': call.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(call.credentials === null
        ? {}
        : { username: call.credentials.username, password: call.credentials.password }),
    });
    const chunks: Buffer[] = [];
    let head: Record<string, unknown> = {};
    let tail: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      answered();
      head = headers;
    });
    stream.on('trailers', (headers) => {
      tail = headers;
    });
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMIT) broken(new Error(`the answer is larger than ${LIMIT / 1024 / 1024} MiB`));
    });
    stream.on('error', broken);
    stream.on('end', () => {
      try {
        const status = tail['grpc-status'] ?? head['grpc-status'];
        if (status === undefined)
          throw new Error(`the answer is not gRPC (HTTP status ${String(head[':status'] ?? 'none')})`);
        const message = percentDecoded(String(tail['grpc-message'] ?? head['grpc-message'] ?? ''));
        if (!/^\d{1,3}$/.test(String(status))) throw new Error('the status of the answer is no number');
        if (Number(status) !== 0)
          throw new Status(
            Number(status),
            message,
            loginRefusals.some((text) => text.test(message)),
          );
        resolve(framesOf(Buffer.concat(chunks)));
      } catch (error) {
        reject(error as Error);
      }
    });
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(call.message.length, 1);
    stream.end(Buffer.concat([frame, call.message]));
  });
}

/** The messages of an answer (gRPC over HTTP2: Length-Prefixed-Message). */
function framesOf(body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    if (body.length < at + 5 || body.length < at + 5 + body.readUInt32BE(at + 1))
      throw new Error('the answer holds no whole message');
    if (body[at] !== 0) throw new Error('the answer is compressed, which was not offered');
    const end = at + 5 + body.readUInt32BE(at + 1);
    frames.push(body.subarray(at + 5, end));
    at = end;
  }
  return frames;
}
