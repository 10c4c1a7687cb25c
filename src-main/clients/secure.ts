import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { CallerTls, StepLog } from './attempt';
import { checkedNames } from './checked-names';

const contexts = new Map<string, SecureContext>();

/** Contexts are costly to make and a matrix uses few, so they are kept by what is in them. */
function contextFor(tls: CallerTls): SecureContext {
  const id = JSON.stringify([tls.verify?.ca, tls.cert, tls.key, tls.minVersion, tls.maxVersion]);
  let context = contexts.get(id);
  if (context === undefined) {
    context = createSecureContext({
      ...(tls.verify?.ca == null ? {} : { ca: tls.verify.ca }),
      ...(tls.cert === null ? {} : { cert: tls.cert }),
      ...(tls.key === null ? {} : { key: tls.key }),
      minVersion: tls.minVersion ?? 'TLSv1.2',
      ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
      // A CA file may hold an intermediate alone, as Vitess's own tests do.
      allowPartialTrustChain: true,
    } as Parameters<typeof createSecureContext>[0]);
    if (contexts.size > 200) contexts.clear();
    contexts.set(id, context);
  }
  return context;
}

/** Runs the client side of a TLS handshake on `raw` with Node's own verification. Rejects with Node's error. */
export function secure(raw: Socket, tls: CallerTls, alpn: readonly string[], log: StepLog): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let socket: TLSSocket;
    let known: X509Certificate | undefined;
    const peer = (): X509Certificate | undefined => (known ??= socket.getPeerX509Certificate());
    try {
      socket = connect({
        socket: raw,
        secureContext: contextFor(tls),
        rejectUnauthorized: tls.verify !== null,
        // An address is compared with the certificate but never sent as a server name (RFC 6066 §3).
        ...(tls.verify === null
          ? {}
          : isIP(tls.verify.name) === 0
            ? { servername: tls.verify.name, host: tls.verify.name }
            : { host: tls.verify.name }),
        ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
        ...(tls.session === undefined ? {} : { session: tls.session }),
      });
      if (tls.verify !== null) {
        const { name } = tls.verify;
        socket.getPeerCertificate = () => checkedNames(peer(), name) as PeerCertificate & DetailedPeerCertificate;
      }
      if (tls.onSession !== undefined) socket.on('session', tls.onSession);
    } catch (error) {
      reject(error as Error);
      return;
    }
    const stop = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const closed = (): void => stop(new Error('the connection was closed during the TLS handshake'));
    // Errors may come after the handshake too, a refused client certificate for instance.
    socket.on('error', () => undefined);
    socket.once('error', stop);
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      socket.off('error', stop);
      socket.off('close', closed);
      const certificate = peer();
      log.note('tls.handshake', 'ok', {
        version: socket.getProtocol() ?? '',
        cipher: socket.getCipher().standardName,
        serverSubject: certificate?.subject ?? '',
        serverIssuer: certificate?.issuer ?? '',
        serverNames: certificate?.subjectAltName ?? '',
        serverVerified: tls.verify !== null,
        nameDemanded: tls.verify?.name ?? null,
        certificatePresented: tls.cert !== null,
        session: socket.isSessionReused(),
      });
      resolve(socket);
    });
  });
}
