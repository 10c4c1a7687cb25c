import { GatehouseError } from '../../domain/kernel';

interface Listening {
  readonly listen: { readonly host: string; readonly port: number } | null;
}

/**
 * What to throw when `owner` (`gateway main`) could not listen: for a port that is taken, or that this user may not have,
 * GatehouseError `cluster.port-in-use` or `cluster.port-refused` with the listener, the port and the remedy; anything else
 * as it is.
 */
export function listenerFault(
  error: unknown,
  owner: string,
  listeners: { readonly MySQL?: Listening | null; readonly gRPC?: Listening | null },
): unknown {
  const { code, port } = (error instanceof GatehouseError ? error.cause : error) as {
    code?: unknown;
    port?: unknown;
  };
  if ((code !== 'EADDRINUSE' && code !== 'EACCES') || typeof port !== 'number') return error;
  const [protocol, listener] =
    Object.entries(listeners).find(([, candidate]) => candidate?.listen?.port === port) ?? [];
  const where = `${owner}${protocol === undefined ? '' : `, ${protocol}`}: port ${port} on ${listener?.listen?.host ?? '127.0.0.1'}`;
  const remedy = 'Choose others with --ports BASE or --ports auto, or change "listen" in gatehouse.json.';
  return new GatehouseError(
    code === 'EADDRINUSE'
      ? { code: 'cluster.port-in-use', summary: `${where} is taken by another program. Stop it, or: ${remedy}` }
      : { code: 'cluster.port-refused', summary: `${where} may not be used by this user. ${remedy}` },
    { cause: error },
  );
}
