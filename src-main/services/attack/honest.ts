import type { ProbeCaller, Suite, Transport } from '../../domain/probes';
import { attackRun, type AttackConnection } from './cells';
import type { AttackGround } from './ground';
import type { AttackWorld } from './planned';
import { reading } from './prize';
import { offeredTransports } from './ways-in';
import type { TestRun } from '../test/run-test';

/** Somebody who uses a gateway as it is meant to be used, as the workspace's tests know it. */
export interface HonestCaller {
  readonly caller: ProbeCaller;
  readonly transport: Transport;
  readonly trust: string | null;
  readonly serverName: string;
  /** A table that the tests expect it to read. */
  readonly table: string;
}

/**
 * The first caller of the tests with a password that is known and a table that it may read, over `protocol` if one is
 * named; null: there is none.
 */
export function honestCaller(
  { workspace, hasSecret }: AttackWorld,
  gateway: string,
  protocol?: 'mysql' | 'grpc',
): HonestCaller | null {
  // Without authentication MySQL's callers lose the names that the table ACL knows (vitess-behaviour §1); they come last.
  const nameless =
    workspace.topology.gateways.find(({ name }) => name === gateway)?.mysql?.auth === 'none' && protocol === undefined;
  let last: HonestCaller | null = null;
  for (const suite of workspace.suites)
    for (const caller of suite.callers) {
      const { password } = caller;
      if (caller.gateway !== gateway || (password !== null && 'secret' in password && !hasSecret(password.secret)))
        continue;
      const fitting = offeredTransports(workspace, caller).filter((candidate) => candidate.startsWith(protocol ?? ''));
      const transport = fitting.find((candidate) => candidate !== 'mysql-unix') ?? fitting[0];
      const table = readableTable(suite, caller);
      if (transport === undefined || table === null) continue;
      const found = { caller, transport, trust: suite.gatewayTrust, serverName: suite.gatewayName, table };
      if (!nameless || transport.startsWith('grpc-')) return found;
      last ??= found;
    }
  return last;
}

const readableTable = (suite: Suite, caller: ProbeCaller): string | null =>
  suite.allow.get(caller.name)?.read[0] ?? null;

/** The connection that an honest caller makes. */
export function honestConnection(ground: AttackGround, honest: HonestCaller): AttackConnection {
  const { caller, transport } = honest;
  return {
    gateway: caller.gateway,
    transport,
    user: caller.user,
    password: ground.runner.passwordFor(caller, 'right'),
    certificate: transport.endsWith('mutual-tls') ? caller.certificate : null,
    claimed: caller.claimed,
    trust: honest.trust,
    serverName: honest.serverName,
    sql: reading(honest.table),
  };
}

/** Asks as an honest caller until it is answered, so that the next attack finds the gateway as it was. */
export async function untilHonest(ground: AttackGround, honest: HonestCaller, signal: AbortSignal): Promise<TestRun> {
  for (;;) {
    const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal);
    if (run.attempt.stage === 'done') return run;
    signal.throwIfAborted();
  }
}
