import { randomUUID } from 'node:crypto';
import type { query } from '../rpc';
import type { Metadata } from '../rpc';
import type { DerivedCaller } from '../../domain/identity';
import type { LockSession } from './lock-session';
import type { PendingVariable } from './user-variables';
import { parseTarget, type SessionTarget } from './target';
import type { TabletLink } from './tablet-link';

/** SERVER_STATUS_IN_TRANS and SERVER_STATUS_AUTOCOMMIT (MySQL manual, Protocol: status flags). */
const inTransactionFlag = 1;
const autocommitFlag = 2;

/** What a session holds at one tablet. Ids are 0 when there is none. */
export interface ShardSession {
  readonly link: TabletLink;
  transactionId: bigint;
  reservedId: bigint;
}

/** Who asks, in the form in which every request to a tablet carries it. */
export interface SessionCaller {
  readonly immediate: query.IVTGateCallerID;
  readonly effective: {
    readonly principal: string;
    readonly component: string;
    readonly subcomponent: string;
    readonly groups: readonly string[];
  } | null;
}

export const sessionCaller = (derived: DerivedCaller): SessionCaller => ({
  immediate: { username: derived.immediate.username, groups: derived.immediate.groups },
  effective: derived.effective,
});

export type Workload = 'UNSPECIFIED' | 'OLTP' | 'OLAP' | 'DBA';
export const workloads: { readonly [name in Workload]: number } = { UNSPECIFIED: 0, OLTP: 1, OLAP: 2, DBA: 3 };

/**
 * What vtgate remembers of one client: the content of vtgate.Session. A MySQL connection has one for its life; a gRPC
 * client holds it itself and hands it in with every call.
 */
export class GatewaySession {
  uuid: string = randomUUID();
  autocommit = true;
  targetString = '';
  target: SessionTarget = parseTarget('');
  /** BEGIN was said, or a statement began a transaction under autocommit=0. */
  inTransaction = false;
  /** Access modes of START TRANSACTION (query.ExecuteOptions.TransactionAccessMode), until the first statement. */
  accessModes: readonly number[] = [];
  shards: ShardSession[] = [];
  /** Where the session's advisory locks are held, and how often each. */
  lock: LockSession | null = null;
  readonly advisoryLocks = new Map<string, number>();
  /** System variables that differ from the connection's defaults: name to the value's SQL text. */
  readonly systemVariables = new Map<string, string>();
  /** A variable was set that only a connection can hold, so that all of them travel as settings and none as a hint. */
  usesSettings = false;
  /** Variables among them that go as a hint with every statement, whether or not a connection holds them too. */
  readonly hintable = new Set<string>();
  /** SET of what MySQL's connections hold has an effect (`enable_system_settings`). */
  takesSettings = true;
  /** Variables of vtgate's own that are only kept: name to value. */
  readonly gatewayVariables = new Map<string, string>();
  /** The transaction failed: everything but ROLLBACK is refused. */
  failedUntilRollback = false;
  /** User variables that were set, lower case. */
  readonly userVariables = new Set<string>();
  /** Savepoint statements of the transaction, which a shard that joins it gets after its begin. */
  savepoints: string[] = [];
  /** User variables are kept here until a statement reads them; not for sessions that a client holds. */
  keepsVariables = false;
  /** User variables that no MySQL connection knows of so far, by lower-case name. */
  readonly pendingVariables = new Map<string, PendingVariable>();
  /** What SHOW WARNINGS tells of the statement before. */
  warnings: readonly { readonly code: number; readonly message: string }[] = [];
  lastInsertId = 0n;
  foundRows = 0n;
  rowCount = -1n;
  options: query.IExecuteOptions = { includedFields: 2, workload: workloads.OLTP };
  workload: Workload = 'OLTP';
  transactionMode = 'MULTI';
  ddlStrategy = 'direct';
  queryTimeoutMs = 0;
  /** Statements of text PREPARE by name. */
  readonly prepared = new Map<string, string>();
  /** Sent with every call to a tablet, so that its steps join this session's trace. */
  metadata: Metadata | undefined;
  traceId = '';

  /** Status flags of an OK or EOF packet. */
  get status(): number {
    return (this.inTransaction ? inTransactionFlag : 0) | (this.autocommit ? autocommitFlag : 0);
  }

  shardOf(link: TabletLink): ShardSession | undefined {
    for (const shard of this.shards) if (shard.link === link) return shard;
    return undefined;
  }

  ensureShard(link: TabletLink): ShardSession {
    const known = this.shardOf(link);
    if (known !== undefined) return known;
    const shard: ShardSession = { link, transactionId: 0n, reservedId: 0n };
    this.shards.push(shard);
    return shard;
  }

  /** Forgets shards at which nothing is held. */
  tidy(): void {
    this.shards = this.shards.filter((shard) => shard.transactionId !== 0n || shard.reservedId !== 0n);
  }

  /** The SET that gives a pooled connection this session's settings; sorted by name, as vtgate sends it. */
  settings(): readonly string[] {
    if (this.systemVariables.size === 0) return [];
    const names = [...this.systemVariables.keys()].sort();
    return [`set ${names.map((name) => `${name} = ${this.systemVariables.get(name)}`).join(', ')}`];
  }
}
