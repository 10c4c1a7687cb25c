import type { ImmediateCaller } from '../identity/caller-id';
import { quoted } from './notes';
import type { Decision, TableDecision } from './decision';

const doing = { READER: 'read', WRITER: 'write', ADMIN: 'change the definition of' } as const;

const asking = (caller: ImmediateCaller | null): string =>
  caller === null
    ? 'a caller without an ID'
    : caller.username === ''
      ? 'the caller with an empty name'
      : quoted(caller.username);

const groupWords = (group: string): string => (group === '' ? 'a nameless group' : `group ${quoted(group)}`);

/** `acl.json, line 7`; the file alone where it has no lines. */
const placeWords = ({ file, line }: TableDecision): string =>
  line === null || line === 0 ? (file ?? 'no file') : `${file ?? 'no file'}, line ${line}`;

/** Why one question was answered with yes. */
function grantWords(caller: ImmediateCaller | null, table: TableDecision): string {
  const { permission, principal, list } = table;
  const may = `may ${doing[permission.role]} ${quoted(permission.table)}`;
  if (principal === null) return `${may}, as everybody may`;
  const by = caller !== null && caller.username === principal ? 'it is' : `its group ${quoted(principal)} is`;
  return `${may} because ${by} in ${list ?? ''} of ${groupWords(table.group)} (${placeWords(table)})`;
}

/** Why one question was answered with no. */
function denialWords(caller: ImmediateCaller | null, table: TableDecision): string {
  const { permission, list, file } = table;
  const may = `${asking(caller)} may not ${doing[permission.role]} ${quoted(permission.table)}`;
  if (file === null) return `${may} because no ACL is loaded`;
  if (list === null) return `${may} because no entry of ${file} covers this table`;
  const whom = caller !== null && caller.groups.length > 0 ? 'neither it nor one of its groups is' : 'it is not';
  return `${may} because ${whom} in ${list} of ${groupWords(table.group)} (${placeWords(table)})`;
}

/** What strict enforcement would find to object to, or null. */
function objection(decision: Omit<Decision, 'reason'>): string | null {
  const { caller, tables, undetermined, wouldBe } = decision;
  if (wouldBe === undefined) return null;
  if (wouldBe === 'cannot-decide')
    return `the tables of this statement cannot be determined (${undetermined ?? 'unknown'})`;
  if (caller === null) return 'the request carries no caller ID';
  const denied = tables.find(({ granted }) => !granted);
  return denied === undefined ? 'a table is not granted' : denialWords(caller, denied);
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The sentence that a decision carries with it; short where the answer is a plain yes. */
export function reasonFor(decision: Omit<Decision, 'reason'>): string {
  const { verdict, enforcement, caller, tables } = decision;
  if (decision.code === 'UNAUTHENTICATED') return 'The request carries no caller ID, which strict mode refuses.';
  const last = tables.at(-1);
  if (verdict === 'deny') return last === undefined ? 'Denied.' : sentence(denialWords(caller, last));
  if (verdict === 'cannot-decide')
    return `The tables of this statement cannot be determined (${decision.undetermined ?? 'unknown'}), so it is refused.`;

  const against = objection(decision);
  switch (enforcement) {
    case 'dual':
      return against === null
        ? 'It reads only dual, which is not asked for.'
        : `Its FROM is dual, so nothing is asked, though ${against}.`;
    case 'exempt':
      return against === null
        ? 'The caller is exempt from the table ACL.'
        : `The caller is exempt from the table ACL, though ${against}.`;
    case 'dry-run':
      return against === null
        ? 'Granted; a dry run would let it pass anyway.'
        : `It passes because this is a dry run, though ${against}.`;
    case 'strict-off':
      return against === null
        ? 'Granted; with strict mode off it would pass anyway.'
        : `It passes because strict mode is off, though ${against}.`;
    case 'no-acl':
      return against === null
        ? 'It asks for no table, and no ACL is loaded.'
        : `It passes because strict mode is off, though ${against}.`;
    case 'enforced':
      if (against !== null) return `It passes because this version of Vitess does not mind that ${against}.`;
      return tables.length === 0 ? 'The statement asks for no table.' : 'Every table is granted.';
  }
}

/** One plain sentence that says who may do what, or what stands against it, and quotes file and line. */
export function explainDecision(decision: Decision): string {
  const { caller, tables, verdict, wouldBe, reason } = decision;
  if (verdict !== 'allow' || wouldBe !== undefined || tables.length === 0) return reason;
  const granted = [...new Set(tables.map((table) => grantWords(caller, table)))].join(', and ');
  const yet = decision.enforcement === 'enforced' ? '' : `; ${reason.charAt(0).toLowerCase()}${reason.slice(1, -1)}`;
  return sentence(`${asking(caller)} ${granted}${yet}`);
}
