import { systemClock } from '../../domain/kernel';
import { createGrpcServer } from '../rpc';
import { createTlsAcceptor } from '../tls';
import { AccessCheck } from './access-check';
import { authorizer } from './authorize';
import { BackendAccess } from './backend-access';
import { aliasText, defaultLimits, type Tablet, type TabletConfig, type TabletDeps } from './config';
import { AclCounting } from './counters';
import { Engine } from './engine';
import { HealthBroadcast } from './health';
import { operatorServices } from './operator-services';
import { Plans } from './plans';
import { TabletQueryLog } from './query-log';
import { QueryService } from './query-service';
import { SettingsPool } from './settings-pool';
import { StatefulConnections } from './stateful-connections';
import { StatementRunner } from './statement-runner';
import { TxEngine } from './tx-engine';

const DEFAULT_MAX_MESSAGE = 16_777_216;
const DEFAULT_GRACE_MS = 3_000;

/**
 * Starts a tablet as vttablet: gRPC query service in front of one MySQL database, every statement put to the table ACL
 * before it is sent. It starts without MySQL too and serves as soon as that answers.
 *
 * Rejects with the listening socket's error, or with GatehouseError when certificates do not load.
 */
export async function createTablet(config: TabletConfig, deps: TabletDeps): Promise<Tablet> {
  const { recorder, clock = systemClock } = deps;
  const limits = { ...defaultLimits, ...config.limits };
  const alias = aliasText(config.alias);
  const maxMessageBytes = config.maxMessageBytes ?? DEFAULT_MAX_MESSAGE;
  let staticUsers = config.staticUsers;
  let stopping: Promise<void> | null = null;

  const tls =
    config.tls === undefined
      ? null
      : createTlsAcceptor(
          { alpn: ['h2'], ...config.tls },
          { fidelity: config.fidelity, recorder, part: 'tablet', clock, name: `tablet ${alias}` },
        );
  const backend = new BackendAccess(config.backend, config.database, limits);
  const counting = new AclCounting();
  const plans = new Plans({
    fidelity: config.fidelity,
    size: limits.planCacheSize,
    acl: config.acl,
    aclFileGiven: config.aclFileGiven ?? config.acl !== null,
    settings: config.aclSettings,
    rules: config.queryRules ?? null,
    tables: backend.schema,
    database: config.database,
    passthroughDmls: config.passthroughDmls === true,
  });
  backend.watch((changed) => {
    if (changed.length > 0) plans.update({ tables: backend.schema });
  });
  const stateful = new StatefulConnections(backend.transactions, clock, limits.transactionTimeoutMs);
  backend.openTransactions = () => stateful.transactions;
  const runner = new StatementRunner(backend, recorder, {
    timeoutMs: limits.queryTimeoutMs,
    maxMessageBytes,
    database: config.database,
    keyspace: config.keyspace,
  });
  const settings = new SettingsPool(runner);
  const engine = new Engine({
    backend,
    plans,
    settings,
    access: new AccessCheck(plans, counting, recorder),
    runner,
    stateful,
    limits,
    fidelity: config.fidelity,
    shard: config.shard,
    database: config.database,
  });
  const log = new TabletQueryLog(config.queryLog);
  const health = new HealthBroadcast(config, backend);
  const service = new QueryService({
    config,
    engine,
    transactions: new TxEngine({ backend, settings, runner, stateful, limits }),
    backend,
    health,
    log,
    recorder,
    streamBufferBytes: limits.streamBufferBytes,
    draining: () => stopping !== null,
  });
  const authorize = authorizer(config, () => staticUsers, recorder);

  await backend.start();
  const server = await createGrpcServer(
    {
      name: `tablet ${alias}`,
      listen: config.listen,
      recorder,
      part: 'tablet',
      maxMessageBytes,
      ...(tls === null ? {} : { tls }),
      ...(config.optionalTls === undefined ? {} : { optionalTls: config.optionalTls }),
      ...(authorize === undefined ? {} : { authorize }),
    },
    [service.service, ...operatorServices()],
  ).catch((error: unknown) => {
    backend.close();
    tls?.dispose();
    throw error;
  });

  const stop = async (graceMs: number, servingMs: number): Promise<void> => {
    const silence = servingMs > 0 ? setTimeout(() => health.stop(), servingMs) : null;
    if (silence === null) health.stop();
    await server.stop({ graceMs: Math.max(graceMs, servingMs) });
    if (silence !== null) clearTimeout(silence);
    health.stop();
    stateful.close();
    backend.close();
    tls?.dispose();
    await log.flush();
  };

  return {
    address: server.address,
    alias,
    get serving() {
      return backend.serving;
    },
    get backendError() {
      return backend.lastError;
    },
    get counters() {
      return counting.snapshot();
    },
    queryLog: () => log.records(),
    queryLogLines: () => log.lines(),
    onQuery: (listener) => log.subscribe(listener),
    watchQueries: (capacity) => log.watch(capacity),
    queriesSince: (place) => log.since(place),
    updateAcl: (acl, settings) =>
      plans.update({
        acl,
        aclFileGiven: acl !== null || (config.aclFileGiven ?? false),
        ...(settings === undefined ? {} : { settings }),
      }),
    updateQueryRules: (rules) => plans.update({ rules }),
    updateTls: (next) => tls?.update({ alpn: ['h2'], ...next }),
    updateStaticUsers: (users) => (staticUsers = users),
    reloadSchema: () => backend.reloadSchema(),
    stop: ({ graceMs = DEFAULT_GRACE_MS, servingMs = 0 } = {}) => (stopping ??= stop(graceMs, servingMs)),
  };
}
