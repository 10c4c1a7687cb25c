import { createGateway, type Gateway, type QueryLogRecord } from '../gateway';
import type { Recorder } from '../recorder';
import { createTablet, type Tablet, type TabletLogRecord } from '../tablet';
import { shortAlias } from '../../domain/watch';
import { PartWatch } from './part-watch';
import { gatewayRows, tabletRows } from './watch-rows';
import type { EngineHost, HostedGateway, HostedTablet, TabletUpdate } from './hosts';

/** Gives a tablet what is new. */
export function updateTablet(tablet: Tablet, { acl, queryRules, tls, staticUsers }: TabletUpdate): void {
  if (tls !== undefined) tablet.updateTls(tls);
  if (staticUsers !== undefined) tablet.updateStaticUsers(staticUsers.users);
  if (acl !== undefined) tablet.updateAcl(acl.acl, acl.settings);
  if (queryRules !== undefined) tablet.updateQueryRules(queryRules.rules);
}

/** How a tablet's query log is watched, in whichever thread it runs. */
export const watchTablet = (tablet: Tablet): PartWatch<TabletLogRecord> =>
  new PartWatch(`tablet:${tablet.alias}`, shortAlias(tablet.alias), tablet, tabletRows);

/** How a gateway's query log is watched. */
export const watchGateway = (gateway: Gateway): PartWatch<QueryLogRecord> =>
  new PartWatch(`gateway:${gateway.name}`, gateway.name, gateway, gatewayRows);

const tabletHere = (tablet: Tablet, watched = watchTablet(tablet)): HostedTablet => ({
  address: tablet.address,
  alias: tablet.alias,
  get backendError() {
    return tablet.backendError;
  },
  report: () => Promise.resolve({ counters: tablet.counters, queryLog: tablet.queryLogLines() }),
  counters: () => Promise.resolve(tablet.counters),
  watch: (wish) => Promise.resolve(watched.take(wish)),
  onQueryLine: (listener) => tablet.onQuery((_record, line) => listener(line)),
  update: (update) => Promise.resolve().then(() => updateTablet(tablet, update)),
  onDied: () => undefined,
  stop: (options) => {
    watched.end();
    return tablet.stop(options);
  },
});

const gatewayHere = (gateway: Gateway, watched = watchGateway(gateway)): HostedGateway => ({
  name: gateway.name,
  mysql: gateway.mysql,
  mysqlSocket: gateway.mysqlSocket,
  grpc: gateway.grpc,
  stats: () => Promise.resolve(gateway.stats),
  watch: (wish) => Promise.resolve(watched.take(wish)),
  onQueryLine: (listener) => gateway.subscribeQueryLog((_record, line) => listener(line)),
  update: (update) => Promise.resolve().then(() => gateway.update(update)),
  onDied: () => undefined,
  stop: (options) => {
    watched.end();
    return gateway.stop(options);
  },
});

/** Runs parts in this thread; `recorder` takes their steps as they come about. */
export const inlineHost = (recorder: Recorder): EngineHost => ({
  open: () => Promise.resolve(),
  startTablet: async (config) => tabletHere(await createTablet(config, { recorder })),
  startGateway: async (config, signedIn) => gatewayHere(await createGateway(config, { recorder, signedIn })),
  settle: () => Promise.resolve(),
  close: () => Promise.resolve(),
});
