import { judge, talkGrpc, talkMysql, turnText, type Attempt, type Talk, type Turn } from '../../../clients';
import type { Cell, Outcome } from '../../../domain/probes';
import { buildTrace, type Trace } from '../../../domain/trace';
import type { TraceStep } from '../../../servers/recorder';
import { disownAttempt } from '../../callers/own-sign-ins';
import { recordedSteps } from '../../test/recorded-steps';
import { traceWorld } from '../../test/trace-world';
import { attackCell } from '../cells';
import type { AttackGround } from '../ground';
import type { WayIn } from './insider';

/** A connection with several turns, with what every part noted of it. */
export interface FollowedTalk {
  readonly talk: Talk;
  readonly recorded: readonly TraceStep[];
  /** What MySQL was given, in order, with the values of bind variables in it. */
  readonly atMysql: readonly string[];
  readonly milliseconds: number;
  /** What the turn amounts to; the connection itself for -1. */
  outcome(turn: number): Outcome;
  /** The connection hop by hop, as the turn saw it. */
  trace(turn: number): Trace;
}

/** Rows that a trace shows. */
const ROWS_SHOWN = 50;
/** How far the clocks of client and recorder may lie apart, microseconds. */
const SLACK_MICROS = 1_000;

/** Says `turns` on one connection as `who`, and follows them. Throws GatehouseError when the connection cannot be made up. */
export async function followTalk(
  ground: AttackGround,
  id: string,
  who: WayIn,
  turns: readonly Turn[],
  signal: AbortSignal,
  /** Rows read of each result. */
  keepRows = 200,
): Promise<FollowedTalk> {
  const { runner, workspace, addresses } = ground;
  const { caller, transport, trust, serverName } = who;
  const cell: Cell = {
    ...attackCell(id, {
      gateway: caller.gateway,
      transport,
      user: caller.user,
      certificate: transport.endsWith('mutual-tls') ? caller.certificate : null,
      claimed: caller.claimed,
      trust,
      serverName,
      sql: '',
    }),
    caller,
  };
  const password = runner.passwordFor(caller, 'right');
  const target = runner.targetOf(cell);
  const tls = await runner.tlsOf(cell);
  const begun = performance.now();
  const begunMicros = (performance.timeOrigin + begun) * 1000;
  let talk: Talk;
  if ('failure' in target) talk = { turns: [], attempt: unreachable(target.failure) };
  else if (transport.startsWith('mysql-'))
    talk = await talkMysql({
      ...{ target, tls, turns, signal, password, keepRows },
      user: caller.user ?? '',
      database: workspace.topology.keyspaces[0]?.name ?? null,
    });
  else if ('port' in target)
    talk = await talkGrpc({
      ...{ target, tls, turns, signal, keepRows },
      credentials: caller.user === null ? null : { username: caller.user, password },
      claimed: caller.claimed,
      targetString: runner.targetString(),
    });
  else talk = { turns: [], attempt: unreachable('gRPC is not offered over a Unix socket') };
  const milliseconds = performance.now() - begun;
  const { attempt } = talk;
  await disownAttempt(addresses, caller.gateway, transport === 'mysql-unix', attempt);
  const way = transport.startsWith('mysql-') ? 'mysql' : 'grpc';
  const found = await recordedSteps(ground.traces, {
    ...{ gateway: caller.gateway, way, peer: attempt.localAddress, attempt, begunMicros },
  });
  const recorded = found?.steps ?? [];
  const attemptOf = (turn: number): Attempt => turnAttempt(talk, turn);
  return {
    talk,
    recorded,
    milliseconds,
    atMysql: recorded.flatMap(({ name, data }) =>
      name === 'mysql.answered' && typeof data['sql'] === 'string' ? [data['sql']] : [],
    ),
    outcome: (turn) => judge(attemptOf(turn)),
    trace: (turn) => {
      const one = talk.turns[turn];
      const actual = judge(attemptOf(turn));
      return buildTrace({
        cell: { ...cell, sql: one === undefined ? '' : turnText(one.turn) },
        startedAt: new Date(begunMicros / 1000),
        milliseconds,
        attempt: attemptOf(turn),
        recorded: found === null ? null : stepsOf(recorded, talk, turn),
        actual,
        predicted: null,
        asPredicted: null,
        expected: null,
        asExpected: null,
        world: traceWorld(workspace),
      });
    },
  };
}

/** The connection as if the turn were all that was said on it. */
function turnAttempt({ attempt, turns }: Talk, turn: number): Attempt {
  const one = turns[turn];
  if (one === undefined) return attempt;
  if (one.failure !== null) return { ...attempt, stage: 'statement', error: null, failure: one.failure };
  const last = one.answers.at(-1);
  const table = last?.table == null ? null : { ...last.table, rows: last.table.rows.slice(0, ROWS_SHOWN) };
  const answered = { rows: last?.rows ?? 0, affected: last?.affected ?? null, table };
  return { ...attempt, ...answered, stage: one.error === null ? 'done' : 'statement', error: one.error, failure: null };
}

/** What was noted of the connection itself and of the turn. */
function stepsOf(recorded: readonly TraceStep[], { turns }: Talk, turn: number): readonly TraceStep[] {
  const one = turns[turn];
  const first = turns[0];
  if (one === undefined || first === undefined) return recorded;
  return recorded.filter(
    ({ atMicros }) =>
      atMicros < first.beganMicros ||
      (atMicros >= one.beganMicros - SLACK_MICROS && atMicros <= one.endedMicros + SLACK_MICROS),
  );
}

const unreachable = (failure: string): Attempt => ({
  ...{ stage: 'connect', error: null, failure, rows: null, affected: null, table: null, localAddress: null, steps: [] },
});
