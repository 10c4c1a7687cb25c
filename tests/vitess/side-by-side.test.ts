import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway } from '../../src-main/servers/gateway';
import { createRecorder } from '../../src-main/servers/recorder';
import { gatewayConfig } from '../../src-main/services/cluster/gateway-config';
import {
  askTopology,
  cellAnswers,
  differing,
  installedVitess,
  startEmbedded,
  startReal,
  twins,
  type CellAnswer,
  type TwinWorkspaces,
} from './side-by-side';

const { version } = await installedVitess();

describe.each(['reference', 'user-guide', 'shop'] as const)(`%s on Vitess ${version}`, (sample) => {
  let made: TwinWorkspaces;
  let ours: ReadonlyMap<string, CellAnswer>;

  beforeAll(async () => {
    made = await twins(sample, version);
    const cluster = await startEmbedded(made.first, made.ports);
    ours = await cellAnswers(made.first, cluster.addresses, cluster.secrets);
    await cluster.stop();
    expect(ours.size).toBeGreaterThan(0);
  });
  afterAll(() => made.remove());

  it('every cell is answered by the real programs as by the embedded engine', async () => {
    const real = await startReal(made.first, made.ports);
    try {
      expect(differing(ours, await cellAnswers(made.first, real.addresses, real.secrets))).toEqual([]);
      expect(real.programs.every(({ runs }) => runs)).toBe(true);
    } finally {
      await real.stop();
    }
  });

  it('vtctldclient reads the topology that the engine wrote', async () => {
    const real = await startReal(made.first, made.ports);
    try {
      const said = await askTopology(real, 'GetTablets');
      for (const { alias, keyspace, shard } of real.addresses.tablets) {
        const padded = alias.replace(/\d+$/, (uid) => uid.padStart(10, '0'));
        expect(said).toContain(`${padded} ${keyspace} ${shard} primary `);
      }
      expect(JSON.parse(await askTopology(real, 'GetCellInfo', made.first.topology.cell))).toMatchObject({
        root: `/vitess/${made.first.topology.cell}`,
      });
    } finally {
      await real.stop();
    }
  });

  it('a real vtgate works in front of our tablet', async () => {
    const cluster = await startEmbedded(made.first, made.ports);
    try {
      const tablets = new Map(cluster.addresses.tablets.map(({ alias, grpc }) => [alias, grpc]));
      const real = await startReal(made.second, made.ports, { tablets });
      try {
        expect(differing(ours, await cellAnswers(made.second, real.addresses, real.secrets))).toEqual([]);
      } finally {
        await real.stop();
      }
    } finally {
      await cluster.stop();
    }
  });

  it('our gateway works in front of a real vttablet', async () => {
    const real = await startReal(made.second, made.ports, { only: ({ program }) => program === 'vttablet' });
    const recorder = createRecorder();
    const { topology } = made.second;
    const reachable = topology.tablets.map((tablet) => ({
      ...tablet,
      ...real.addresses.tablets.find(({ alias }) => alias === tablet.alias)!.grpc,
    }));
    const gateways = await Promise.all(
      topology.gateways.map((spec) =>
        createGateway(gatewayConfig(made.second, spec, reachable, { next: () => 0 }), { recorder }),
      ),
    );
    try {
      const addresses = {
        ...real.addresses,
        gateways: real.addresses.gateways.map((address, index) => {
          const { mysql, grpc, mysqlSocket } = gateways[index]!;
          return {
            ...address,
            mysql: mysql == null ? null : { ...mysql, socket: mysqlSocket ?? null },
            grpc: grpc ?? null,
          };
        }),
      };
      expect(differing(ours, await cellAnswers(made.second, addresses, real.secrets))).toEqual([]);
    } finally {
      for (const gateway of gateways) await gateway.stop({ graceMs: 0 });
      await real.stop();
    }
  });
});
