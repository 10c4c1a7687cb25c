import { parseAclFile } from '../../../../src-main/domain/acl';
import type { ReplaySettings } from '../outcome';
import type { Changes } from './world';

/** What a scenario's flags mean for our servers, and how they are told to stop. */
export interface ScenarioSettings {
  readonly changes: Changes;
  readonly gatewayStop: { readonly graceMs?: number };
  readonly tabletStop: { readonly graceMs?: number; readonly servingMs?: number };
  /** Connections that log in as another user than alice, by their letter. */
  readonly users: ReadonlyMap<string, string>;
  /** Run at MySQL before the servers start, and after. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const milliseconds = (text: string): number => {
  const [, number = '0', unit = ''] = /^([\d.]+)(ms|s|m)?$/.exec(text) ?? [];
  return Number(number) * (unit === 'ms' ? 1 : unit === 'm' ? 60_000 : 1000);
};

/** Flags of a command line; `--x` alone is true. */
function flagsOf(text: string): Map<string, string> {
  const flags = new Map<string, string>();
  const words = text.split(/\s+/).filter((word) => word !== '');
  for (let at = 0; at < words.length; at++) {
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/.exec(words[at] as string) ?? [];
    const next = words[at + 1];
    if (value !== undefined) flags.set(name, value);
    else if (next !== undefined && !next.startsWith('--')) {
      flags.set(name, next);
      at++;
    } else flags.set(name, 'true');
  }
  return flags;
}

interface Recorded {
  readonly about: string;
  readonly vttabletFlags?: string;
  readonly vtgateFlags?: string;
  readonly acl?: unknown;
}

/** Reads the settings of one scenario: its flags, its ACL, and what its description says of MySQL. */
export function scenarioSettings(recorded: Recorded, fidelity: ReplaySettings['fidelity']): ScenarioSettings {
  const tablet = flagsOf(recorded.vttabletFlags ?? '');
  const gate = flagsOf(recorded.vtgateFlags ?? '');
  const limit = (flag: string, key: string, read: (text: string) => number): object => {
    const value = tablet.get(flag);
    return value === undefined ? {} : { [key]: read(value) };
  };
  const limits = {
    ...limit('queryserver-config-max-result-size', 'rowLimit', Number),
    ...limit('queryserver-config-query-timeout', 'queryTimeoutMs', milliseconds),
    ...limit('queryserver-config-transaction-timeout', 'transactionTimeoutMs', milliseconds),
    ...limit('queryserver-config-pool-size', 'poolSize', Number),
    ...limit('queryserver-config-query-pool-timeout', 'poolTimeoutMs', milliseconds),
    ...limit('queryserver-config-stream-pool-size', 'streamPoolSize', Number),
    ...limit('queryserver-config-stream-pool-timeout', 'streamPoolTimeoutMs', milliseconds),
    ...limit('queryserver-config-transaction-cap', 'transactionCap', Number),
    ...limit('transaction-limit-per-user', 'transactionLimitPerUser', Number),
  };
  const acl =
    recorded.acl === undefined
      ? {}
      : {
          acl: parseAclFile(Buffer.from(JSON.stringify(recorded.acl)), { file: 'acl.json', fidelity }).acl,
          aclSettings: { strict: true, dryRun: false, exempt: '' },
        };
  const lockWait = /innodb_lock_wait_timeout=(\d+)/.exec(recorded.about)?.[1];
  const most = /max_connections=(\d+)/.exec(recorded.about)?.[1];
  const readOnly = /super_read_only/.test(recorded.about);
  const grace = milliseconds(gate.get('onterm-timeout') ?? '1s');
  return {
    changes: {
      gateway: {
        behaviour: {
          ...(gate.has('allow-kill-statement') ? { allowKill: true } : {}),
          ...(gate.has('mysql-server-query-timeout')
            ? { queryTimeoutMs: milliseconds(gate.get('mysql-server-query-timeout') as string) }
            : {}),
          ...(gate.has('max-memory-rows') ? { maxMemoryRows: Number(gate.get('max-memory-rows')) } : {}),
          ...(gate.get('dbddl-plugin') === 'noop' ? { databaseDdl: 'noop' as const } : {}),
          ...(gate.get('enable-direct-ddl') === 'false' ? { directDdl: false } : {}),
          ...(gate.get('enable-online-ddl') === 'false' ? { onlineDdl: false } : {}),
          ...(gate.get('foreign-key-mode') === 'disallow' ? { foreignKeys: 'disallow' as const } : {}),
          ...(gate.has('vschema-ddl-authorized-users')
            ? { vschemaDdlUsers: (gate.get('vschema-ddl-authorized-users') as string).split(',') }
            : {}),
          ...(gate.has('default-tablet-type')
            ? { defaultTabletType: gate.get('default-tablet-type') as 'replica' }
            : {}),
        },
      },
      ...(gate.has('mysql-server-read-timeout')
        ? { readTimeoutMs: milliseconds(gate.get('mysql-server-read-timeout') as string) }
        : {}),
      tablet: { ...acl, ...(Object.keys(limits).length > 0 ? { limits } : {}) },
    },
    users: new Map([...recorded.about.matchAll(/\b([A-Z]) is user (\w+)/g)].map(([, on, user]) => [on, user] as never)),
    gatewayStop: { graceMs: grace },
    tabletStop: {
      graceMs: milliseconds(tablet.get('shutdown-grace-period') ?? '3s'),
      servingMs: milliseconds(tablet.get('onterm-timeout') ?? '10s'),
    },
    before: [
      ...(lockWait === undefined ? [] : [`set global innodb_lock_wait_timeout = ${lockWait}`]),
      ...(most === undefined ? [] : [`set global max_connections = ${most}`]),
      ...(readOnly ? ['set global super_read_only = on'] : []),
    ],
    after: [
      ...(lockWait === undefined ? [] : ['set global innodb_lock_wait_timeout = default']),
      ...(most === undefined ? [] : ['set global max_connections = default']),
      ...(readOnly ? ['set global super_read_only = off', 'set global read_only = off'] : []),
    ],
  };
}
