import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import {
  createTlsAcceptor,
  TlsRefusedError,
  type SecuredConnection,
  type ServerTlsConfig,
  type TlsAcceptorOptions,
} from '../../src-main/servers/tls';

/** What became of one accepted connection. */
export type Accepted = { readonly secured: SecuredConnection } | { readonly refused: TlsRefusedError };

/** A TCP listener whose connections go through createTlsAcceptor, one outcome after the other. */
export async function listenTls(config: ServerTlsConfig, options: TlsAcceptorOptions & { timeoutMs?: number } = {}) {
  const acceptor = createTlsAcceptor(config, options);
  const outcomes: Accepted[] = [];
  const waiting: ((outcome: Accepted) => void)[] = [];
  const put = (outcome: Accepted): void => {
    const waiter = waiting.shift();
    if (waiter === undefined) outcomes.push(outcome);
    else waiter(outcome);
  };
  const raws = new Set<Socket>();
  const server = createServer({ noDelay: true }, (raw) => {
    raws.add(raw);
    raw.once('close', () => raws.delete(raw));
    acceptor.accept(raw, options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }).then(
      (secured) => put({ secured }),
      (error: unknown) => {
        if (!(error instanceof TlsRefusedError)) throw error;
        put({ refused: error });
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    acceptor,
    port: (server.address() as AddressInfo).port,
    /** The next outcome, in the order in which connections settle. */
    next: (): Promise<Accepted> => {
      const outcome = outcomes.shift();
      return outcome === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(outcome);
    },
    open: () => raws.size,
    close: async (): Promise<void> => {
      acceptor.dispose();
      for (const raw of raws) raw.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a plain Node client saw of its connection, from the handshake to the end. */
export interface ClientView {
  readonly secured: boolean;
  readonly error: string;
  readonly received: string;
  readonly session: Buffer | undefined;
}

/** A TLS client made of Node alone; sends `statement` the moment its own handshake is complete and waits for the end. */
export function rawTlsClient(options: ConnectionOptions & { statement?: string }): {
  socket: TLSSocket;
  ended: Promise<ClientView>;
} {
  const socket = connect({
    host: '127.0.0.1',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...options,
  });
  let secured = false;
  let error = '';
  let received = '';
  let session: Buffer | undefined;
  socket.on('secureConnect', () => {
    secured = true;
    if (options.statement !== undefined) socket.write(options.statement);
  });
  socket.on('session', (ticket: Buffer) => (session = ticket));
  socket.on('data', (data: Buffer) => (received += data.toString()));
  socket.on(
    'error',
    (failure: Error) => (error ||= `${(failure as NodeJS.ErrnoException).code ?? ''} ${failure.message}`),
  );
  const ended = new Promise<ClientView>((resolve) =>
    socket.once('close', () => resolve({ secured, error, received, session })),
  );
  return { socket, ended };
}
