import { rolesOf, type TableAcl } from '../../../domain/acl';
import type { ImmediateCaller } from '../../../domain/identity';
import type { ProbeCaller, Transport } from '../../../domain/probes';
import type { TableRole } from '../../../domain/sql';
import type { Tablet } from '../../../domain/topology';
import { immediateCallers, type CallerOrigin } from '../../callers/immediate-callers';
import type { AttackWorld } from '../planned';
import { tabletBehind, tablesOf } from '../prize';
import { offeredTransports } from '../ways-in';

/** A caller of the workspace's tests on its way in, with every name under which it may reach the tablet. */
export interface WayIn {
  readonly caller: ProbeCaller;
  readonly transport: Transport;
  readonly trust: string | null;
  readonly serverName: string;
  readonly names: readonly ImmediateCaller[];
}

/** Somebody who may do something, but not read one of the tables. */
export interface Insider extends WayIn {
  readonly tablet: Tablet;
  /** A table that it may read under each of its names. */
  readonly allowed: string;
  /** A table that it may not read under any. */
  readonly forbidden: string;
  /** A name that no table has, in the group of `allowed`; null: the group has no prefix. */
  readonly free: string | null;
}

const overMysql = (transport: Transport): boolean => transport.startsWith('mysql-');
/** Verified connections first: what is tried is the statement, not the way in. */
const order: readonly Transport[] = [
  'mysql-tls-verified',
  'mysql-mutual-tls',
  'mysql-tls',
  'mysql-unix',
  'mysql-plain',
  'grpc-mutual-tls',
  'grpc-tls',
  'grpc-plain',
];

/** Every caller of the tests who can get in over MySQL, or over gRPC. */
export function waysIn({ workspace, now, hasSecret }: AttackWorld, over: 'mysql' | 'grpc'): WayIn[] {
  const known = immediateCallers(workspace, now);
  return workspace.suites.flatMap((suite) =>
    suite.callers.flatMap((caller): WayIn[] => {
      const { password } = caller;
      if (password !== null && 'secret' in password && !hasSecret(password.secret)) return [];
      const offered = offeredTransports(workspace, caller);
      const transport = order.find(
        (candidate) => offered.includes(candidate) && overMysql(candidate) === (over === 'mysql'),
      );
      if (transport === undefined) return [];
      const names = known
        .filter(({ origins }) => origins.some((origin) => leadsTo(origin, caller, transport)))
        .map((named) => named.caller);
      if (names.length === 0) return [];
      return [{ caller, transport, trust: suite.gatewayTrust, serverName: suite.gatewayName, names }];
    }),
  );
}

/** Whether `origin` is the way on which `caller` gets its name. */
function leadsTo(origin: CallerOrigin, caller: ProbeCaller, transport: Transport): boolean {
  if (origin.gateway !== caller.gateway) return false;
  switch (origin.kind) {
    case 'user':
      return overMysql(transport) && origin.user === caller.user;
    case 'certificate':
      return (
        transport.endsWith('mutual-tls') &&
        origin.file === caller.certificate &&
        origin.refusal === null &&
        origin.over === (overMysql(transport) ? 'mysql' : 'grpc')
      );
    case 'claimed':
      return !overMysql(transport) && origin.callers.includes(caller.name);
    case 'grpc-user':
      return !overMysql(transport) && caller.claimed === null && origin.user === caller.user;
    case 'no-authentication':
      return overMysql(transport);
    case 'unnamed':
      return false;
  }
}

/** What somebody must be to be worth a try, and what is better. */
export interface InsiderWish {
  readonly over: 'mysql' | 'grpc';
  /** It needs this role on `allowed` beside reading it, or on a free name of its group. */
  readonly needs?: TableRole;
}

/**
 * The best caller for a try: one with a role on a table, none at all on another, and a free name in a group of its own.
 * Null with nobody like that: then either everybody may read everything, or nobody anything.
 */
export function insiderOf(world: AttackWorld, wish: InsiderWish): Insider | null {
  const tablet = tabletBehind(world.workspace);
  const acl = tablet?.acl.file == null ? undefined : world.workspace.acls.get(tablet.acl.file);
  if (tablet === undefined || acl === undefined) return null;
  const tables = tablesOf(world.workspace, tablet).filter((table) => table !== 'dual');
  let best: { readonly insider: Insider; readonly worth: number } | null = null;
  for (const way of waysIn(world, wish.over)) {
    const all = (table: string, role: TableRole): boolean =>
      way.names.every((name) => rolesOf(acl, name, table).includes(role));
    const any = (table: string): readonly TableRole[] => way.names.flatMap((name) => rolesOf(acl, name, table));
    for (const forbidden of tables.filter((table) => !any(table).includes('READER')))
      for (const allowed of tables.filter((table) => all(table, 'READER'))) {
        const free = freeName(acl, allowed, tables);
        if (wish.needs === 'ADMIN' && (free === null || !all(free, 'ADMIN'))) continue;
        if (wish.needs === 'WRITER' && !all(allowed, 'WRITER')) continue;
        const worth =
          (any(forbidden).length === 0 ? 4 : 0) + (all(allowed, 'WRITER') ? 2 : 0) + (free === null ? 0 : 1);
        if (best === null || worth > best.worth)
          best = { worth, insider: { ...way, tablet, allowed, forbidden, free } };
      }
  }
  return best?.insider ?? null;
}

/** A name in the group of `table` that no table has: below one of its prefixes. */
function freeName(acl: TableAcl, table: string, tables: readonly string[]): string | null {
  const group = acl.groups.find(({ entries }) =>
    entries.some(({ text }) => text === table || (text.endsWith('%') && table.startsWith(text.slice(0, -1)))),
  );
  const prefix = group?.entries.find(({ text }) => text.endsWith('%'))?.text.slice(0, -1);
  if (prefix === undefined) return null;
  for (let number = 1; ; number += 1) {
    const name = `${prefix}lab${number}`;
    if (!tables.includes(name)) return name;
  }
}
