import type { Topology } from '../topology';

/** First ports that Vitess's own examples use. */
const FIRST = { mysql: 15306, vtgateGrpc: 15991, vttabletGrpc: 16100, vtgatePages: 15001, vttabletPages: 15100 };

/** HTTP ports of the programs: a workspace has none, Vitess's programs need one each. */
export interface PagePorts {
  /** By gateway name. */
  readonly gateways: ReadonlyMap<string, number>;
  /** By tablet alias. */
  readonly tablets: ReadonlyMap<string, number>;
}

/**
 * A topology whose every port is fixed: 0 means "any free one" here and "do not listen" to a gRPC port of Vitess. Ports
 * that are named stay; the others follow Vitess's examples and never meet. With `next` every port is its answer instead.
 */
export function withFixedPorts(
  topology: Topology,
  next?: () => number,
): { readonly topology: Topology; readonly pages: PagePorts } {
  const taken = new Set(
    [
      ...topology.gateways.flatMap(({ mysql, grpc }) => [mysql?.listen.port, grpc?.listen.port]),
      ...topology.tablets.map(({ grpc }) => grpc.listen.port),
    ].filter((port) => port !== undefined && port !== 0),
  );
  const free = (from: number): number => {
    if (next !== undefined) return next();
    let port = from;
    while (taken.has(port)) port += 1;
    taken.add(port);
    return port;
  };
  const at = <T extends { readonly host: string; readonly port: number }>(listen: T, from: number): T =>
    listen.port === 0 || next !== undefined ? { ...listen, port: free(from) } : listen;
  const gateways = topology.gateways.map((gateway) => ({
    ...gateway,
    mysql: gateway.mysql === null ? null : { ...gateway.mysql, listen: at(gateway.mysql.listen, FIRST.mysql) },
    grpc: gateway.grpc === null ? null : { ...gateway.grpc, listen: at(gateway.grpc.listen, FIRST.vtgateGrpc) },
  }));
  const tablets = topology.tablets.map((tablet) => ({
    ...tablet,
    grpc: { ...tablet.grpc, listen: at(tablet.grpc.listen, FIRST.vttabletGrpc) },
  }));
  return {
    topology: { ...topology, gateways, tablets },
    pages: {
      gateways: new Map(gateways.map(({ name }) => [name, free(FIRST.vtgatePages)])),
      tablets: new Map(tablets.map(({ alias }) => [alias, free(FIRST.vttabletPages)])),
    },
  };
}
