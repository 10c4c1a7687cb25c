import type { Tier } from '../outcome';

type Column = Readonly<Record<string, unknown>>;

/** Numbers that MySQL computes are flagged BINARY, its texts have 31 decimals, its times a length: vtgate's do not. */
function isComputedByVtgate({ table, type, flags, length, decimals, charset }: Column): boolean {
  if (table !== '' || !Array.isArray(flags)) return false;
  switch (type) {
    case 'NULL':
      return !flags.includes('NUM');
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
      return (length as number) <= 6;
    case 'VAR_STRING':
    case 'STRING':
    case 'BLOB':
      return decimals === 0 && length === 0 && charset !== 33;
    default:
      return flags.includes('NUM') && !flags.includes('BINARY');
  }
}

/** A column named after an expression as Vitess prints it. */
const isPrinted = ({ name, table }: Column, sql: string): boolean =>
  table === '' && typeof name === 'string' && /\W/.test(name) && !/^\s*show\b/i.test(sql) && !sql.includes(name);

/** Statements about the servers at hand: MySQL's threads, logs, caches and statistics, vtgate's build. */
const serverState =
  /^\s*show\s+(?:global\s+|session\s+|full\s+)?(?:status|processlist|table\s+status|open\s+tables|index|indexes|keys|binlog|binary)\b|^\s*explain\b|@@(?:session\.|global\.)?ssl_|\bversion_comment\b|\bcardinality\b|\bstatistics\b/i;

const hasPlace = /\{dir\}/;

/** Which tier each part of a recorded answer belongs to, and the tiers in which it has anything. */
export interface Tiers {
  (path: string): Tier | null;
  readonly compared: ReadonlySet<Tier>;
}

/**
 * The tiers of one answer. Names, lengths, decimals and flags of what vtgate computes follow from the statement as it
 * normalises it, so they are tier b like that. Values of rows that tell the state of the MySQL at hand are not compared.
 */
export function tiersOf(expected: unknown, sql: string): Tiers {
  const compared = new Set<Tier>(['a']);
  const isUnordered = /\binformation_schema\b/i.test(sql) && !/\border\s+by\b/i.test(sql);
  const tier = (path: string): Tier | null => {
    if (path.endsWith('.printed')) return at(expected, path) === '' ? 'a' : 'b';
    if (/\brows(?:\[\d+\]|$)|rowCount$/.test(path) && serverState.test(sql)) return null;
    // Which rows of the data dictionary come first without ORDER BY depends on MySQL's statistics; how many is compared.
    if (/\brows(?:\[\d+\]|$)/.test(path) && isUnordered && at(expected, 'rowCount') !== undefined) return null;
    const part = /^(.*(?:columns|columnDefs)\[\d+\])\.(\w+)(?:\[\d+\])?$/.exec(path);
    if (part === null) return 'a';
    const column = at(expected, part[1] as string) as Column | undefined;
    if (column === undefined) return 'a';
    if (part[2] === 'name') return isPrinted(column, sql) ? 'b' : 'a';
    if (part[2] === 'packetHex') return isPrinted(column, sql) || isComputedByVtgate(column) ? 'b' : 'a';
    // A text's length is that of the folder or the build that was measured.
    if (part[2] === 'length' && (serverState.test(sql) || hasPlace.test(JSON.stringify(at(expected, 'rows') ?? ''))))
      return null;
    const follows = ['length', 'decimals', 'flags'].includes(part[2] as string);
    return follows && (isPrinted(column, sql) || isComputedByVtgate(column)) ? 'b' : 'a';
  };
  visit(expected, '', (path) => {
    const found = tier(path);
    if (found !== null) compared.add(found);
  });
  return Object.assign(tier, { compared });
}

function visit(value: unknown, path: string, leaf: (path: string) => void): void {
  if (Array.isArray(value)) value.forEach((one, index) => visit(one, `${path}[${index}]`, leaf));
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) visit(one, path === '' ? key : `${path}.${key}`, leaf);
  else leaf(path);
}

/** The value at a path such as `results[0].columns[1].name`. */
const at = (value: unknown, path: string): unknown =>
  path
    .split(/\.|\[(\d+)\]/)
    .filter((part) => part !== undefined && part !== '')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key as string], value);
