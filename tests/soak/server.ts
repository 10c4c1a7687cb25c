import { readdirSync } from 'node:fs';
import { startTarget } from '../support/fuzz/target';

/** What the soaked process holds: bytes after a collection, resident bytes, and open files (null where there is no /proc). */
export interface Holding {
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
  readonly files: number | null;
}

function holding(): Holding {
  const { gc } = globalThis;
  // A second pass frees what finalizers of the first have let go.
  void gc?.();
  void gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  let files: number | null = null;
  try {
    files = readdirSync('/proc/self/fd').length;
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
  if (message === 'measure') process.send!({ holding: holding(), crashes });
  else if (target !== null) void target.stop().then(() => process.exit(0));
  else process.exit(0);
});
process.send!(
  target === null
    ? { missing: 'no MySQL or MariaDB on this machine' }
    : { ports: { mysql: target.mysqlPorts, gateway: target.gatewayPort, tablet: target.tabletPort } },
);
