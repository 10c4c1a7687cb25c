export interface AuditFile {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a record's facts say, by how it is shown; facts of a kind that is not known stand among the others as they are. */
export interface AuditFacts {
  readonly changes: readonly string[];
  readonly moreChanges: number;
  readonly files: readonly AuditFile[];
  readonly moreFiles: number;
  readonly others: readonly (readonly [name: string, value: string])[];
}

const isFile = (value: unknown): value is AuditFile => {
  const { path, before, after } = (value ?? {}) as Partial<AuditFile>;
  const isSide = (side: unknown): boolean => side === null || typeof side === 'string';
  return typeof path === 'string' && isSide(before) && isSide(after);
};
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
const plain = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value.join(', ')
      : typeof value === 'object' && value !== null && !Array.isArray(value)
        ? pairs(value)
        : JSON.stringify(value);

/** `changed: 2, kept: 0`: what a fact or a step of a trace says, as words. */
export const pairs = (value: object): string =>
  Object.entries(value)
    .map(([name, one]) => `${name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}: ${plain(one) || '–'}`)
    .join(', ');

export function auditFacts(facts: Readonly<Record<string, unknown>>): AuditFacts {
  const { changes, moreChanges, files, moreFiles, ...others } = facts;
  return {
    changes: texts(changes),
    moreChanges: typeof moreChanges === 'number' ? moreChanges : 0,
    files: Array.isArray(files) ? files.filter(isFile) : [],
    moreFiles: typeof moreFiles === 'number' ? moreFiles : 0,
    others: [
      ...Object.entries(others).map(([name, value]) => [name, plain(value)] as const),
      // A number of files, as an export has it.
      ...(typeof files === 'number' ? [['files', String(files)] as const] : []),
    ].filter(([, value]) => value !== ''),
  };
}
