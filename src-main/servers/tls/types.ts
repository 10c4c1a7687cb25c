import type { Socket } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';

/** What a listening side presents and demands. All values are PEM text, already read (and decrypted) by the caller. */
export interface ServerTlsConfig {
  /** Leaf, followed by intermediates if any. */
  readonly cert: string;
  readonly key: string;
  /** `--grpc-server-ca` / `--mysql-server-ssl-server-ca`: appended to the presented chain. */
  readonly serverCa?: string;
  /** `--grpc-ca` / `--mysql-server-ssl-ca`: when set, every TLS client must present a certificate that verifies. */
  readonly clientCa?: string;
  /** CRLs for client certificates, concatenated PEM blocks. */
  readonly crl?: string;
  /** TLSv1.2 unless set. */
  readonly minVersion?: SecureVersion;
  /** ALPN protocols offered, e.g. ['h2']; none for MySQL. */
  readonly alpn?: readonly string[];
}

/** What a dialling side presents and demands (vitess-behaviour §3.6). */
export interface ClientTlsConfig {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly crl?: string;
  /** The name that must be among the server's SANs, compared exactly (ASCII case-insensitive); default: the dialled host. */
  readonly serverName?: string;
  readonly minVersion?: SecureVersion;
  readonly alpn?: readonly string[];
}

/** A peer certificate chain that `verifyPeer` accepted. */
export interface VerifiedPeer {
  /** Last CN of the leaf's subject, '' if there is none: the caller's name (vitess-behaviour §4.1). */
  readonly commonName: string;
  /** DNS SANs of the leaf in certificate order: the caller's groups. */
  readonly dnsNames: readonly string[];
  /** Serial number of the leaf, lower-case hex without leading zeros. */
  readonly serial: string;
  /** Text forms as Go's pkix.Name.String() of every presented certificate, leaf first (gRPC mtls authorisation). */
  readonly subjects: readonly string[];
  /** Presented certificates, DER, leaf first. */
  readonly chain: readonly Buffer[];
}

/** A connection whose handshake is complete and whose peer has been judged; no application byte has been read. */
export interface SecuredConnection {
  readonly socket: TLSSocket;
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string | null;
  readonly resumed: boolean;
  /** Null when no client certificate was asked for (server) or the connection is one that nobody verifies. */
  readonly peer: VerifiedPeer | null;
}

/** Why a secured connection did not come about; stage and cause as the trace and the tests name them. */
export interface TlsRefusal {
  readonly side: 'server' | 'client';
  readonly stage: 'handshake' | 'certificate' | 'revocation' | 'name' | 'timeout';
  /** Stable cause: `certificate-required`, `unknown-authority`, `expired`, `not-yet-valid`, `wrong-purpose`, `revoked`, `wrong-name`, `protocol-version`, `no-shared-cipher`, `not-tls`, `closed`, `timeout`, … */
  readonly cause: string;
  /** The alert that real Vitess sends (RFC 8446 spelling), and whether we could send it (rule tls-alert-not-sendable). */
  readonly alert: string | null;
  readonly alertSent: boolean;
  /** A sentence for people; names subject and issuer, never key material. */
  readonly message: string;
  /** What real Vitess writes into its log, where it is known. */
  readonly vitessText?: string;
}

/** Thrown by accept and connect; the socket is already destroyed. */
export class TlsRefusedError extends Error {
  constructor(readonly refusal: TlsRefusal) {
    super(refusal.message);
    this.name = 'TlsRefusedError';
  }
}

/** The accepting side of one listener. Its configuration can be replaced while it runs. */
export interface TlsAcceptor {
  /** True when a client certificate is demanded. */
  readonly demandsCertificate: boolean;
  /**
   * Runs the handshake on `raw` (bytes already read off it are in `head`) and judges the peer before any application
   * byte is read. Rejects with TlsRefusedError.
   */
  accept(
    raw: Socket,
    options?: { readonly head?: Buffer; readonly timeoutMs?: number; readonly traceId?: string },
  ): Promise<SecuredConnection>;
  /** Takes new certificates or CRLs for new connections, after checking that they load; open connections of peers that the new configuration refuses are closed. */
  update(config: ServerTlsConfig): void;
  dispose(): void;
}
