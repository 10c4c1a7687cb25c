import { accessRemedies, closingRemedies, denyingRemedies, type RemedyGround } from './access-remedies';
import { identityOf, roleWord } from './hop-identity';
import { between, objectsIn, textIn, textsOf, type TraceFacts } from './input';
import { code, listed, name, place, rich, strong, type Rich } from './rich';
import { ruleStep, rulesOf, ruleWhy } from './rule-step';
import type { Hop, Step } from './trace';

/** One table of a decision as the tablet noted it. */
export interface DecidedTable {
  readonly table: string;
  readonly role: keyof typeof roleWord;
  readonly group: string;
  readonly entry: string | null;
  readonly list: 'readers' | 'writers' | 'admins' | null;
  readonly principal: string | null;
  readonly granted: boolean;
  readonly file: string | null;
  readonly line: number | null;
}

/** The tablet's decision about a statement. */
export interface Decided {
  readonly verdict: string;
  readonly enforcement: string;
  readonly wouldBe: string | null;
  readonly caller: string | null;
  readonly groups: readonly string[];
  readonly undetermined: string | null;
  readonly tables: readonly DecidedTable[];
  readonly message: string | null;
  readonly reason: string;
}

export function decisionOf(facts: TraceFacts): Decided | null {
  const step = facts.part('tablet', 'acl.decided');
  if (step === undefined) return null;
  const text = (key: string): string | null => textIn(step, key) || null;
  return {
    verdict: textIn(step, 'verdict'),
    enforcement: textIn(step, 'enforcement'),
    wouldBe: text('wouldBe'),
    caller: typeof step.data['caller'] === 'string' ? step.data['caller'] : null,
    groups: textsOf(step.data['groups']),
    undetermined: text('undetermined'),
    tables: objectsIn(step, 'tables') as unknown as readonly DecidedTable[],
    message: text('message'),
    reason: textIn(step, 'reason'),
  };
}

const groupWords = (group: string): Rich => (group === '' ? rich`a nameless group` : rich`group ${name(group)}`);

/** One table's answer as a line. */
function tableStep(decided: Decided, table: DecidedTable): Step {
  const what = rich`${code(table.table)} · ${roleWord[table.role]}`;
  const step = (mark: Step['mark'], text: Rich): Step => ({
    mark,
    text,
    details: [],
    side: 'tablet',
    milliseconds: null,
  });
  if (table.table === 'dual') return step('skipped', rich`${what}: dual is not asked for`);
  const where = table.file === null ? rich`` : rich` ${place(table.file, table.line)}`;
  if (table.granted && table.principal !== null) {
    const by = table.principal === decided.caller ? strong(table.principal) : name(table.principal);
    const words = table.principal === decided.caller ? rich`${by} is` : rich`its group ${by} is`;
    return step('passed', rich`${what}: ${words} in ${table.list ?? 'the list'} of ${groupWords(table.group)}${where}`);
  }
  const mark = decided.enforcement === 'enforced' && decided.verdict !== 'allow' ? 'denied' : 'warning';
  if (table.file === null) return step(mark, rich`${what}: no ACL is loaded`);
  if (table.entry === null) return step(mark, rich`${what}: no table group covers it ${place(table.file, null)}`);
  return step(mark, rich`${what}: not in ${table.list ?? 'the list'} of ${groupWords(table.group)}${where}`);
}

/** The list that was asked, and that the caller is not in it. */
function denialSentences(facts: TraceFacts, decided: Decided, table: DecidedTable): Rich[] {
  const caller = strong(decided.caller ?? '');
  if (table.file === null) return [rich`No table ACL is loaded, so nobody is listed for ${code(table.table)}.`];
  if (table.entry === null)
    return [rich`No table group of ${place(table.file, null)} covers ${code(table.table)}. Nobody is listed.`];
  const group = facts.world.acls
    .get(table.file)
    ?.groups.find(
      ({ name: label, entries }) => label === table.group && entries.some(({ text }) => text === table.entry),
    );
  const members =
    table.list === null || group === undefined ? [] : group[table.list].principals.map(({ text }) => name(text));
  const group_ = table.group === '' ? rich`A nameless table group` : rich`Table group ${name(table.group)}`;
  const others: Rich =
    table.list === null
      ? rich``
      : members.length === 0
        ? rich` Its list of ${table.list} is empty.`
        : rich` Its ${table.list} are ${listed(members)}.`;
  const neither =
    decided.groups.length === 0
      ? rich`${caller} is not listed and has no groups.`
      : rich`Neither ${caller} nor ${decided.groups.length === 1 ? 'its group' : 'one of its groups'} ${listed(decided.groups.map(name))} is listed.`;
  const sentences = [rich`${group_} covers ${code(table.table)} (entry ${code(table.entry)}).${others} ${neither}`];
  const elsewhere = (['readers', 'writers', 'admins'] as const).filter(
    (list) =>
      list !== table.list &&
      group !== undefined &&
      (group[list].members.has(decided.caller ?? '') || decided.groups.some((one) => group[list].members.has(one))),
  );
  if (elsewhere.length > 0)
    sentences.push(rich`It is among the ${elsewhere.join(' and ')}; the three lists are independent of each other.`);
  if (table.line !== null) sentences.push(rich`${place(table.file, table.line)}`);
  return sentences;
}

function whyOf(facts: TraceFacts, decided: Decided): Rich[] {
  const refused = decided.tables.find(({ granted }) => !granted);
  if (decided.verdict === 'allow' && decided.wouldBe === null) {
    if (decided.enforcement === 'exempt') return [rich`${strong(decided.caller ?? '')} is exempt from the table ACL.`];
    const [first] = decided.tables.filter(({ table }) => table !== 'dual');
    if (first?.principal == null) return [rich`${decided.reason}`];
    const by =
      first.principal === decided.caller
        ? rich`${strong(first.principal)} is among its ${first.list ?? 'members'}.`
        : rich`Its group ${name(first.principal)} is among the ${first.list ?? 'members'}.`;
    return [
      rich`Table group ${name(first.group)} covers ${code(first.table)} (entry ${code(first.entry ?? '')}). ${by}`,
    ];
  }
  const sentences: Rich[] =
    decided.caller === null
      ? [rich`The tablet got a request without a caller${decided.verdict === 'deny' ? ', and strict mode is on' : ''}.`]
      : refused !== undefined
        ? denialSentences(facts, decided, refused)
        : decided.undetermined !== null
          ? [
              rich`Which tables this statement touches cannot be determined: ${decided.undetermined}. Vitess 24.0.4 refuses such statements in strict mode.`,
            ]
          : [rich`${decided.reason}`];
  if (decided.verdict !== 'allow') return sentences;
  switch (decided.enforcement) {
    case 'dry-run':
      return [...sentences, rich`The tablet runs dry: denied callers get through and are counted.`];
    case 'strict-off':
      return [
        ...sentences,
        rich`Strict mode is off, so nothing is enforced: denied callers get through and are not counted.`,
      ];
    case 'no-acl':
      return [...sentences, rich`Without a list and with strict mode off nothing is enforced.`];
    case 'exempt':
      return [...sentences, rich`The caller is exempt from the table ACL, so it passes all the same.`];
    default:
      return [rich`${decided.reason}`];
  }
}

/** `strict`, `dry run` or `strict off`, as the tablet runs. */
function modeWord(facts: TraceFacts): string {
  const acl = facts.tablet?.acl;
  return acl === undefined ? '' : acl.dryRun ? 'dry run' : acl.strict ? 'strict' : 'strict mode off';
}

/** Hop D: the tablet's decision, table by table. */
export function accessHop(facts: TraceFacts): Hop {
  const base = { id: 'D' as const, title: 'Tablet: may they?', bothSides: null };
  const empty = {
    ...base,
    summary: rich``,
    milliseconds: null,
    steps: [],
    said: null,
    why: [],
    remediesTitle: null,
    remedies: [],
  };
  const decided = decisionOf(facts);
  const received = facts.part('tablet', 'request.received');
  const { actual, attempt } = facts;
  const rules = rulesOf(facts);
  if (decided === null && rules?.message != null)
    return {
      ...empty,
      summary: rich`query rules`,
      mark: 'denied',
      milliseconds: between(received?.atMicros, facts.part('tablet', 'rules.decided')?.atMicros),
      steps: [ruleStep(rules)],
      said: rules.message,
      why: ruleWhy(rules),
    };
  if (decided === null) {
    const atTablet = attempt.stage !== 'done' && actual.stoppedAt === 'tablet';
    if (atTablet && actual.verdict !== 'deny' && received !== undefined)
      return {
        ...empty,
        mark: 'failed',
        steps: [
          {
            mark: 'failed',
            text:
              actual.verdict === 'invalid'
                ? rich`The statement cannot be read`
                : rich`The tablet refused the statement`,
            details: [],
            side: 'tablet',
            milliseconds: null,
          },
        ],
        said: attempt.error?.message ?? attempt.failure,
        why:
          actual.verdict === 'invalid'
            ? [rich`The tablet looks for the tables of a statement first, and this one has a fault in its grammar.`]
            : [rich`It was refused before the table ACL was asked.`],
      };
    const passed = atTablet || attempt.stage === 'done' || actual.stoppedAt === 'backend';
    const asked = facts.part('gateway', 'statement.forwarded') !== undefined || facts.recorded === null;
    return { ...empty, mark: passed && asked && actual.stoppedAt !== 'link' ? 'not-recorded' : 'not-reached' };
  }
  const covering = decided.tables.find(({ entry }) => entry !== null);
  const refused = decided.tables.find(({ granted }) => !granted) ?? covering;
  const mode = modeWord(facts);
  const steps = [
    ...(rules === null ? [] : [ruleStep(rules)]),
    ...decided.tables.map((table) => tableStep(decided, table)),
  ];
  if (decided.tables.length === 0)
    steps.push({
      mark: decided.verdict === 'allow' ? 'passed' : 'denied',
      text:
        decided.undetermined === null ? rich`The statement asks for no table` : rich`Its tables cannot be determined`,
      details: [],
      side: 'tablet',
      milliseconds: null,
    });
  const notBinding = decided.verdict === 'allow' && decided.wouldBe !== null;
  const denied = decided.verdict !== 'allow';
  const ground: RemedyGround = {
    acls: facts.world.acls,
    tablet: facts.tablet,
    tabletIndex: facts.tabletIndex,
    user: facts.cell.caller.user,
    nameFrom: identityOf(facts)?.nameFrom ?? null,
  };
  const remedies = denied
    ? accessRemedies(ground, decided, refused ?? null)
    : notBinding
      ? closingRemedies(ground, decided, refused ?? null)
      : denyingRemedies(ground, decided);
  return {
    ...base,
    summary: refused?.entry == null ? rich`${mode}` : rich`${mode} · table ${groupWords(refused.group)}`,
    mark: denied ? 'denied' : notBinding ? 'warning' : 'passed',
    milliseconds: between(received?.atMicros, facts.part('tablet', 'acl.decided')?.atMicros),
    steps,
    said: denied ? decided.message : null,
    why: whyOf(facts, decided),
    remediesTitle:
      remedies.length === 0 ? null : denied ? 'Ways to allow' : notBinding ? 'Ways to close it' : 'Ways to deny',
    remedies,
  };
}
