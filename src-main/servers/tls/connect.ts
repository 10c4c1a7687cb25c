import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as startTls, type TLSSocket } from 'node:tls';
import { verifyPeer } from '../../domain/certs';
import { defaultFidelity, type Fidelity } from '../../domain/fidelity/fidelity';
import { systemClock, type Clock } from '../../domain/kernel';
import { noRecorder } from '../recorder';
import type { Recorder, TracePart } from '../recorder';
import { closedDuringHandshake, explainTlsError, handshakeTimedOut } from './handshake-failure';
import { judgement } from './judge';
import { takePresentedChain } from './presented-chain';
import { recordRefusal, recordSecured } from './trace';
import { loadClientTls, type LoadedTls } from './trust';
import { TlsRefusedError, type ClientTlsConfig, type SecuredConnection, type TlsRefusal } from './types';

/** A client configuration that was loaded and can be dialled with many times. */
export interface TlsDialer {
  /**
   * Runs the handshake over `raw` or over a new TCP connection to host and port, and judges the server. Nothing is sent
   * before the verdict. Rejects with TlsRefusedError, or with the socket's own error when TCP does not come about.
   */
  connect(target: TlsTarget): Promise<SecuredConnection>;
}

export interface TlsTarget {
  /** Host as dialled: the name the server must prove unless the configuration names another. */
  readonly host: string;
  readonly port?: number;
  /** A connected socket to be wrapped; nothing of the server's TLS bytes may have been read from it. */
  readonly raw?: Socket;
  readonly timeoutMs?: number;
  readonly traceId?: string;
  readonly signal?: AbortSignal;
}

export interface TlsDialerOptions {
  readonly fidelity?: Fidelity;
  readonly clock?: Clock;
  readonly recorder?: Recorder;
  readonly part?: TracePart;
  /** Names the link in messages. */
  readonly name?: string;
}

/** RFC 6066 allows host names only; names such as `vttablet server instance` are compared but not sent. */
const sendableServerName = (name: string): string | undefined =>
  isIP(name) === 0 && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name) ? name : undefined;

/** Loads a client's certificate, key, authorities and CRL. Throws GatehouseError when they do not load. */
export function createTlsDialer(config: ClientTlsConfig, options: TlsDialerOptions = {}): TlsDialer {
  const fidelity = options.fidelity ?? defaultFidelity;
  const clock = options.clock ?? systemClock;
  const recorder = options.recorder ?? noRecorder;
  const part = options.part ?? 'link';
  const loaded: LoadedTls = loadClientTls(config, options.name ?? 'this link', clock.now(), fidelity);

  const settle = (socket: TLSSocket, host: string): SecuredConnection => {
    const version = socket.getProtocol() ?? 'unknown';
    const { anchors, crls } = loaded.trust;
    const verdict = judgement(
      verifyPeer({
        purpose: 'server',
        name: config.serverName ?? host,
        chain: takePresentedChain(socket),
        anchors: anchors ?? [],
        crls,
        now: clock.now(),
        fidelity,
        tlsVersion: version,
      }),
      'client',
    );
    if (!verdict.ok) throw new TlsRefusedError(verdict.refusal);
    const protocol = socket.alpnProtocol;
    return {
      socket,
      version,
      cipher: socket.getCipher().standardName,
      alpn: typeof protocol === 'string' ? protocol : null,
      resumed: socket.isSessionReused(),
      peer: verdict.peer,
    };
  };

  const connect = (target: TlsTarget): Promise<SecuredConnection> => {
    const { host, timeoutMs = 10_000, traceId = '', signal } = target;
    return new Promise<SecuredConnection>((resolve, reject) => {
      const raw = target.raw ?? connectTcp({ host, port: target.port ?? 0, noDelay: true });
      let tcpConnected = target.raw !== undefined;
      let done = false;
      let socket: TLSSocket | null = null;

      const finish = (): boolean => {
        if (done) return false;
        done = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        return true;
      };
      const end = (error: Error): void => {
        socket?.on('error', () => undefined);
        socket?.destroy();
        raw.destroy();
        reject(error);
      };
      const refuse = (refusal: TlsRefusal): void => {
        if (!finish()) return;
        recordRefusal(recorder, traceId, part, refusal);
        end(new TlsRefusedError(refusal));
      };
      const onAbort = (): void => {
        if (finish()) end(new Error('the connection attempt was given up'));
      };
      const timer = setTimeout(() => refuse(handshakeTimedOut('client', timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      raw.on('error', (error) => {
        if (tcpConnected) refuse(explainTlsError(error, 'client', null));
        else if (finish()) end(error);
      });

      const handshake = (): void => {
        tcpConnected = true;
        const tlsName = sendableServerName(config.serverName ?? host);
        const wrapped = startTls({
          socket: raw,
          secureContext: loaded.context,
          minVersion: loaded.minVersion,
          rejectUnauthorized: false,
          checkServerIdentity: () => undefined,
          ...(tlsName === undefined ? {} : { servername: tlsName }),
          ...(config.alpn === undefined ? {} : { ALPNProtocols: [...config.alpn] }),
        });
        socket = wrapped;
        wrapped.on('error', (error) => refuse(explainTlsError(error, 'client', wrapped.getProtocol())));
        wrapped.once('close', () => refuse(closedDuringHandshake('client')));
        wrapped.once('secureConnect', () => {
          if (done) return;
          try {
            const secured = settle(wrapped, host);
            if (!finish()) return;
            recordSecured(recorder, traceId, part, 'client', secured);
            resolve(secured);
          } catch (error) {
            refuse(error instanceof TlsRefusedError ? error.refusal : explainTlsError(error as Error, 'client', null));
          }
        });
      };
      if (signal?.aborted === true) onAbort();
      else if (target.raw !== undefined) handshake();
      else raw.once('connect', handshake);
    });
  };

  return { connect };
}

/** Loads `config` and dials once; see TlsDialer.connect. */
export async function connectTls(
  target: TlsTarget & { readonly config: ClientTlsConfig } & TlsDialerOptions,
): Promise<SecuredConnection> {
  return createTlsDialer(target.config, target).connect(target);
}
