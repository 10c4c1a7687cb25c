import { compare } from './compare';
import { filled } from './mysql/placeholders';
import { logIn, shownGreeting, type Connect } from './mysql/login';
import { pingAfter, playStep, type PlayState, type RecordedStep } from './mysql/play';
import { expectedAnswer } from './mysql/shown';
import type { Entrance } from './mysql/login';
import { tiersOf } from './mysql/tiers';
import { World, type Setup } from './mysql/world';
import type { CaseOutcome, Difference, Replay, Tier } from './outcome';

interface RecordedCase {
  readonly id: string;
  readonly group: string;
  readonly connect?: Connect;
  readonly handshake?: unknown;
  readonly login?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly RecordedStep[];
  readonly pingAfter?: unknown;
}

/** Statements after which the tables are not as they were. */
const changesData =
  /\b(insert|update|delete|create|drop|alter|truncate|rename|replace|load|call|execute|analyze|optimize)\b/i;

/** Statements whose locks MySQL gives back a moment after their connection has gone. */
const takesLocks = /\bget_lock\b/i;

/** Milliseconds after which a step that is not answered is given up. */
const patience = 20_000;

/** mysql-protocol.json: sessions of a raw client through gateway, tablet and MySQL 9, packet by packet. */
export const replayMysqlProtocol: Replay = async function* (recording, { fidelity, only }) {
  const { cases, ...setup } = recording as Setup & { readonly cases: readonly RecordedCase[] };
  const chosen = cases.filter(({ id }) => only === undefined || only(id));
  if (chosen.length === 0) return;
  const world = await World.start(setup, fidelity);
  const servers = await world.serve();
  try {
    let changed = true;
    for (const one of chosen) {
      if (changed) await world.restore();
      changed = changesData.test(JSON.stringify(one.steps ?? []));
      const outcome = await outcomeOf(one, servers.entrance);
      // Locks and temporary tables of a session end with it, before the next one begins.
      await servers.quiet();
      if (takesLocks.test(JSON.stringify(one.steps ?? []))) await world.unlocked();
      yield outcome;
    }
  } finally {
    await servers.stop();
    await world.stop();
  }
};

async function outcomeOf(one: RecordedCase, entrance: Entrance): Promise<CaseOutcome> {
  const differences: Difference[] = [];
  const compared = new Set<Tier>(['a']);
  const add = (at: string, expected: unknown, seen: unknown, sql = ''): void => {
    const tierOf = tiersOf(expected, sql);
    for (const tier of tierOf.compared) compared.add(tier);
    for (const difference of compare(expected, filled(expected, seen), tierOf))
      differences.push({ ...difference, at: `${at}.${difference.at}` });
  };
  const client = await logIn(entrance, one.connect);
  const timer = setTimeout(() => client.raw.close(), patience);
  try {
    if (one.handshake !== undefined) {
      const hex = client.greeting.flags.toString(16).padStart(8, '0');
      add('handshake', one.handshake, shownGreeting(client.greeting, hex));
    }
    const { trace: _prose, ...login } = one.login ?? {
      ok: { affectedRows: 0, insertId: 0, status: ['AUTOCOMMIT'], warnings: 0 },
    };
    add('login', expectedAnswer(login), expectedAnswer(client.login));
    const state: PlayState = { statementId: 0 };
    for (const [index, step] of (one.steps ?? []).entries()) {
      const result = await playStep(step, client, state);
      if (result !== null) add(`steps[${index}].got`, result.expected, result.seen, sqlOf(step));
    }
    if (one.pingAfter !== undefined) add('pingAfter', one.pingAfter, await pingAfter(client));
  } catch (error) {
    differences.push({ tier: 'a', at: 'played', expected: 'an answer', seen: (error as Error).message });
  } finally {
    clearTimeout(timer);
    client.raw.close();
  }
  return { id: one.id, compared: [...compared], differences, recorded: one };
}

const sqlOf = ({ do: [, text] }: RecordedStep): string => (typeof text === 'string' ? text : '');
