import type { TabletTypeName } from './target';

/** vtgate's flags about what statements may do and how long they may take; absent: vtgate's default. */
export interface GatewayBehaviour {
  /** `--allow-kill-statement`; default false. */
  readonly allowKill?: boolean | undefined;
  /** `--mysql-server-query-timeout`, milliseconds; default none. */
  readonly queryTimeoutMs?: number | undefined;
  /** `--max-memory-rows`; default 300,000. */
  readonly maxMemoryRows?: number | undefined;
  /** `--dbddl-plugin`: what CREATE and DROP DATABASE come to; default `fail`. */
  readonly databaseDdl?: 'fail' | 'noop' | undefined;
  /** `--enable-direct-ddl`; default true. */
  readonly directDdl?: boolean | undefined;
  /** `--enable-online-ddl`; default true. */
  readonly onlineDdl?: boolean | undefined;
  /** `--foreign-key-mode`; default `allow`. */
  readonly foreignKeys?: 'allow' | 'disallow' | undefined;
  /** `--vtgate-config-terse-errors`; default false. */
  readonly terseErrors?: boolean | undefined;
  /** `--vschema-ddl-authorized-users`: names, or `%` for everybody; default nobody. */
  readonly vschemaDdlUsers?: readonly string[] | undefined;
  /** `--default-tablet-type`; default `primary`. */
  readonly defaultTabletType?: TabletTypeName | undefined;
}

export const defaultMaxMemoryRows = 300_000;
