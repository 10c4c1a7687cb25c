import { createGateway, type Gateway } from '../gateway';
import type { Recorder } from '../recorder';
import { createTablet, type Tablet } from '../tablet';
import type { EngineHost, HostedGateway, HostedTablet, TabletUpdate } from './hosts';

/** Gives a tablet what is new. */
export function updateTablet(tablet: Tablet, { acl, queryRules, tls, staticUsers }: TabletUpdate): void {
  if (tls !== undefined) tablet.updateTls(tls);
  if (staticUsers !== undefined) tablet.updateStaticUsers(staticUsers.users);
  if (acl !== undefined) tablet.updateAcl(acl.acl, acl.settings);
  if (queryRules !== undefined) tablet.updateQueryRules(queryRules.rules);
}

const tabletHere = (tablet: Tablet): HostedTablet => ({
  address: tablet.address,
  alias: tablet.alias,
  get backendError() {
    return tablet.backendError;
  },
  report: () => Promise.resolve({ counters: tablet.counters, queryLog: tablet.queryLogLines() }),
  onQueryLine: (listener) => tablet.onQuery((_record, line) => listener(line)),
  update: (update) => Promise.resolve().then(() => updateTablet(tablet, update)),
  onDied: () => undefined,
  stop: (options) => tablet.stop(options),
});

const gatewayHere = (gateway: Gateway): HostedGateway => ({
  name: gateway.name,
  mysql: gateway.mysql,
  mysqlSocket: gateway.mysqlSocket,
  grpc: gateway.grpc,
  stats: () => Promise.resolve(gateway.stats),
  onQueryLine: (listener) => gateway.subscribeQueryLog((_record, line) => listener(line)),
  update: (update) => Promise.resolve().then(() => gateway.update(update)),
  onDied: () => undefined,
  stop: (options) => gateway.stop(options),
});

/** Runs parts in this thread; `recorder` takes their steps as they come about. */
export const inlineHost = (recorder: Recorder): EngineHost => ({
  open: () => Promise.resolve(),
  startTablet: async (config) => tabletHere(await createTablet(config, { recorder })),
  startGateway: async (config, signedIn) => gatewayHere(await createGateway(config, { recorder, signedIn })),
  settle: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
