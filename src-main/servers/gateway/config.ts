import type { GatewayBehaviour } from './behaviour';
import type { QueryLogFilter } from '../../domain/kernel';
import type { GrpcUsersFile, UsersFile } from '../../domain/users';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ClientTlsConfig, ServerTlsConfig } from '../tls/types';

/** Where a TCP listener listens; port 0 = a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How MySQL clients prove who they are (vitess-behaviour §§1.4, 1.5). */
export type MysqlAuth =
  /** `file`: the path that traces name beside a line. */
  | { readonly kind: 'static'; readonly users: UsersFile; readonly file: string }
  | { readonly kind: 'clientcert'; readonly method: 'mysql_clear_password' | 'dialog' }
  | { readonly kind: 'none' };

/** vtgate's `--mysql-server-*` and `--mysql-auth-*`. */
export interface GatewayMysqlConfig {
  readonly listen: ListenAddress | null;
  readonly socketPath?: string | undefined;
  readonly auth: MysqlAuth;
  readonly tls?: ServerTlsConfig | undefined;
  readonly requireSecureTransport?: boolean | undefined;
  readonly allowClearTextWithoutTls?: boolean | undefined;
  /** `--proxy-protocol`: whoever connects over TCP may claim an address (vitess-behaviour §1.2). */
  readonly proxyProtocol?: boolean | undefined;
  /** Default `8.4.6-Vitess`. */
  readonly serverVersion?: string | undefined;
  readonly handshakeTimeoutMs?: number | undefined;
  /** `--mysql-server-read-timeout`, milliseconds a logged-in client may ask nothing; default 0: no limit. */
  readonly readTimeoutMs?: number | undefined;
  /** `--mysql-server-write-timeout`, milliseconds a logged-in client may leave answers unread; default 0: no limit. */
  readonly writeTimeoutMs?: number | undefined;
}

/** vtgate's `--grpc-*`. */
export interface GatewayGrpcConfig {
  readonly listen: ListenAddress;
  readonly tls?: ServerTlsConfig | undefined;
  readonly optionalTls?: boolean | undefined;
  readonly authMode: '' | 'static' | 'mtls';
  /** For `static`; absent or empty refuses everybody. */
  readonly staticUsers?: GrpcUsersFile | undefined;
  readonly staticUsersFile?: string | undefined;
  /** For `mtls`, as `--grpc-auth-mtls-allowed-substrings` takes them: separated by colons. */
  readonly mtlsSubstrings?: string | undefined;
  readonly useEffectiveCallerId?: boolean | undefined;
  readonly useEffectiveGroups?: boolean | undefined;
  readonly useStaticAuthenticationCallerId?: boolean | undefined;
}

/** One tablet as the gateway reaches it. */
export interface GatewayTablet {
  /** `zone1-100` or `zone1-0000000100`. */
  readonly alias: string;
  readonly keyspace: string;
  readonly shard: string;
  readonly type: 'primary' | 'replica' | 'rdonly';
  readonly host: string;
  readonly port: number;
  /** Absent: plaintext. */
  readonly tls?: ClientTlsConfig | undefined;
  /**
   * Why the link cannot be dialled at all: a file of its TLS settings is missing. vtgate starts nevertheless and finds
   * no healthy tablet.
   */
  readonly unusable?: string | undefined;
  /** `--grpc-auth-static-client-creds`. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

export interface GatewayQueryLogConfig extends QueryLogFilter {
  readonly format: 'text' | 'json';
  /** `--log-queries-to-file`; absent: memory and subscribers only. */
  readonly file?: string | undefined;
  /** `--redact-debug-ui-queries`. */
  readonly redact?: boolean | undefined;
  /** Records kept in memory; default 500. */
  readonly keep?: number | undefined;
}

/** Everything one gateway is made of; files are read (and keys decrypted) by whoever builds this. */
export interface GatewayConfig {
  readonly name: string;
  readonly cell: string;
  readonly fidelity: Fidelity;
  readonly keyspaces: readonly { readonly name: string; readonly shards: readonly string[] }[];
  readonly mysql: GatewayMysqlConfig | null;
  readonly grpc: GatewayGrpcConfig | null;
  readonly tablets: readonly GatewayTablet[];
  readonly queryLog?: GatewayQueryLogConfig | null | undefined;
  readonly behaviour?: GatewayBehaviour | undefined;
  /** `--healthcheck-timeout`: silence after which a tablet counts as lost, milliseconds; default 60,000. */
  readonly healthTimeoutMs?: number | undefined;
  /**
   * `--gateway-initial-tablet-timeout`: how long the start, and a statement, waits for the first word of a tablet,
   * milliseconds. Vitess's 30 seconds are for clusters that start as a whole; here 5,000 unless set.
   */
  readonly initialTabletTimeoutMs?: number | undefined;
}

/** vtgate's default `--mysql-server-version` (v24). */
export const defaultServerVersion = '8.4.6-Vitess';
