import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { readLines } from './read-lines';

/** Longest call that is accepted, bytes. */
const MAX_LINE = 8 * 1024 * 1024;
/** Longest answer, bytes: a trace may hold many steps. */
const MAX_REPLY = 64 * 1024 * 1024;

/** Answers one call over the control socket; a rejection travels as its message. */
export type ControlHandler = (method: string, parameters: unknown) => Promise<unknown>;

/** The socket (0600) through which another Gatehouse talks to the one that holds the workspace. */
export interface ControlServer {
  readonly path: string;
  dispose(): Promise<void>;
}

/** Listens on `path`; a stale socket is removed. One JSON object a line: {id, method, parameters} -> {id, value} | {id, error}. */
export async function serveControl(path: string, handler: ControlHandler): Promise<ControlServer> {
  await rm(path, { force: true });
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    readLines(socket, MAX_LINE, (line) => {
      void answer(line, handler).then((text) => socket.writable && socket.write(`${text}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    path,
    dispose: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(path, { force: true });
    },
  };
}

async function answer(line: string, handler: ControlHandler): Promise<string> {
  let id: unknown = null;
  try {
    const call = JSON.parse(line) as { id?: unknown; method?: unknown; parameters?: unknown };
    id = call.id ?? null;
    if (typeof call.method !== 'string') throw new Error('no method named');
    return JSON.stringify({ id, value: (await handler(call.method, call.parameters)) ?? null });
  } catch (error) {
    return JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

function readReply(line: string): Reply | null {
  try {
    const reply = JSON.parse(line) as Reply | null;
    return typeof reply?.id === 'number' ? reply : null;
  } catch {
    return null;
  }
}

/** The other end. Calls are answered in any order; a lost connection rejects what is open. */
export interface ControlClient {
  call(method: string, parameters?: unknown): Promise<unknown>;
  close(): void;
}

/** Connects to the control socket at `path`; rejects when nobody listens. */
export async function connectControl(path: string): Promise<ControlClient> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', resolve);
  });
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const end = (): void => {
    for (const call of open.values()) call.reject(new Error('the other Gatehouse ended the connection'));
    open.clear();
  };
  socket.on('close', end);
  socket.on('error', end);
  readLines(socket, MAX_REPLY, (line) => {
    const reply = readReply(line);
    if (reply === null) {
      socket.destroy();
      return;
    }
    const call = open.get(reply.id);
    open.delete(reply.id);
    if (reply.error === undefined) call?.resolve(reply.value);
    else call?.reject(new Error(reply.error));
  });
  let next = 1;
  return {
    call: (method, parameters) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error('the connection is closed'));
          return;
        }
        open.set(next, { resolve, reject });
        socket.write(`${JSON.stringify({ id: next, method, parameters })}\n`);
        next += 1;
      }),
    close: () => socket.destroy(),
  };
}
