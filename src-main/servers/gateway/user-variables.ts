import type { SetAssignment } from '../../domain/sql';
import { query } from '../rpc';
import type { Forwarder } from './forwarder';
import type { StatementResult } from './result';
import { stringLiteral } from './rewrite';
import type { GatewaySession } from './session';
import type { StatementCall } from './statement-call';
import type { StatementPlan } from './statement-plan';
import { bindText } from './text-binds';

/** A user variable with a constant for its value. */
export interface PendingVariable {
  /** `@`name` = value`, as SET takes it. */
  readonly assignment: string;
  readonly value: query.IBindVariable;
  /** The constant as it was written. */
  readonly literal: string;
}

/** The bind variable of a constant that vtgate keeps in its session; null for what is not told apart here. */
function constantOf(text: string): query.IBindVariable | null {
  if (/^null$/i.test(text)) return { type: query.Type.NULL_TYPE };
  if (/^-?\d{1,18}$/.test(text)) return { type: query.Type.INT64, value: Buffer.from(text) };
  const inner = /^'([^'\\]*)'$/.exec(text)?.[1];
  return inner === undefined ? null : { type: query.Type.VARCHAR, value: Buffer.from(inner) };
}

/** The user variables of a SET by lower-case name, if all are set to constants; null otherwise. */
export function constantVariables(
  sql: string,
  assignments: readonly SetAssignment[],
): ReadonlyMap<string, PendingVariable> | null {
  const found = new Map<string, PendingVariable>();
  for (const { scope, name, start, end } of assignments) {
    if (scope !== 'user') continue;
    const text = sql.slice(start, end).trim();
    const value = constantOf(text);
    if (value === null) return null;
    found.set(name.toLowerCase(), { assignment: `@\`${name.replaceAll('`', '``')}\` = ${text}`, value, literal: text });
  }
  return found;
}

const isNumber = (type: number): boolean => (type & 256) !== 0 || type === query.Type.DECIMAL;

/** A value of a user variable as SQL text of the same type. */
function literalOf({ type, value }: query.IBindVariable): string {
  const bytes = Buffer.from(value ?? []);
  if (type === query.Type.NULL_TYPE) return 'null';
  const text = bytes.toString('utf8');
  if (isNumber(type ?? 0)) return text;
  if (type === query.Type.FLOAT64) return /e/i.test(text) ? text : `${text}e0`;
  return Buffer.from(text, 'utf8').equals(bytes) ? stringLiteral(text) : `x'${bytes.toString('hex')}'`;
}

/**
 * Takes the user variables that only the session's MySQL connection knows into the session, before that connection is
 * given up; `ask` runs a statement there.
 */
export async function keepVariables(
  session: GatewaySession,
  ask: (sql: string) => Promise<StatementResult>,
): Promise<void> {
  const { pendingVariables, userVariables } = session;
  const names = [...userVariables].filter((name) => !pendingVariables.has(name));
  if (names.length === 0 || session.shards.every(({ reservedId }) => reservedId === 0n)) return;
  const quoted = names.map((name) => `\`${name.replaceAll('`', '``')}\``);
  const values = bindText(await ask(`select ${quoted.map((name) => `@${name}`).join(', ')}`));
  names.forEach((name, at) => {
    const value = values[`v${at + 1}`] ?? { type: query.Type.NULL_TYPE };
    const literal = literalOf(value);
    pendingVariables.set(name, { assignment: `@${quoted[at]} = ${literal}`, value, literal });
  });
}

/** Statements that see to the variables they read by themselves. */
const ownVariables = new Set<StatementPlan['kind']>(['set', 'prepare', 'execute', 'deallocate']);

const readsVariables = ({ kind, marks }: StatementPlan): boolean =>
  !ownVariables.has(kind) && marks.some((mark) => mark.kind === 'user-variable');

/** Whether the session itself has the value of every user variable that a query reads. */
const readsKnownOnly = ({ kind, marks, setsUserVariables }: StatementPlan, session: GatewaySession): boolean =>
  (kind === 'select' || kind === 'select-no-table') &&
  !setsUserVariables &&
  marks.every((mark) => {
    const name = mark.name.toLowerCase();
    return mark.kind !== 'user-variable' || session.pendingVariables.has(name) || !session.userVariables.has(name);
  });

/** Whether a statement reads user variables that MySQL must know by then, where the session has some that it does not. */
export const needsPending = (plan: StatementPlan, session: GatewaySession): boolean =>
  readsVariables(plan) && !readsKnownOnly(plan, session);

/** Tells the session's MySQL connection of the user variables that it does not know yet. */
export async function sendPending(forwarder: Forwarder, call: StatementCall): Promise<void> {
  const { pendingVariables } = call.session;
  const assignments = [...pendingVariables.values()].map(({ assignment }) => assignment).join(', ');
  const unseen = { ...call, counted: undefined };
  await forwarder.forwardText(unseen, `set ${assignments}`, { mayBegin: false, reserve: true });
  pendingVariables.clear();
}
