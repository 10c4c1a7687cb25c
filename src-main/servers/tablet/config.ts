import type { AclSettings, TableAcl } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { QueryRules } from '../../domain/query-rules';
import type { Clock, RingPlace, RingTake } from '../../domain/kernel';
import type { GrpcUsersFile } from '../../domain/users';
import type { BackendLogin } from '../backend';
import type { Recorder } from '../recorder';
import type { ServerTlsConfig } from '../tls';
import type { AclCounters } from './counters';
import type { QueryLogOptions, TabletLogRecord } from './query-log';

export interface TabletAlias {
  readonly cell: string;
  readonly uid: number;
}

/** Pool sizes and limits with vttablet's defaults. Times in milliseconds, 0 = none. */
export interface TabletLimits {
  /** `--queryserver-config-pool-size`, 16. */
  readonly poolSize?: number;
  /** `--queryserver-config-stream-pool-size`, 200. */
  readonly streamPoolSize?: number;
  /** `--queryserver-config-transaction-cap`, 20. */
  readonly transactionCap?: number;
  /** Wait for a pooled connection; 0. */
  readonly poolTimeoutMs?: number;
  /** `--queryserver-config-stream-pool-timeout`; 0. */
  readonly streamPoolTimeoutMs?: number;
  /** `--transaction-limit-per-user` with `--enable-transaction-limit`: a share of `transactionCap`; 0 = no limit. */
  readonly transactionLimitPerUser?: number;
  /** Wait for a transaction's connection; 1,000. */
  readonly transactionPoolTimeoutMs?: number;
  /** `--queryserver-config-query-timeout`, 30,000. */
  readonly queryTimeoutMs?: number;
  /** `--queryserver-config-transaction-timeout`, 30,000. */
  readonly transactionTimeoutMs?: number;
  /** `--queryserver-config-max-result-size`, 10,000 rows. */
  readonly rowLimit?: number;
  /** `--queryserver-config-stream-buffer-size`, 32,768 bytes of rows in one message. */
  readonly streamBufferBytes?: number;
  /** Statements of which the reading is kept; 5,000. */
  readonly planCacheSize?: number;
}

export interface TabletConfig {
  readonly alias: TabletAlias;
  readonly keyspace: string;
  readonly shard: string;
  readonly type: 'primary';
  /** The MySQL database behind the keyspace. */
  readonly database: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Absent: plaintext. */
  readonly tls?: ServerTlsConfig | undefined;
  readonly optionalTls?: boolean | undefined;
  /** `--grpc-auth-mode`. */
  readonly authMode: '' | 'static' | 'mtls';
  /** For `static`; absent refuses everybody. */
  readonly staticUsers?: GrpcUsersFile | undefined;
  /** For `mtls`, separated by colons. */
  readonly mtlsSubstrings?: string | undefined;
  /** The loaded ACL, or null when none is configured or it could not be loaded. */
  readonly acl: TableAcl | null;
  /** A file is configured, though it may not have loaded (domain/acl startAcl: `fileGiven`); default: `acl` is not null. */
  readonly aclFileGiven?: boolean | undefined;
  readonly aclSettings: AclSettings;
  /** `--filecustomrules`; absent: no rules. */
  readonly queryRules?: QueryRules | null | undefined;
  readonly fidelity: Fidelity;
  readonly backend: BackendLogin;
  readonly limits?: TabletLimits | undefined;
  readonly queryLog?: QueryLogOptions | undefined;
  /** `--queryserver-config-passthrough-dmls`: UPDATE and DELETE run without a limit of rows. */
  readonly passthroughDmls?: boolean | undefined;
  /** `--queryserver-config-terse-errors`. */
  readonly terseErrors?: boolean | undefined;
  readonly maxMessageBytes?: number | undefined;
}

export interface TabletDeps {
  readonly recorder: Recorder;
  readonly clock?: Clock;
}

/** A running tablet. */
export interface Tablet {
  readonly address: { readonly host: string; readonly port: number };
  /** `zone1-0000000100`. */
  readonly alias: string;
  /** Whether MySQL answers; queries are refused while it does not. */
  readonly serving: boolean;
  /** Why MySQL does not answer, or null while it does. */
  readonly backendError: string | null;
  readonly counters: AclCounters;
  /** The kept records of the query log, oldest first. */
  queryLog(): readonly TabletLogRecord[];
  queryLogLines(): string[];
  /** Hears every record of the query log, with its line; the result ends that. */
  onQuery(listener: (record: TabletLogRecord, line: string) => void): () => void;
  /** Keeps the latest `capacity` records of the query log, where that is more than configured; null: as configured. */
  watchQueries(capacity: number | null): void;
  /** The kept records after `place`. */
  queriesSince(place: RingPlace | null): RingTake<TabletLogRecord>;
  /** New statements are decided by `acl` (and `settings`, if given); what is running goes on. */
  updateAcl(acl: TableAcl | null, settings?: AclSettings): void;
  /** New statements are put to `rules`; null: to none. */
  updateQueryRules(rules: QueryRules | null): void;
  /** Takes new certificates or CRLs; open connections of peers that they refuse are closed. */
  updateTls(tls: ServerTlsConfig): void;
  /** Takes a new list of static users for calls from here on. */
  updateStaticUsers(users: GrpcUsersFile | undefined): void;
  /** Reads the tables of the database again. */
  reloadSchema(): Promise<void>;
  /**
   * Takes no new connection and ends calls after `graceMs`. Listeners of StreamHealth hear for `servingMs` (default 0)
   * that it still serves, as with vttablet until `--onterm-timeout`.
   */
  stop(options?: { readonly graceMs?: number; readonly servingMs?: number }): Promise<void>;
}

export const defaultLimits: Required<TabletLimits> = {
  poolSize: 16,
  streamPoolSize: 200,
  transactionCap: 20,
  poolTimeoutMs: 0,
  streamPoolTimeoutMs: 0,
  transactionLimitPerUser: 0,
  transactionPoolTimeoutMs: 1_000,
  queryTimeoutMs: 30_000,
  transactionTimeoutMs: 30_000,
  rowLimit: 10_000,
  streamBufferBytes: 32_768,
  planCacheSize: 5_000,
};

/** Vitess's text form of an alias: the number has ten digits. */
export const aliasText = ({ cell, uid }: TabletAlias): string => `${cell}-${String(uid).padStart(10, '0')}`;
