import type { EmulatedVersion, FidelityMode } from '../fidelity/fidelity';

/** Files a listening side presents and demands; paths are relative to the workspace. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** CA bundle that client certificates must verify against; null: none is asked for. */
  readonly clientCa: string | null;
  readonly crl: string | null;
  /** PEM appended to the presented chain. */
  readonly serverCa: string | null;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** Files a dialling side presents and demands; paths are relative to the workspace. */
export interface ClientTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly crl: string | null;
  /** Name that must be among the server's SANs; null: the dialled host. */
  readonly serverName: string | null;
}

export interface Listen {
  readonly host: string;
  /** 0: any free port, chosen at each start. */
  readonly port: number;
}

/** A gateway's MySQL listener (vtgate `--mysql-server-*`, `--mysql-auth-*`). */
export interface MysqlListener {
  readonly listen: Listen;
  /** Also listen on a Unix socket in the workspace's run folder. */
  readonly unixSocket: boolean;
  readonly auth: 'static' | 'clientcert' | 'none';
  /** The static users file; null unless `auth` is `static`. */
  readonly usersFile: string | null;
  readonly clientCertMethod: 'mysql_clear_password' | 'dialog';
  readonly tls: ServerTls | null;
  readonly requireSecureTransport: boolean;
  readonly allowClearTextWithoutTls: boolean;
  /** Take the client's address from PROXY protocol headers (`--proxy-protocol`); a client without one waits 10 s. */
  readonly proxyProtocol: boolean;
  /** Seconds after which the users file is read again by itself (`--mysql-auth-static-reload-interval`); 0: never. */
  readonly usersReloadSeconds: number;
  /** Milliseconds a logged-in client may ask nothing (`--mysql-server-read-timeout`); 0: no limit. */
  readonly readTimeoutMs: number;
  /** Milliseconds a logged-in client may leave answers unread (`--mysql-server-write-timeout`); 0: no limit. */
  readonly writeTimeoutMs: number;
}

/** What statements may do at a gateway, and how long they may take. */
export interface StatementRules {
  /** `--allow-kill-statement`: everybody may end anybody's statements and connections. */
  readonly allowKill: boolean;
  /** `--mysql-server-query-timeout`, milliseconds; 0: no limit. */
  readonly queryTimeoutMs: number;
  /** `--max-memory-rows`: rows of one result that vtgate holds. */
  readonly maxMemoryRows: number;
  /** `--dbddl-plugin`: what CREATE and DROP DATABASE come to. */
  readonly databaseDdl: 'fail' | 'noop';
  /** `--enable-direct-ddl`. */
  readonly directDdl: boolean;
  /** `--enable-online-ddl`. */
  readonly onlineDdl: boolean;
  /** `--foreign-key-mode`. */
  readonly foreignKeys: 'allow' | 'disallow';
  /** `--vtgate-config-terse-errors`. */
  readonly terseErrors: boolean;
}

/** vtgate's defaults (v24). */
export const defaultStatementRules: StatementRules = {
  allowKill: false,
  queryTimeoutMs: 0,
  maxMemoryRows: 300_000,
  databaseDdl: 'fail',
  directDdl: true,
  onlineDdl: true,
  foreignKeys: 'allow',
  terseErrors: false,
};

/** A gateway's gRPC listener (vtgate `--grpc-*`). */
export interface GrpcListener {
  readonly listen: Listen;
  readonly tls: ServerTls | null;
  readonly optionalTls: boolean;
  readonly authMode: 'none' | 'static' | 'mtls';
  /** `--grpc-auth-static-password-file`. */
  readonly usersFile: string | null;
  /** `--grpc-auth-mtls-allowed-substrings`, already split at the colons. */
  readonly allowedSubstrings: readonly string[];
  readonly useEffectiveCallerId: boolean;
  readonly useEffectiveGroups: boolean;
  readonly useStaticAuthenticationCallerId: boolean;
}

export interface Gateway {
  readonly name: string;
  /** Null: the workspace's own setting. */
  readonly fidelity: FidelityMode | null;
  readonly mysql: MysqlListener | null;
  readonly statements: StatementRules;
  readonly grpc: GrpcListener | null;
  /** The gateway's side of its links to tablets (`--tablet-grpc-*`); null: plaintext. */
  readonly tabletLink: ClientTls | null;
  /** `--grpc-auth-static-client-creds`. */
  readonly tabletCredentialsFile: string | null;
}

export interface TabletAcl {
  readonly file: string | null;
  readonly enforce: boolean;
  readonly strict: boolean;
  readonly dryRun: boolean;
  readonly exempt: string;
  /** Seconds after which the file is read again by itself (`--table-acl-config-reload-interval`); 0: never. */
  readonly reloadSeconds: number;
}

export interface Tablet {
  /** Text form without padding, e.g. `zone1-100`. */
  readonly alias: string;
  readonly keyspace: string;
  readonly shard: string;
  readonly type: 'primary';
  readonly grpc: {
    readonly listen: Listen;
    readonly tls: ServerTls | null;
    readonly authMode: 'none' | 'static' | 'mtls';
    readonly usersFile: string | null;
    readonly allowedSubstrings: readonly string[];
  };
  readonly acl: TabletAcl;
  /** `--filecustomrules`; null: no query rules. */
  readonly queryRules: string | null;
  /** `--filecustomrules-watch`: read the file again whenever it changes, and not at the start alone. */
  readonly queryRulesWatch: boolean;
  readonly backend: string;
}

export type Backend =
  | {
      readonly kind: 'managed';
      readonly name: string;
      /** Certificate of the managed MySQL and the CA that its client checks; null: Unix socket without TLS. */
      readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
    }
  | {
      readonly kind: 'external';
      readonly name: string;
      readonly host: string;
      readonly port: number;
      readonly user: string;
      /** Name of the password in the workspace's secrets. */
      readonly passwordSecret: string;
      readonly tls: ClientTls | null;
    };

export interface Keyspace {
  readonly name: string;
  readonly shards: readonly string[];
  /** The MySQL database behind it. */
  readonly database: string;
  /** SQL file run once when the managed database is made; null: none. */
  readonly schemaFile: string | null;
}

/** gatehouse.json: what runs, where it listens, and how each link is protected. */
export interface Topology {
  readonly name: string;
  readonly vitess: EmulatedVersion;
  readonly fidelity: FidelityMode;
  readonly cell: string;
  readonly keyspaces: readonly Keyspace[];
  readonly backends: readonly Backend[];
  readonly tablets: readonly Tablet[];
  readonly gateways: readonly Gateway[];
}

/** Schema version of gatehouse.json that this program writes. */
export const TOPOLOGY_SCHEMA = 1;
