import { randomBytes } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { verifyPeer } from '../../domain/certs';
import { defaultFidelity, type Fidelity } from '../../domain/fidelity/fidelity';
import { systemClock, type Clock } from '../../domain/kernel';
import { noRecorder } from '../recorder';
import type { Recorder, TracePart } from '../recorder';
import { closedDuringHandshake, explainTlsError, handshakeTimedOut } from './handshake-failure';
import { judgement, type Judgement } from './judge';
import { ChainMemory, takePresentedChain } from './presented-chain';
import { recordRefusal, recordSecured } from './trace';
import { loadServerTls, olderThan } from './trust';
import {
  TlsRefusedError,
  type SecuredConnection,
  type ServerTlsConfig,
  type TlsAcceptor,
  type TlsRefusal,
} from './types';

export interface TlsAcceptorOptions {
  readonly fidelity?: Fidelity;
  readonly clock?: Clock;
  readonly recorder?: Recorder;
  /** The part in whose name handshakes are recorded. */
  readonly part?: TracePart;
  /** Names the listener in messages, e.g. `gateway-1 mysql`. */
  readonly name?: string;
  /** Milliseconds a client may take for its handshake; default 10,000. */
  readonly handshakeTimeoutMs?: number;
}

/** A TLS acceptor that also tells how many secured connections it has open. */
export interface OwnedTlsAcceptor extends TlsAcceptor {
  readonly openConnections: number;
  /**
   * The first half of `update`: loads and checks, throws when something is wrong; the result puts it into force.
   * `keepOpenPeers`: connections that it would not admit stay open, as with vtgate.
   */
  prepare(config: ServerTlsConfig, keepOpenPeers?: boolean): () => void;
}

interface OpenConnection {
  readonly socket: TLSSocket;
  readonly chain: readonly Buffer[];
  readonly version: string;
  readonly traceId: string;
}

/**
 * The accepting side of one listener. A peer is judged by verifyPeer at the moment the handshake completes, before
 * anything it sent can be read, on resumed sessions too. Session tickets end with each update, since their keys belong
 * to the context.
 */
export function createTlsAcceptor(config: ServerTlsConfig, options: TlsAcceptorOptions = {}): OwnedTlsAcceptor {
  const fidelity = options.fidelity ?? defaultFidelity;
  const clock = options.clock ?? systemClock;
  const recorder = options.recorder ?? noRecorder;
  const part = options.part ?? 'gateway';
  const name = options.name ?? 'this listener';
  const sessionIdContext = randomBytes(16).toString('hex');
  const memory = new ChainMemory();
  const open = new Set<OpenConnection>();
  const pending = new Set<TLSSocket>();
  let disposed = false;
  let current = loadServerTls(config, name, clock.now(), fidelity, sessionIdContext);
  let alpn = config.alpn;

  const judge = (chain: readonly Buffer[], tlsVersion: string): Judgement | null => {
    const { anchors, crls } = current.trust;
    if (anchors === null) return null;
    const now = clock.now();
    return judgement(verifyPeer({ purpose: 'client', chain, anchors, crls, now, fidelity, tlsVersion }), 'server');
  };

  const tooOld = (version: string): TlsRefusal | null =>
    olderThan(version, current.minVersion)
      ? {
          side: 'server',
          stage: 'handshake',
          cause: 'protocol-version',
          alert: 'protocol_version',
          alertSent: false,
          message: `The connection uses ${version}, but ${name} asks for ${current.minVersion} or newer.`,
        }
      : null;

  /** Everything about a completed handshake; called while Node still holds back what the client sent after it. */
  const settle = (socket: TLSSocket, traceId: string): SecuredConnection => {
    const version = socket.getProtocol() ?? 'unknown';
    const resumed = socket.isSessionReused();
    const presented = current.trust.anchors === null ? [] : takePresentedChain(socket);
    const chain = resumed ? memory.complete(presented) : presented;
    const verdict = judge(chain, version);
    const refusal = tooOld(version) ?? (verdict?.ok === false ? verdict.refusal : null);
    if (refusal !== null) throw new TlsRefusedError(refusal);
    if (verdict !== null) memory.remember(chain);
    const connection: OpenConnection = { socket, chain, version, traceId };
    open.add(connection);
    socket.once('close', () => open.delete(connection));
    const protocol = socket.alpnProtocol;
    return {
      socket,
      version,
      cipher: socket.getCipher().standardName,
      alpn: typeof protocol === 'string' ? protocol : null,
      resumed,
      peer: verdict?.ok === true ? verdict.peer : null,
    };
  };

  const accept: TlsAcceptor['accept'] = (
    raw,
    { head, timeoutMs = options.handshakeTimeoutMs ?? 10_000, traceId = '' } = {},
  ) =>
    new Promise<SecuredConnection>((resolve, reject) => {
      if (head !== undefined && head.length > 0) raw.unshift(head);
      raw.on('error', () => undefined);
      const socket = new TLSSocket(raw, {
        isServer: true,
        secureContext: current.context,
        requestCert: current.trust.anchors !== null,
        // Lets the library answer a missing certificate with its alert. Every other verdict is ours: on a socket that no
        // tls.Server owns, Node completes the handshake whatever it thinks of the certificate.
        rejectUnauthorized: current.trust.anchors !== null,
        ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      });
      pending.add(socket);
      let done = false;

      const refuse = (refusal: TlsRefusal): void => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        pending.delete(socket);
        socket.on('error', () => undefined);
        socket.destroy();
        raw.destroy();
        recordRefusal(recorder, traceId, part, refusal);
        reject(new TlsRefusedError(refusal));
      };

      const timer = setTimeout(() => refuse(handshakeTimedOut('server', timeoutMs)), timeoutMs);
      const onError = (error: Error): void => refuse(explainTlsError(error, 'server', socket.getProtocol()));
      const onClose = (): void => refuse(closedDuringHandshake('server'));
      socket.once('error', onError);
      socket.once('close', onClose);
      socket.once('secure', () => {
        if (done) return;
        try {
          const secured = settle(socket, traceId);
          done = true;
          clearTimeout(timer);
          pending.delete(socket);
          socket.off('error', onError);
          socket.off('close', onClose);
          // Nobody listens between here and the caller's continuation.
          socket.on('error', () => undefined);
          recordSecured(recorder, traceId, part, 'server', secured);
          resolve(secured);
        } catch (error) {
          refuse(error instanceof TlsRefusedError ? error.refusal : explainTlsError(error as Error, 'server', null));
        }
      });
      if (disposed || raw.destroyed) refuse(closedDuringHandshake('server'));
    });

  /** Closes open connections that the configuration in force does not admit. */
  const evict = (): void => {
    for (const connection of [...open]) {
      const verdict = judge(connection.chain, connection.version);
      const refusal = tooOld(connection.version) ?? (verdict?.ok === false ? verdict.refusal : null);
      if (refusal === null) continue;
      recordRefusal(recorder, connection.traceId, part, refusal);
      connection.socket.destroy();
    }
  };

  const prepare = (next: ServerTlsConfig, keepOpenPeers = false): (() => void) => {
    const loaded = loadServerTls(next, name, clock.now(), fidelity, sessionIdContext);
    return () => {
      current = loaded;
      alpn = next.alpn;
      if (!keepOpenPeers) evict();
    };
  };

  return {
    get demandsCertificate() {
      return current.trust.anchors !== null;
    },
    get openConnections() {
      return open.size;
    },
    accept,
    prepare,
    update: (next) => prepare(next)(),
    dispose() {
      disposed = true;
      for (const socket of [...pending]) socket.destroy();
      for (const { socket } of [...open]) socket.destroy();
    },
  };
}
