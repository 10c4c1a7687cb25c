import { readStatement, type TablePermission } from '../sql';
import { between, objectIn, textIn, textsOf, type TraceFacts } from './input';
import { code, name, rich, strong, type Rich } from './rich';
import type { Hop, Step } from './trace';

/** How a role is called on the screen. */
export const roleWord = { READER: 'Reader', WRITER: 'Writer', ADMIN: 'Admin' } as const;

/** Who the gateway said is asking; null when it never came to that. */
export interface Identity {
  readonly username: string;
  readonly groups: readonly string[];
  readonly nameFrom: string;
}

export function identityOf(facts: TraceFacts): Identity | null {
  const step = facts.part('gateway', 'identity.derived');
  const immediate = objectIn(step, 'immediate');
  if (immediate === null) return null;
  return {
    username: typeof immediate['username'] === 'string' ? immediate['username'] : '',
    groups: textsOf(immediate['groups']),
    nameFrom: textIn(step, 'nameFrom'),
  };
}

/** The tables that the statement asks for and in which role, by our own reading; null: it cannot be read. */
export function permissionsOf(facts: TraceFacts): readonly TablePermission[] | null {
  return planOf(facts)?.permissions ?? null;
}

function planOf(facts: TraceFacts) {
  const { execute } = readStatement(facts.cell.sql, { fidelity: facts.world.fidelityOf(null) });
  return execute.kind === 'plan' ? execute : null;
}

const groupWords = (groups: readonly string[]): Rich =>
  groups.length === 0
    ? rich`, no groups`
    : rich`, ${groups.length === 1 ? 'group' : 'groups'} ${groups.flatMap((group, index) => [...(index === 0 ? [] : rich`, `), name(group)])}`;

/** How the name came about, as a line of names. */
function derivation(
  facts: TraceFacts,
  identity: Identity,
): { readonly mark: Step['mark']; readonly text: Rich; readonly details: Rich[] } {
  const { cell } = facts;
  const result = rich`immediate caller ${strong(identity.username)}${groupWords(identity.groups)}`;
  const user = cell.caller.user ?? '';
  const passed = (text: Rich, details: Rich[] = []) => ({ mark: 'passed' as const, text, details });
  const warning = (text: Rich, details: Rich[]) => ({ mark: 'warning' as const, text, details });
  switch (identity.nameFrom) {
    case 'users-file':
      return identity.username === ''
        ? warning(rich`User ${name(user)} → no UserData → ${result}`, [
            rich`The matching entry has no UserData, so tables know this caller by an empty name.`,
          ])
        : passed(rich`User ${name(user)} → UserData ${name(identity.username)} → ${result}`);
    case 'certificate':
      return passed(rich`Certificate → common name ${name(identity.username)} → ${result}`, [
        rich`The certificate's DNS names are the groups.`,
      ]);
    case 'effective-caller-id':
      return warning(rich`Claimed name ${name(identity.username)} → ${result}`, [
        rich`Anyone who may call this gateway can claim this name: nobody checks it.`,
      ]);
    case 'static-authentication':
      return passed(rich`gRPC user ${name(user)} → ${result}`);
    case 'no-authentication':
      return warning(rich`Authentication is off → ${result}`, [rich`Everybody has this name.`]);
    default:
      return warning(rich`Nothing names the caller → ${result}`, [
        rich`The gateway makes one name of everybody it does not know.`,
      ]);
  }
}

function effective(facts: TraceFacts): Step | null {
  const caller = objectIn(facts.part('gateway', 'identity.derived'), 'effective');
  if (caller === null) return null;
  const parts = ['principal', 'component', 'subcomponent']
    .map((key) => String(caller[key] ?? ''))
    .filter((text) => text !== '');
  return {
    mark: 'passed',
    text: rich`Effective caller: ${parts.join(', ')}`,
    details: [],
    side: 'gateway',
    milliseconds: null,
  };
}

/** What the statement asks for, by our own reading of it. */
function needs(facts: TraceFacts): Pick<Step, 'mark' | 'text'> {
  const plan = planOf(facts);
  if (plan === null) return { mark: 'warning', text: rich`The statement cannot be read` };
  const asked = plan.permissions.filter(({ table }) => table !== 'dual');
  if (plan.undetermined !== null)
    return { mark: 'warning', text: rich`Which tables the statement needs cannot be determined: ${plan.undetermined}` };
  return { mark: 'passed', text: asked.length === 0 ? rich`Statement needs no table` : neededText(asked) };
}

function neededText(asked: readonly TablePermission[]): Rich {
  return rich`Statement needs ${asked.flatMap(({ table, role }, index) => [
    ...(index === 0 ? [] : rich`, `),
    code(table),
    ...rich` · ${roleWord[role]}`,
  ])}`;
}

/** Whether the gateway handed the statement on. */
export const forwarded = (facts: TraceFacts): boolean => facts.part('gateway', 'statement.forwarded') !== undefined;

/** Hop B: what the gateway made of the caller and the statement. */
export function identityHop(facts: TraceFacts): Hop {
  const identity = identityOf(facts);
  const steps: Step[] = [];
  if (identity !== null) {
    const { mark, text, details } = derivation(facts, identity);
    steps.push({ mark, text, details, side: 'gateway', milliseconds: null });
    const claimed = effective(facts);
    if (claimed !== null) steps.push(claimed);
  }
  const { attempt, actual } = facts;
  const reached = attempt.stage === 'statement' || attempt.stage === 'done';
  const refused = reached && attempt.stage !== 'done' && actual.stoppedAt === 'gateway';
  if (reached) steps.push({ ...needs(facts), details: [], side: 'gateway', milliseconds: null });
  if (reached && attempt.stage === 'done' && !forwarded(facts) && facts.recorded !== null)
    steps.push({
      mark: 'passed',
      text: rich`The gateway answered by itself; no tablet was asked`,
      details: [],
      side: 'gateway',
      milliseconds: null,
    });
  const said = refused ? (attempt.error?.message ?? attempt.failure) : null;
  return {
    id: 'B',
    title: 'Gateway: who is this?',
    summary: identity === null ? rich`` : rich`immediate caller ${strong(identity.username)}`,
    mark: refused
      ? 'failed'
      : identity === null
        ? reached
          ? 'not-recorded'
          : 'not-reached'
        : steps.some(({ mark }) => mark === 'warning')
          ? 'warning'
          : 'passed',
    milliseconds: between(
      (facts.client('mysql.statement-sent') ?? facts.part('gateway', 'identity.derived'))?.atMicros,
      (facts.part('gateway', 'statement.forwarded') ?? facts.part('gateway', 'statement.answered'))?.atMicros,
    ),
    steps,
    said,
    bothSides: null,
    why: refused ? [rich`The gateway refused the statement before any tablet saw it.`] : [],
    remediesTitle: null,
    remedies: [],
  };
}
