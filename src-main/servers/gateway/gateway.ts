import { DisposableBag, systemClock, type Clock, type RingPlace, type RingTake } from '../../domain/kernel';
import { createMysqlServer, type MysqlServer } from '../mysql-wire';
import { noRecorder, type Recorder } from '../recorder';
import { createGrpcClient, createGrpcServer, type GrpcServer } from '../rpc';
import { createTlsAcceptor, createTlsDialer, type OwnedTlsAcceptor } from '../tls';
import {
  defaultServerVersion,
  type GatewayConfig,
  type GatewayMysqlConfig,
  type GatewayTablet,
  type MysqlAuth,
} from './config';
import { Executor } from './executor';
import { createAuthorize } from './grpc-authorize';
import { createVitessService, type GrpcHost } from './grpc-service';
import { LoggedExecutor } from './logged-statement';
import { createLoginPolicy, type SignIn } from './login-policy';
import { GatewayMysqlSession, type SessionHost } from './mysql-session';
import { QueryLog } from './query-log';
import type { QueryLogRecord } from './query-log-record';
import { Router } from './router';
import { aliasText, TabletLink, watchLink } from './tablet-link';
import { unusableClient } from './unusable-client';

/** What a gateway gets from outside. */
export interface GatewayDeps {
  readonly recorder?: Recorder;
  readonly clock?: Clock;
  /** Hears of every login by an entry of the users file; must not throw. */
  readonly signedIn?: (signIn: SignIn) => void;
}

/** Counters since the start. */
export interface GatewayStats {
  readonly mysqlConnections: number;
  readonly mysqlSessions: number;
  readonly statements: number;
}

/** What `update` may replace while the gateway runs. */
export interface GatewayUpdate {
  /** Users for the next logins; the kind of authentication stays. */
  readonly mysqlAuth?: MysqlAuth;
  readonly mysqlTls?: GatewayMysqlConfig['tls'];
  /** MySQL clients that `mysqlTls` would refuse stay connected, as with vtgate; default false: they are disconnected. */
  readonly keepOpenPeers?: boolean;
  readonly grpcTls?: GatewayMysqlConfig['tls'];
  readonly grpc?: Partial<
    Pick<
      NonNullable<GatewayConfig['grpc']>,
      | 'staticUsers'
      | 'mtlsSubstrings'
      | 'useEffectiveCallerId'
      | 'useEffectiveGroups'
      | 'useStaticAuthenticationCallerId'
    >
  >;
  /** The gateway's side of its links: new certificates for the next connections. */
  readonly tabletTls?: GatewayTablet['tls'];
}

/** What one tablet last said of itself, as the gateway goes by it. */
export interface TabletStatus {
  readonly alias: string;
  readonly keyspace: string;
  readonly shard: string;
  readonly type: string;
  readonly serving: boolean;
  /** Why it does not serve, or null. */
  readonly lastError: string | null;
  /** Messages of its StreamHealth so far. */
  readonly heard: number;
}

/** A running gateway. */
export interface Gateway {
  readonly name: string;
  readonly mysql: { readonly host: string; readonly port: number } | undefined;
  readonly mysqlSocket: string | undefined;
  readonly grpc: { readonly host: string; readonly port: number } | undefined;
  /** What is known of each tablet. */
  readonly tablets: readonly TabletStatus[];
  /** The latest records of the query log, oldest first; empty when it is off. */
  readonly queryLog: readonly QueryLogRecord[];
  readonly stats: GatewayStats;
  /** Hears every record of the query log, with its line; the result ends that. */
  subscribeQueryLog(subscriber: (record: QueryLogRecord, line: string) => void): () => void;
  /** Keeps the latest `capacity` records of the query log, also where none is configured; null: as configured. */
  watchQueries(capacity: number | null): void;
  /** The kept records after `place`. */
  queriesSince(place: RingPlace | null): RingTake<QueryLogRecord>;
  /**
   * Takes new users, certificates and CRLs. Everything is checked before anything is replaced: on a fault it throws
   * GatehouseError and the gateway goes on as before. Peers that the new certificates refuse are disconnected.
   */
  update(update: GatewayUpdate): void;
  /** Ends listeners (running statements get `graceMs`), then sessions, then the links. */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

const defaultHealthTimeoutMs = 60_000;
const defaultInitialTimeoutMs = 5_000;

function createLinks(config: GatewayConfig, recorder: Recorder): TabletLink[] {
  const times = {
    silenceMs: config.healthTimeoutMs ?? defaultHealthTimeoutMs,
    firstWordMs: config.initialTabletTimeoutMs ?? defaultInitialTimeoutMs,
  };
  return config.tablets.map((tablet) => {
    const watched = watchLink(recorder);
    if (tablet.unusable !== undefined)
      return new TabletLink(tablet, unusableClient(tablet.unusable), watched.facts, times);
    const client = createGrpcClient({
      host: tablet.host,
      port: tablet.port,
      recorder: watched.recorder,
      part: 'link',
      name: `${config.name} to ${tablet.alias}`,
      fidelity: config.fidelity,
      ...(tablet.tls === undefined ? {} : { tls: tablet.tls }),
      ...(tablet.credentials === undefined ? {} : { credentials: tablet.credentials }),
    });
    return new TabletLink(tablet, client, watched.facts, times);
  });
}

/**
 * Starts a gateway: its listeners accept when the promise resolves, and its tablets have spoken or were waited for in
 * vain. Rejects with GatehouseError when certificates do not load or an address is taken; nothing is left running then.
 */
export async function createGateway(config: GatewayConfig, deps: GatewayDeps = {}): Promise<Gateway> {
  const recorder = deps.recorder ?? noRecorder;
  const clock = deps.clock ?? systemClock;
  const bag = new DisposableBag();
  let stopping = false;
  let graceMs = 1000;
  let mysqlAuth: MysqlAuth = config.mysql?.auth ?? { kind: 'none' };
  let grpc = config.grpc;
  let sessionsOpened = 0;
  const sessions = new Set<GatewayMysqlSession>();

  try {
    const queryLog = new QueryLog(config.queryLog ?? null);
    bag.add({ dispose: () => queryLog.close() });
    const links = createLinks(config, recorder);
    bag.add({ dispose: () => Promise.all(links.map((link) => link.close())).then(() => undefined) });
    const router = new Router(config, links);
    const serverVersion = config.mysql?.serverVersion ?? defaultServerVersion;
    const kill = (what: 'connection' | 'query', id: number): boolean => {
      const found = [...sessions].find((session) => session.connectionId === id);
      found?.kill(what);
      return found !== undefined;
    };
    const { behaviour = {} } = config;
    const killer = behaviour.allowKill === true ? kill : null;
    const executor = new Executor(router, serverVersion, config.fidelity, recorder, behaviour, killer);
    const statements = new LoggedExecutor(executor, queryLog, clock);

    const acceptor = (
      tls: GatewayMysqlConfig['tls'],
      what: string,
      alpn?: readonly string[],
    ): OwnedTlsAcceptor | undefined => {
      if (tls === undefined) return undefined;
      const options = {
        fidelity: config.fidelity,
        clock,
        recorder,
        part: 'gateway' as const,
        name: `${config.name} ${what}`,
      };
      const created = createTlsAcceptor(alpn === undefined ? tls : { ...tls, alpn }, options);
      bag.add({ dispose: () => created.dispose() });
      return created;
    };
    const mysqlTls = acceptor(config.mysql?.tls, 'MySQL listener');
    const grpcTls = acceptor(config.grpc?.tls, 'gRPC listener', ['h2']);

    const host: SessionHost = {
      config,
      statements,
      recorder,
      stopping: () => stopping,
      ended: (session) => void sessions.delete(session),
    };
    const mysqlServers: MysqlServer[] = [];
    const listenMysql = async (
      mysql: GatewayMysqlConfig,
      listen: Parameters<typeof createMysqlServer>[0]['listen'],
    ): Promise<MysqlServer> => {
      const overTcp = 'host' in listen;
      const server = await createMysqlServer({
        name: config.name,
        listen,
        serverVersion,
        login: createLoginPolicy(() => mysqlAuth, config.fidelity, recorder, deps.signedIn),
        session: (login) => {
          const session = new GatewayMysqlSession(host, login);
          sessions.add(session);
          sessionsOpened += 1;
          return session;
        },
        recorder,
        fidelity: config.fidelity,
        ...(overTcp && mysqlTls !== undefined ? { tls: mysqlTls } : {}),
        ...(overTcp && mysql.requireSecureTransport === true ? { requireSecureTransport: true } : {}),
        ...(overTcp && mysql.allowClearTextWithoutTls === true ? { allowClearTextWithoutTls: true } : {}),
        ...(overTcp && mysql.proxyProtocol === true ? { proxyProtocol: true } : {}),
        ...(mysql.handshakeTimeoutMs === undefined ? {} : { handshakeTimeoutMs: mysql.handshakeTimeoutMs }),
        ...(mysql.readTimeoutMs === undefined ? {} : { readTimeoutMs: mysql.readTimeoutMs }),
        ...(mysql.writeTimeoutMs === undefined ? {} : { writeTimeoutMs: mysql.writeTimeoutMs }),
      });
      bag.add({ dispose: () => server.stop({ graceMs }) });
      mysqlServers.push(server);
      return server;
    };

    let mysqlAddress: Gateway['mysql'];
    let mysqlSocket: string | undefined;
    if (config.mysql !== null) {
      const { listen, socketPath } = config.mysql;
      if (listen !== null) {
        const { address } = await listenMysql(config.mysql, listen);
        if ('host' in address) mysqlAddress = address;
      }
      if (socketPath !== undefined) {
        await listenMysql(config.mysql, { socketPath });
        mysqlSocket = socketPath;
      }
    }

    let grpcServer: GrpcServer | null = null;
    if (config.grpc !== null) {
      const grpcHost: GrpcHost = { config, grpc: () => grpc as NonNullable<typeof grpc>, statements, recorder };
      const server = await createGrpcServer(
        {
          name: config.name,
          listen: config.grpc.listen,
          recorder,
          part: 'gateway',
          authorize: createAuthorize(grpcHost),
          ...(grpcTls === undefined ? {} : { tls: grpcTls }),
          ...(config.grpc.optionalTls === true ? { optionalTls: true } : {}),
        },
        [createVitessService(grpcHost)],
      );
      bag.add({ dispose: () => server.stop({ graceMs }) });
      grpcServer = server;
    }

    // As vtgate, which serves when its tablets have spoken or when it has waited long enough.
    await Promise.all(links.map((link) => link.health.news()));

    return {
      name: config.name,
      mysql: mysqlAddress,
      mysqlSocket,
      grpc: grpcServer?.address,
      get tablets() {
        return links.map(({ alias, keyspace, shard, type, health: { serving, lastError, heard } }) => {
          return { alias: aliasText(alias), keyspace, shard, type, serving, lastError, heard };
        });
      },
      get queryLog() {
        return queryLog.records;
      },
      get stats() {
        const mysqlConnections = mysqlServers.reduce((sum, server) => sum + server.openConnections, 0);
        return { mysqlConnections, mysqlSessions: sessionsOpened, statements: executor.statements };
      },
      subscribeQueryLog: (subscriber) => queryLog.subscribe(subscriber),
      watchQueries: (capacity) => queryLog.watch(capacity),
      queriesSince: (place) => queryLog.since(place),
      update(next) {
        const apply: (() => void)[] = [];
        if (next.mysqlTls !== undefined && mysqlTls !== undefined)
          apply.push(mysqlTls.prepare(next.mysqlTls, next.keepOpenPeers));
        if (next.grpcTls !== undefined && grpcTls !== undefined)
          apply.push(grpcTls.prepare({ ...next.grpcTls, alpn: ['h2'] }));
        if (next.tabletTls !== undefined) {
          const tls = next.tabletTls;
          createTlsDialer(tls, { fidelity: config.fidelity, clock, name: `${config.name} to its tablets` });
          apply.push(() => links.forEach((link) => link.update(tls)));
        }
        for (const put of apply) put();
        if (next.mysqlAuth !== undefined && next.mysqlAuth.kind === mysqlAuth.kind) mysqlAuth = next.mysqlAuth;
        if (next.grpc !== undefined && grpc !== null) grpc = { ...grpc, ...next.grpc };
      },
      async stop(options = {}) {
        stopping = true;
        graceMs = options.graceMs ?? 1000;
        await bag.dispose();
      },
    };
  } catch (error) {
    await bag.dispose().catch(() => undefined);
    throw error;
  }
}
