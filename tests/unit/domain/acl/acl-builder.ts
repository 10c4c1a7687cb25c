import { parseAclFile, type AclFileReading, type TableAcl } from '../../../../src-main/domain/acl';
import type { Fidelity } from '../../../../src-main/domain/fidelity/fidelity';
import type { Plan, TablePermission } from '../../../../src-main/domain/sql/reading';

export const recorded: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
export const current: Fidelity = { mode: 'vitess', version: '24.0.4' };
export const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };
export const hardenedRecorded: Fidelity = { mode: 'hardened', version: '24.0-recorded' };

/** Reads a text, or a value as JSON, as the file `acl.json`. */
export const read = (
  content: unknown,
  known: { knownPrincipals?: string[]; knownTables?: string[] } = {},
  fidelity = current,
): AclFileReading =>
  parseAclFile(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), {
    file: 'acl.json',
    fidelity,
    ...known,
  });

/** The ACL of a text that must load. */
export function load(content: unknown): TableAcl {
  const { acl, vitess } = read(content);
  if (acl === null) throw new Error(`the ACL must load: ${vitess.message}`);
  return acl;
}

/** `orders READER` as a question. */
export const ask = (words: string): TablePermission => {
  const [table = '', role = 'READER'] = words.split(' ');
  return { table, role: role as TablePermission['role'] };
};

/** A plan that asks these questions. */
export const plan = (
  questions: readonly string[],
  rest: Partial<Extract<Plan, { kind: 'plan' }>> = {},
): Extract<Plan, { kind: 'plan' }> => ({
  kind: 'plan',
  name: 'Select',
  permissions: questions.map(ask),
  undetermined: null,
  dualOnly: false,
  ...rest,
});

export const caller = (username: string, ...groups: string[]): { username: string; groups: string[] } => ({
  username,
  groups,
});
