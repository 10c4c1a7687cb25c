import { GatehouseError } from '../../domain/kernel';
import type { Backend, Gateway as GatewaySpec, Tablet as TabletSpec } from '../../domain/topology';
import type { HostedGateway, HostedTablet } from '../../servers/engine';
import type { RunningBackend } from './backends';
import type { PortPlan } from './gateway-config';

/** A gateway of the topology; undefined: it does not run. */
export interface GatewaySlot {
  readonly spec: GatewaySpec;
  readonly first: HostedGateway;
  gateway: HostedGateway | undefined;
}

/** A tablet of the topology; undefined: it does not run. */
export interface TabletSlot {
  readonly spec: TabletSpec;
  readonly address: HostedTablet['address'];
  tablet: HostedTablet | undefined;
}

/** What a started cluster hands over so that its parts can be stopped and started one by one. */
export interface PartsOf {
  readonly gateways: readonly GatewaySlot[];
  readonly tablets: readonly TabletSlot[];
  readonly running: Map<string, RunningBackend>;
  launchGateway(spec: GatewaySpec, plan: PortPlan): Promise<HostedGateway>;
  launchTablet(spec: TabletSpec, plan: PortPlan): Promise<HostedTablet>;
  launchBackend(backend: Backend, port: number): Promise<RunningBackend>;
  readonly backends: readonly Backend[];
}

/** Stops and starts single parts: each comes back at the addresses it had, so that the others find it again. */
export function clusterParts(cluster: PartsOf): {
  runs(id: string): boolean;
  stop(id: string, graceMs?: number): Promise<void>;
  start(id: string): Promise<void>;
} {
  const unknown = (id: string): never => {
    throw new GatehouseError({ code: 'cluster.part', summary: `The cluster has no part "${id}".` });
  };
  const find = (id: string) => {
    const colon = id.indexOf(':');
    const name = id.slice(colon + 1);
    switch (id.slice(0, Math.max(0, colon))) {
      case 'gateway':
        return {
          kind: 'gateway' as const,
          slot: cluster.gateways.find(({ spec }) => spec.name === name) ?? unknown(id),
        };
      case 'tablet':
        return {
          kind: 'tablet' as const,
          slot: cluster.tablets.find(({ spec }) => spec.alias === name) ?? unknown(id),
        };
      case 'backend':
        return { kind: 'backend' as const, slot: cluster.running.get(name) ?? unknown(id) };
      default:
        return unknown(id);
    }
  };
  return {
    runs(id) {
      const part = find(id);
      if (part.kind === 'gateway') return part.slot.gateway !== undefined;
      if (part.kind === 'tablet') return part.slot.tablet !== undefined;
      return part.slot.managed !== null || part.slot.rootPassword === null;
    },
    async stop(id, graceMs = 2_000) {
      const part = find(id);
      if (part.kind === 'gateway') {
        const { gateway } = part.slot;
        part.slot.gateway = undefined;
        await gateway?.stop({ graceMs });
      } else if (part.kind === 'tablet') {
        const { tablet } = part.slot;
        part.slot.tablet = undefined;
        await tablet?.stop({ graceMs });
      } else {
        if (part.slot.rootPassword === null)
          throw new GatehouseError({
            code: 'cluster.external-backend',
            summary: `${part.slot.name} is a MySQL that others run; it is neither stopped nor started from here.`,
          });
        const { managed } = part.slot;
        cluster.running.set(part.slot.name, { ...part.slot, managed: null });
        await managed?.stop();
      }
    },
    async start(id) {
      const part = find(id);
      if (part.kind === 'gateway' && part.slot.gateway === undefined) {
        const { mysql, grpc } = part.slot.first;
        const ports = [
          ...(part.slot.spec.mysql === null ? [] : [mysql?.port ?? 0]),
          ...(part.slot.spec.grpc === null ? [] : [grpc?.port ?? 0]),
        ];
        part.slot.gateway = await cluster.launchGateway(part.slot.spec, { next: () => ports.shift() ?? null });
      } else if (part.kind === 'tablet' && part.slot.tablet === undefined)
        part.slot.tablet = await cluster.launchTablet(part.slot.spec, { next: () => part.slot.address.port });
      else if (part.kind === 'backend' && part.slot.managed !== null) part.slot.managed.retry();
      else if (part.kind === 'backend' && part.slot.rootPassword !== null && part.slot.managed === null) {
        const backend = cluster.backends.find(({ name }) => name === part.slot.name) ?? unknown(id);
        cluster.running.set(backend.name, await cluster.launchBackend(backend, part.slot.port));
      }
    },
  };
}
