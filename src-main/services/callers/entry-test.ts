import type { Cell, Transport } from '../../domain/probes';
import type { UserEntry } from '../../domain/users';
import type { Cluster } from '../cluster/cluster';
import { ProbeRunner } from '../verify/probe-runner';
import { disownAttempt } from './own-sign-ins';
import type { RotationAttempt } from './rotation-store';

/**
 * Logs in to a running gateway as `user` with `password` over the best way that its listener offers, and says whether the
 * entry that is meant let the login in. Never throws for a refusal: that is the answer. The attempt is not counted as a
 * sign-in.
 */
export async function testEntry(options: {
  readonly cluster: Cluster;
  readonly gateway: string;
  readonly user: string;
  readonly entry: UserEntry;
  readonly keys: readonly string[];
  readonly password: string;
  readonly now: Date;
}): Promise<RotationAttempt> {
  const { cluster, gateway, user, entry, keys, password } = options;
  const at = options.now.toISOString();
  const { workspace } = cluster;
  const listener = workspace.topology.gateways.find(({ name }) => name === gateway)?.mysql ?? null;
  if (listener === null) return { ok: false, at, message: `Gateway ${gateway} does not listen for MySQL.` };
  if (entry.sourceHost === 'localhost' && !listener.unixSocket)
    return {
      ok: false,
      at,
      message: `The entry is for the Unix socket only, and gateway ${gateway} has none.`,
    };
  const [suite] = workspace.suites;
  const trust = suite?.gatewayTrust ?? null;
  const transport: Transport =
    entry.sourceHost === 'localhost'
      ? 'mysql-unix'
      : listener.tls === null
        ? 'mysql-plain'
        : trust === null
          ? 'mysql-tls'
          : 'mysql-tls-verified';
  const cell: Cell = {
    id: `entry/${user}`,
    suite: '',
    caller: {
      name: user,
      gateway,
      user,
      password: { text: password },
      certificate: null,
      claimed: null,
      transports: [transport],
    },
    transport,
    password: 'right',
    certificate: null,
    trust: transport === 'mysql-tls-verified' ? trust : null,
    serverName: suite?.gatewayName ?? 'localhost',
    sql: 'select 1 from dual',
    table: null,
    role: null,
    expected: { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null },
  };
  const runner = new ProbeRunner(workspace, cluster.addresses, cluster.secrets);
  const attempt = await runner.run(cell);
  const by = await disownAttempt(cluster.addresses, gateway, transport === 'mysql-unix', attempt);
  if (by.length === 0) {
    const said = attempt.error?.message ?? attempt.failure ?? 'the connection ended';
    return { ok: false, at, message: `Refused: ${said}` };
  }
  if (by.some((key) => keys.includes(key))) return { ok: true, at, message: `Signed in at gateway ${gateway}.` };
  return { ok: false, at, message: 'Another entry of this user comes first and let the login in.' };
}
