import type { Decision, TableAcl } from '../acl';
import type { ImmediateCaller } from '../identity';
import type { Outcome } from '../probes';
import type { Tablet } from '../topology';
import { accessRemedies, closingRemedies, denyingRemedies } from './access-remedies';
import type { Decided, DecidedTable } from './hop-access';
import { roleWord } from './hop-identity';
import type { Remedy } from './remedy';
import { code, listed, name, place, rich, strong, type Rich } from './rich';
import { shownVerdict } from './shown-verdict';

/** What one cell is predicted from. */
export interface CellGround {
  readonly acls: ReadonlyMap<string, TableAcl>;
  readonly tablet: Tablet | null;
  readonly user: string | null;
  readonly nameFromUsersFile: boolean;
}

/** Why a cell is predicted as it is, in five lines at most, with the place that decides and the ways to change it. */
export interface CellWhy {
  readonly lines: readonly Rich[];
  readonly place: { readonly file: string; readonly line: number } | null;
  readonly remediesTitle: 'Ways to allow' | 'Ways to deny' | null;
  readonly remedies: readonly Remedy[];
}

/** The decision as the trace writes it, so that both are explained by one hand. */
const asDecided = (decision: Decision): Decided => ({
  verdict: decision.verdict,
  enforcement: decision.enforcement,
  wouldBe: decision.wouldBe ?? null,
  caller: decision.caller?.username ?? null,
  groups: decision.caller?.groups ?? [],
  undetermined: decision.undetermined,
  tables: decision.tables.map(({ permission, ...rest }): DecidedTable => ({ ...permission, ...rest })),
  message: decision.message,
  reason: decision.reason,
});

/**
 * Needs, cover, members, caller, verdict: the five lines of a cell (ux: Why?). `immediate` null: nobody gets as far as
 * the tablet, and the outcome's own words stand alone.
 */
export function whyCell(
  ground: CellGround,
  immediate: ImmediateCaller | null,
  decision: Decision | null,
  outcome: Outcome,
): CellWhy {
  if (immediate === null || decision === null)
    return {
      lines: [
        outcome.message === null
          ? rich`It never gets as far as the table ACL.`
          : rich`It never gets as far as the table ACL: ${code(outcome.message.trim())}`,
      ],
      place: null,
      remediesTitle: null,
      remedies: [],
    };
  const decided = asDecided(decision);
  const table = decided.tables.find(({ granted }) => !granted) ?? decided.tables[0];
  const lines: Rich[] = [];
  if (table !== undefined) {
    lines.push(rich`The statement needs ${code(table.table)} · ${roleWord[table.role]}.`);
    if (table.file === null) lines.push(rich`No table ACL is loaded. Nobody is listed.`);
    else if (table.entry === null) lines.push(rich`No table group covers ${code(table.table)}. Nobody is listed.`);
    else {
      const group = ground.acls
        .get(table.file)
        ?.groups.find((one) => one.name === table.group && one.entries.some(({ text }) => text === table.entry));
      const members =
        group === undefined || table.list === null ? [] : group[table.list].principals.map(({ text }) => name(text));
      lines.push(rich`Table group ${name(table.group)} covers it (entry ${code(table.entry)}).`);
      lines.push(
        members.length === 0
          ? rich`Its list of ${table.list ?? ''} is empty.`
          : rich`Its ${table.list ?? ''}: ${listed(members)}. ${place(table.file, table.line)}`,
      );
    }
  } else lines.push(rich`${decision.reason}`);
  lines.push(
    immediate.groups.length === 0
      ? rich`The caller is ${strong(immediate.username)}, without groups.`
      : rich`The caller is ${strong(immediate.username)}, in ${immediate.groups.length === 1 ? 'group' : 'groups'} ${listed(immediate.groups.map(name))}.`,
  );
  const shown = shownVerdict(outcome, decided);
  const mode =
    ground.tablet?.acl.dryRun === true
      ? 'a dry run'
      : ground.tablet?.acl.strict === true
        ? 'strict'
        : 'strict mode off';
  const words = {
    allowed: rich`Allowed (${mode}).`,
    denied: rich`Denied (${mode}).`,
    refused: rich`Refused.`,
    'would-be-denied': rich`It would be denied, but ${mode} lets it pass.`,
    'not-enforced': rich`It is let through: ${mode}, nothing is enforced.`,
  }[shown];
  lines.push(words);
  const remedyGround = {
    acls: ground.acls,
    tablet: ground.tablet,
    tabletIndex: 0,
    user: ground.user,
    nameFrom: ground.nameFromUsersFile ? 'users-file' : null,
  };
  const remedies =
    shown === 'allowed'
      ? denyingRemedies(remedyGround, decided)
      : shown === 'denied'
        ? accessRemedies(remedyGround, decided, table ?? null)
        : closingRemedies(remedyGround, decided, table ?? null);
  return {
    lines,
    place: table?.file == null || table.line === null || table.line < 1 ? null : { file: table.file, line: table.line },
    remediesTitle: remedies.length === 0 ? null : shown === 'denied' ? 'Ways to allow' : 'Ways to deny',
    remedies,
  };
}
