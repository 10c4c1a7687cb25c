import { readStatement, type Plan, type TablePermission } from '../../../src-main/domain/sql';
import { compare } from './compare';
import type { CaseOutcome, Difference, Replay, Tier } from './outcome';

interface RecordedPlan {
  readonly plan?: string;
  readonly permissions?: readonly TablePermission[];
  readonly error?: string;
  readonly code?: string;
  readonly panic?: string;
}

interface Recording {
  readonly schema: readonly string[];
  readonly cases: readonly {
    readonly id: string;
    readonly sql: string;
    readonly type?: string;
    readonly parseError?: string;
    readonly execute?: RecordedPlan;
    readonly stream?: RecordedPlan;
  }[];
}

/** Which table is a sequence: its comment says so (vitess-behaviour §5). */
const sequence = /create table (\w+)[\s\S]*comment\s*=?\s*'vitess_sequence'/i;

/** permissions.json: statement types, plans and the permissions they ask for, from the reader alone. */
export const replayPermissions: Replay = async function* (recording, { fidelity, only }) {
  const { schema, cases } = recording as Recording;
  const tables = new Set(['dual', ...schema.flatMap((line) => /^create (?:table|view) (\w+)/i.exec(line)?.[1] ?? [])]);
  const sequences = new Set(schema.flatMap((line) => sequence.exec(line)?.[1] ?? []));
  const knownTables = {
    has: (name: string) => tables.has(name),
    isSequence: (name: string) => sequences.has(name),
  };
  for (const one of cases) {
    if (only !== undefined && !only(one.id)) continue;
    const { type, execute, stream } = readStatement(one.sql, { fidelity, knownTables, isCut: true });
    const { parseError } = one;
    const expected =
      parseError !== undefined
        ? { type: 'UNKNOWN', execute: refused(parseError), stream: refused(parseError) }
        : { type: one.type, execute: recordedPlan(one.execute), stream: recordedPlan(one.stream) };
    const seen = { type, execute: seenPlan(execute), stream: seenPlan(stream) };
    yield outcomeOf(one.id, one, compare(expected, seen, tierOf), parseError !== undefined);
  }
};

const tierOf = (at: string): Tier => (at.endsWith('.position') ? 'b' : 'a');

function outcomeOf(id: string, recorded: unknown, differences: Difference[], positions: boolean): CaseOutcome {
  return { id, compared: positions ? ['a', 'b'] : ['a'], differences, recorded };
}

/** A refusal; what follows `syntax error` is a position and text near it, kept apart. */
function refused(message: string, code = 'INVALID_ARGUMENT') {
  const syntax = /^(syntax error) at ([\s\S]*)$/.exec(message);
  return syntax === null ? { code, message } : { code, message: syntax[1], position: syntax[2] };
}

const recordedPlan = (plan: RecordedPlan | undefined) => {
  if (plan === undefined) return undefined;
  if (plan.panic !== undefined) return { panic: true };
  if (plan.error !== undefined) return refused(plan.error, plan.code);
  return { plan: plan.plan, permissions: (plan.permissions ?? []).map(({ table, role }) => `${table}:${role}`) };
};

const seenPlan = (plan: Plan) => {
  if (plan.kind === 'panic') return { panic: true };
  if (plan.kind === 'refused') return refused(plan.message, plan.code);
  const { name, permissions, undetermined } = plan;
  return {
    plan: name,
    permissions: permissions.map(({ table, role }) => `${table}:${role}`),
    ...(undetermined === null ? {} : { undetermined }),
  };
};
