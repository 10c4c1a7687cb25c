import type { CallerTls } from '../../clients';
import type { Cell, PasswordSource, Transport } from '../../domain/probes';
import type { AttackGround } from './ground';
import { openHeaderProxy, type HeaderProxy } from './proxy-header';
import { runTest, type RunTestOptions, type TestRun } from '../test/run-test';

/** One connection as an attacker makes it; what is left out is as an honest client has it. */
export interface AttackConnection {
  readonly gateway: string;
  readonly transport: Transport;
  readonly user?: string | null;
  /** Typed; goes nowhere else. */
  readonly password?: string;
  /** Certificate file of the ground's folder, its key beside it. */
  readonly certificate?: string | null;
  readonly claimed?: { readonly principal: string; readonly groups: readonly string[] } | null;
  /** Bundle that the client trusts; null: it verifies against nothing it knows. */
  readonly trust?: string | null;
  readonly serverName?: string;
  readonly sql: string;
  /** What is more about its TLS: versions, a session to be resumed; nothing on a connection without. */
  readonly tls?: Partial<CallerTls>;
  /** The authentication method that a MySQL client names first. */
  readonly method?: string;
  /** Dialled instead of the gateway: somebody who stands before it. */
  readonly via?: RunTestOptions['via'];
  /** Stands a listener between client and gateway, who reads what crosses. */
  readonly listen?: boolean;
}

const noPassword: PasswordSource | null = null;

/** The connection as a cell, so that it runs, is recorded and is explained like any test. */
export function attackCell(id: string, connection: AttackConnection): Cell {
  const { gateway, transport, sql } = connection;
  const user = connection.user ?? null;
  const certificate = connection.certificate ?? null;
  return {
    id: `attack/${id}`,
    suite: '',
    caller: {
      name: user ?? 'an attacker',
      gateway,
      user,
      password: noPassword,
      certificate,
      claimed: connection.claimed ?? null,
      transports: [transport],
    },
    transport,
    password: 'right',
    certificate: transport.endsWith('mutual-tls') ? certificate : null,
    trust: connection.trust ?? null,
    serverName: connection.serverName ?? 'localhost',
    sql,
    table: null,
    role: null,
    expected: { verdict: 'refused', stoppedAt: null, code: null, sqlState: null, message: null },
  };
}

/** Makes the connection on the ground and follows it hop by hop. */
export async function attackRun(
  ground: AttackGround,
  id: string,
  connection: AttackConnection,
  signal: AbortSignal,
): Promise<TestRun> {
  const proxy = connection.via === undefined ? await proxyFor(ground, connection) : null;
  try {
    return await runTest(ground, attackCell(id, connection), {
      expected: null,
      password: connection.password ?? '',
      signal,
      ...(connection.tls === undefined ? {} : { tls: connection.tls }),
      ...(connection.method === undefined ? {} : { method: connection.method }),
      ...(connection.listen === undefined ? {} : { listen: connection.listen }),
      ...(connection.via === undefined ? {} : { via: connection.via }),
      ...(proxy === null ? {} : { via: proxy }),
    });
  } finally {
    await proxy?.close();
  }
}

/** Where a listener expects PROXY headers its clients come through a proxy; one without a header waits ten seconds. */
async function proxyFor(
  { workspace, addresses }: AttackGround,
  { gateway: name, transport, listen }: AttackConnection,
): Promise<HeaderProxy | null> {
  if (!transport.startsWith('mysql-') || transport === 'mysql-unix' || listen === true) return null;
  const gateway = workspace.topology.gateways.find((candidate) => candidate.name === name);
  const address = addresses.gateways.find((candidate) => candidate.name === name)?.mysql ?? null;
  return gateway?.mysql?.proxyProtocol === true && address !== null ? openHeaderProxy(address, null) : null;
}
