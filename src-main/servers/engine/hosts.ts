import type { AclSettings, TableAcl } from '../../domain/acl';
import type { Failure } from '../../domain/kernel';
import type { QueryRules } from '../../domain/query-rules';
import type { WatchTake, WatchWish } from '../../domain/watch';
import type { GrpcUsersFile } from '../../domain/users';
import type { Gateway, GatewayConfig, GatewayStats, GatewayUpdate, SignIn } from '../gateway';
import type { AclCounters, Tablet, TabletConfig } from '../tablet';
import type { ServerTlsConfig } from '../tls';

/** What a running tablet may be given anew; what is left out stays. */
export interface TabletUpdate {
  readonly acl?: { readonly acl: TableAcl | null; readonly settings?: AclSettings };
  readonly queryRules?: { readonly rules: QueryRules | null };
  /** Open connections of peers that it refuses are closed. */
  readonly tls?: ServerTlsConfig;
  /** Static users of its gRPC listener; `users` undefined refuses everybody. */
  readonly staticUsers?: { readonly users: GrpcUsersFile | undefined };
}

/** What a part has counted and kept since its start. */
export interface TabletReport {
  readonly counters: AclCounters;
  /** The kept records of the query log as lines, oldest first. */
  readonly queryLog: readonly string[];
}

interface Hosted {
  /** What came to the query log since the wish's place; the part keeps more of it as long as it is asked. */
  watch(wish: WatchWish): Promise<WatchTake>;
  /** Hears once, soon, when the part has ended without being stopped. */
  onDied(listener: (failure: Failure) => void): void;
  /** Ends the part; running calls get `graceMs`. May be called again, and of a part that has died. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/** A tablet as the cluster controls it, in whichever thread it runs. */
export interface HostedTablet extends Hosted, Pick<Tablet, 'address' | 'alias'> {
  /** Why its MySQL does not answer, or null; in another thread as last told. */
  readonly backendError: string | null;
  report(): Promise<TabletReport>;
  /** What the table ACL has counted since the start. */
  counters(): Promise<AclCounters>;
  /** Hears every line of the query log; the result ends that. */
  onQueryLine(listener: (line: string) => void): () => void;
  /** Resolves when it is in force. */
  update(update: TabletUpdate): Promise<void>;
}

/** A gateway as the cluster controls it, in whichever thread it runs. */
export interface HostedGateway extends Hosted, Pick<Gateway, 'name' | 'mysql' | 'mysqlSocket' | 'grpc'> {
  stats(): Promise<GatewayStats>;
  /** Hears every line of the query log; the result ends that. */
  onQueryLine(listener: (line: string) => void): () => void;
  /** Resolves when it is in force; rejects with GatehouseError, and nothing has changed, on a fault. */
  update(update: GatewayUpdate): Promise<void>;
}

/** Where gateways and tablets run: this thread, or another one of this process. */
export interface EngineHost {
  /** Resolves when parts can be started; rejects with `engine.thread-ended` when there is no thread to be had. */
  open(): Promise<void>;
  /** Rejects as `createTablet` does, and with `engine.thread-ended` when the thread dies of it. */
  startTablet(config: TabletConfig): Promise<HostedTablet>;
  /** Rejects as `createGateway` does. `signedIn` hears of every login by an entry of the users file. */
  startGateway(config: GatewayConfig, signedIn: (signIn: SignIn) => void): Promise<HostedGateway>;
  /** When it resolves, every step and sign-in that came about before has been told. */
  settle(): Promise<void>;
  /** Ends the host itself, after its parts; nothing of it is left running. */
  close(): Promise<void>;
}
