import { readdirSync } from 'node:fs';
import { startTarget } from '../support/fuzz/target';

/** What the soaked process holds: bytes after a collection, resident bytes, and open files (null where there is no /proc). */
export interface Holding {
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
  /** But for the connections that the tablet's pools have to MySQL: how many those are depends on who came at once. */
  readonly files: number | null;
}

async function pooled(): Promise<number> {
  const [rows] = (await target?.cluster.atMysql(
    "select count(*) as n from information_schema.processlist where user = 'vt_app'",
  )) ?? [[]];
  return Number((rows as { n: number }[])[0]?.n ?? 0);
}

async function holding(): Promise<Holding> {
  const { gc } = globalThis;
  // A second pass frees what finalizers of the first have let go.
  void gc?.();
  void gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const pools = await pooled();
  let files: number | null = null;
  try {
    files = readdirSync('/proc/self/fd').length - pools;
  } catch {
    // Not a system with /proc.
  }
  return { heap: heapUsed, external, resident: rss, files };
}

/** The process that is soaked: gateways and a tablet, in front of a real MySQL; asked and stopped by messages. */
const target = await startTarget();
const crashes: string[] = [];
process.on('uncaughtException', (fault) => crashes.push(String(fault)));
process.on('unhandledRejection', (fault) => crashes.push(String(fault)));
process.on('message', (message) => {
  if (message === 'measure') void holding().then((held) => process.send!({ holding: held, crashes }));
  else if (target !== null) void target.stop().then(() => process.exit(0));
  else process.exit(0);
});
process.send!(
  target === null
    ? { missing: 'no MySQL or MariaDB on this machine' }
    : { ports: { mysql: target.mysqlPorts, gateway: target.gatewayPort, tablet: target.tabletPort } },
);
