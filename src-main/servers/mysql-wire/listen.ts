import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { GatehouseError } from '../../domain/kernel';
import type { MysqlServerOptions } from './types';

type ListenOptions = Pick<MysqlServerOptions, 'name' | 'listen' | 'socketMode'>;
type Address = { readonly host: string; readonly port: number } | { readonly socketPath: string };

const vitessSocketMode = 0o777;

/**
 * Makes `server` listen and resolves with the address. A socket file on which nobody listens is removed; one that still
 * accepts connections is refused with vtgate's text, a file that is no socket is left alone. Rejects with GatehouseError
 * `mysql-wire.socket-in-use`, `mysql-wire.not-a-socket`, `mysql-wire.address-in-use` or `mysql-wire.listen-failed`.
 */
export async function listen(server: Server, options: ListenOptions): Promise<Address> {
  const { name, listen: where } = options;
  if (!('socketPath' in where)) {
    await bind(server, { host: where.host, port: where.port }, name, `${where.host}:${where.port}`);
    const bound = server.address();
    return { host: where.host, port: bound !== null && typeof bound === 'object' ? bound.port : where.port };
  }
  const { socketPath } = where;
  await removeStale(socketPath, name);
  await bind(server, { path: socketPath }, name, socketPath);
  await chmod(socketPath, options.socketMode ?? vitessSocketMode);
  return { socketPath };
}

function bind(
  server: Server,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  name: string,
  shown: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const inUse = error.code === 'EADDRINUSE';
      reject(
        new GatehouseError(
          {
            code: inUse ? 'mysql-wire.address-in-use' : 'mysql-wire.listen-failed',
            summary: inUse
              ? `Listener ${name} cannot start: ${shown} is in use; choose another port or stop the program that has it.`
              : `Listener ${name} cannot start on ${shown} (${error.code ?? 'unknown'}).`,
            detail: error.message,
          },
          { cause: error },
        ),
      );
    };
    server.once('error', failed);
    server.listen({ ...where, backlog: 1024 }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

async function removeStale(socketPath: string, name: string): Promise<void> {
  const found = await lstat(socketPath).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) {
    throw new GatehouseError({
      code: 'mysql-wire.not-a-socket',
      summary: `Listener ${name} cannot start: ${socketPath} exists and is no socket; choose another path.`,
    });
  }
  if (await accepts(socketPath)) {
    throw new GatehouseError({
      code: 'mysql-wire.socket-in-use',
      summary: `Existent socket '${socketPath}' is still accepting connections, aborting`,
    });
  }
  await unlink(socketPath).catch(() => undefined);
}

/** Whether anybody listens; whatever is not a plain refusal counts as yes. */
function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}
