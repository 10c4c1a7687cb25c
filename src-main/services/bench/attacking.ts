import { GatehouseError } from '../../domain/kernel';
import { scoreAttacks } from '../../domain/attacks';
import { planAttacks } from '../attack/families';
import { openGround } from '../attack/ground';
import { performAttacks } from '../attack/lab';
import { localTraces } from '../cluster/attach';
import type { ServicePorts } from '../ports';
import { verify } from '../verify/verify-service';
import { loadWorkspace } from '../workspace/load-workspace';
import type { Measurement } from './figure';

/** Every attack on the workspace in `dir`, with the start of the ground, beside `verify` of the same on that ground. */
export async function measureAttacks(ports: ServicePorts, dir: string, mysqld?: string): Promise<Measurement[]> {
  const loaded = await loadWorkspace(dir);
  if (!loaded.ok) throw new GatehouseError(loaded.failure);
  const begun = performance.now();
  const ground = await openGround({
    ...{ dir, ports, unlocker: { kind: 'key-file' as const } },
    ...(mysqld === undefined ? {} : { mysqld }),
  });
  try {
    const planned = planAttacks({
      workspace: loaded.value,
      now: ports.clock.now(),
      hasSecret: (name) => ground.secrets.get(name) !== undefined,
    });
    const performed = await performAttacks(ground, planned);
    const milliseconds = performance.now() - begun;
    const { workspace, addresses, secrets, cluster } = ground;
    const peer = await verify({ workspace, addresses, secrets, traces: localTraces(cluster) });
    const { tried, stopped, cannotDecide } = scoreAttacks(performed, new Map());
    return [
      {
        name: 'every attack on shop',
        value: Math.round(milliseconds),
        unit: 'ms',
        bar: 60_000,
        better: 'less',
        peer: { name: `verify of shop, ${peer.totals.cells} cells, ms`, value: Math.round(peer.milliseconds) },
        detail: `${performed.length} attacks: ${tried} tried, ${stopped} stopped, ${cannotDecide} undecided`,
      },
    ];
  } finally {
    await ground.close();
  }
}
