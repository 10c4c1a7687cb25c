import { groupHints, SimilarNames, type FormGroup, type GroupList } from '../../domain/acl';
import type { Finding } from '../../domain/kernel';
import type { Tablet } from '../../domain/topology';
import type { AclFile, AclFormName, AclGroup } from '../../contract/areas/access';
import { readAcl, type AclText, type LastGood } from './acl-texts';
import type { AccessWorld } from './access-world';
import type { Fidelity } from '../../domain/fidelity/fidelity';

/** More findings than this say no more; errors come first. */
export const MAX_FINDINGS = 500;

const levels = { error: 0, warning: 1, info: 2 } as const;

/** At most `MAX_FINDINGS`, the gravest first where there are more; in file order otherwise. */
export function fewest(findings: readonly Finding[]): Finding[] {
  if (findings.length <= MAX_FINDINGS) return [...findings];
  return [...findings].sort((a, b) => levels[a.level] - levels[b.level]).slice(0, MAX_FINDINGS);
}

/** What the page shows of one ACL file of the draft. */
export function aclFileView(
  draft: AclText,
  context: {
    readonly applied: AclText;
    readonly tablets: readonly Tablet[];
    readonly world: AccessWorld;
    readonly good: LastGood;
    readonly fidelity: Fidelity;
  },
): AclFile {
  const { applied, tablets, world, good, fidelity } = context;
  const { path, version, state, text } = draft;
  const readable = state === 'text' || state === 'binary';
  const { reading, groups } = readAcl(state === 'binary' ? text : draft.bytes, {
    file: path,
    fidelity,
    ...world.knownNames(tablets),
  });
  const appliedGroups = readAcl(applied.text, { file: path, fidelity }).groups;
  if (readable) good.note(path, text, groups, reading.acl);
  const lastGood = readable ? good.form(path)?.groups : undefined;
  const shown = groups ?? lastGood ?? (readable ? appliedGroups : null);
  const form = new FormView(shown ?? [], appliedGroups, tablets, world);
  return {
    path,
    version,
    state,
    text,
    form: readable && groups !== null ? 'text' : shown === null ? 'none' : shown === lastGood ? 'last-good' : 'applied',
    groups: form.groups(reading.findings, groups !== null),
    vitess: readable
      ? { accepted: reading.vitess.accepted, message: reading.vitess.message }
      : { accepted: false, message: null },
    findings: readable ? fewest(reading.findings) : [],
    tablets: tablets.map(({ alias }) => alias),
  };
}

type NamesOfGroup = Readonly<Record<GroupList, ReadonlySet<string>>>;

class FormView {
  readonly #tables: readonly string[];
  readonly #tableSet: ReadonlySet<string>;
  readonly #similarTables: SimilarNames;
  readonly #principals = new Map<string, Pick<AclFormName, 'kind' | 'matches' | 'nearest'>>();
  readonly #applied: ReadonlyMap<string, NamesOfGroup> | null;

  constructor(
    readonly shown: readonly FormGroup[],
    applied: readonly FormGroup[] | null,
    tablets: readonly Tablet[],
    readonly world: AccessWorld,
  ) {
    this.#tableSet = new Set(tablets.flatMap(({ keyspace }) => world.tablesOf(keyspace)));
    this.#tables = [...this.#tableSet];
    this.#similarTables = new SimilarNames(this.#tables);
    const namesOf = ({ lists: { entries, readers, writers, admins } }: FormGroup): NamesOfGroup => {
      const set = (list: { readonly names: readonly { readonly text: string }[] }): ReadonlySet<string> =>
        new Set(list.names.map(({ text }) => text));
      return { entries: set(entries), readers: set(readers), writers: set(writers), admins: set(admins) };
    };
    this.#applied = applied === null ? null : new Map(applied.map((group) => [group.name, namesOf(group)]));
  }

  groups(findings: readonly Finding[], current: boolean): AclGroup[] {
    return this.shown.map((group, index): AclGroup => {
      const { name, line } = group;
      const end = this.shown[index + 1]?.line ?? Number.POSITIVE_INFINITY;
      const applied = this.#applied?.get(name);
      const names = (list: GroupList): AclFormName[] =>
        group.lists[list].names.map(({ text, line: at }) => ({
          text,
          line: at,
          added: this.#applied !== null && applied?.[list].has(text) !== true,
          ...(list === 'entries' ? this.#entry(text) : this.#principal(text)),
        }));
      const entries = names('entries');
      return {
        name,
        line,
        entries,
        readers: names('readers'),
        writers: names('writers'),
        admins: names('admins'),
        tables: entries.reduce((sum, { matches }) => sum + matches, 0),
        added: this.#applied !== null && applied === undefined,
        hints: groupHints(group, this.shown),
        findings: current
          ? findings.filter((found) => found.level !== 'info' && found.line >= line && found.line < end)
          : [],
      };
    });
  }

  #entry(text: string): Pick<AclFormName, 'kind' | 'matches' | 'nearest'> {
    const prefix = text.endsWith('%') ? text.slice(0, -1) : null;
    const matches =
      prefix === null
        ? Number(this.#tableSet.has(text))
        : this.#tables.filter((table) => table.startsWith(prefix)).length;
    if (matches > 0) return { kind: prefix === null ? 'table' : 'prefix', matches, nearest: null };
    if (this.#tables.length === 0 || text === '' || text === 'dual')
      return { kind: 'unchecked', matches, nearest: null };
    return { kind: 'unknown', matches, nearest: prefix === null ? this.#similarTables.nearest(text) : null };
  }

  #principal(text: string): Pick<AclFormName, 'kind' | 'matches' | 'nearest'> {
    let found = this.#principals.get(text);
    if (found === undefined) {
      const { world } = this;
      const known = world.principals.get(text);
      const kind = known ?? (world.checksPrincipals ? 'unknown' : 'unchecked');
      found = {
        kind,
        matches: world.admits(text),
        nearest: kind === 'unknown' && text !== '' ? world.nearest(text) : null,
      };
      this.#principals.set(text, found);
    }
    return found;
  }
}
