import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { GatehouseError, Secret } from '../../domain/kernel';
import { hostPolicy } from './host-policy';
import { closeCode, defaultLimits, type Limits } from './limits';
import { servePage, type AcceptPage, type Refusal } from './page-connection';
import { commonHeaders, contentPolicy } from './security-headers';
import { readStaticFiles, type StaticFile } from './static-files';
import { Attempts, PageToken } from './token';

/** Path of the one WebSocket. */
export const SOCKET_PATH = '/rpc';

export interface BrowserShellOptions {
  /** Port on 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** Folder of the built page. */
  readonly root: string;
  /** Called for each page that has shown the token. */
  readonly accept: AcceptPage;
  /** Origins allowed beside those of this machine, from `readOrigin`. */
  readonly allowOrigins?: readonly URL[];
  /** What was turned away. `who` is the name in question, only for `host` and `origin`, shortened and printable. */
  readonly onRefused?: (what: Refusal | 'host' | 'origin' | 'too-many-pages', who?: string) => void;
  /** A page has shown the token. */
  readonly onPage?: () => void;
  readonly limits?: Partial<Limits>;
}

export interface BrowserShell {
  readonly port: number;
  /** What a person opens: address with the token in its fragment, which browsers never send to a server. */
  readonly url: Secret;
  /** Closes every connection and the port. */
  dispose(): Promise<void>;
}

/** The `Host` of a request, or undefined where it is missing, given twice (readers disagree on which counts), or HTTP/1.0. */
function hostOf(request: IncomingMessage): string | undefined {
  const given = request.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host');
  return given.length === 1 && request.httpVersion === '1.1' ? request.headers.host : undefined;
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);

/**
 * Serves the page on 127.0.0.1: files over plain HTTP, calls over one WebSocket that begins with the token.
 *
 * The address uses 127.0.0.1 rather than `localhost`, which may reach somebody else's listener on [::1] first.
 *
 * @throws GatehouseError `environment.page` without a built page, `environment.port` when the port cannot be had.
 */
export async function startBrowserShell(options: BrowserShellOptions): Promise<BrowserShell> {
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const files = await readStaticFiles(options.root);
  const policy = hostPolicy(options.allowOrigins ?? []);
  const token = new PageToken();
  const attempts = new Attempts(limits.wrongTokens, limits.wrongTokenRefillMs);
  const refused = options.onRefused ?? (() => undefined);

  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 },
    (request, response) => answer(request, response),
  );
  server.maxConnections = limits.maxConnections;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    const plain = (status: number, text: string): void => {
      response.writeHead(status, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      });
      response.end(request.method === 'HEAD' ? undefined : `${text}\n`);
    };
    const host = hostOf(request);
    if (host === undefined || !policy.allowsHost(host)) {
      refused('host', printable(host ?? ''));
      return plain(403, 'This address is not allowed. Open the one that `gatehouse serve` printed.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return plain(405, 'Only GET and HEAD.');
    }
    // Another site, or another port of this machine, may lead a person here; it may not fetch or embed anything (Fetch Metadata).
    const site = request.headers['sec-fetch-site'];
    const foreign = site === 'cross-site' || site === 'same-site';
    if (foreign && request.headers['sec-fetch-dest'] !== 'document') return plain(403, 'Not for other sites.');
    const file = files.get((request.url ?? '').replace(/[?#].*$/s, ''));
    if (file === undefined) return plain(404, 'There is nothing here.');
    sendFile(request, response, file, host);
  };

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: true,
  });
  let waiting = 0;
  let pages = 0;

  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => raw.destroy());
    const deny = (status: string): void => {
      raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      raw.once('finish', () => raw.destroy());
    };
    const { origin } = request.headers;
    const host = hostOf(request);
    if (!policy.allowsHost(host)) {
      refused('host', printable(host ?? ''));
      return deny('403 Forbidden');
    }
    if (!policy.allowsOrigin(origin)) {
      refused('origin', printable(origin ?? 'none'));
      return deny('403 Forbidden');
    }
    if (request.method !== 'GET' || request.url !== SOCKET_PATH) return deny('404 Not Found');
    if (waiting >= limits.maxWaiting || pages >= limits.maxPages) {
      refused('too-many-pages');
      return deny('503 Service Unavailable');
    }
    waiting += 1;
    let known = false;
    raw.once('close', () => {
      if (known) pages -= 1;
      else waiting -= 1;
    });
    sockets.handleUpgrade(request, raw, head, (socket) =>
      servePage({
        socket,
        raw: request.socket,
        token,
        attempts,
        limits,
        accept: options.accept,
        onAccepted: () => {
          known = true;
          waiting -= 1;
          pages += 1;
          options.onPage?.();
        },
        onRefused: (what) => refused(what),
      }),
    );
  });
  server.on('connect', (_request, raw: Duplex) => raw.destroy());
  server.on('clientError', (_error, raw: Duplex) => raw.destroy());

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new GatehouseError(
          {
            code: 'environment.port',
            summary:
              error.code === 'EADDRINUSE'
                ? `Port ${options.port} is in use. Choose another one with --port, or leave it out for a free one.`
                : `Port ${options.port} cannot be used (${error.code ?? 'unknown'}).`,
          },
          { cause: error },
        ),
      ),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: new Secret(`http://127.0.0.1:${port}/#token=${token.secret.reveal()}`),
    dispose: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(closeCode.goingAway);
      const late = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), 300);
      server.closeIdleConnections();
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      server.closeAllConnections();
      await closed;
      clearTimeout(late);
    },
  };
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: StaticFile, host: string): void {
  response.setHeader('ETag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304).end();
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.bytes.length,
    'Content-Security-Policy': contentPolicy(host),
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}
