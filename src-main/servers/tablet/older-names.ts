import { systemVariables } from '../../domain/sql';

const mentions = /transaction_(?:isolation|read_only)/i;

/**
 * Whether a server knows the transaction's properties as `tx_isolation` and `tx_read_only` only: MariaDB before 11.1
 * (MariaDB release notes 11.1.1).
 *
 * @param version of the greeting; MariaDB puts `5.5.5-` in front of its own
 */
export function hasOlderNames(version: string): boolean {
  const found = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.\d+.*mariadb/i.exec(version);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major < 11 || (major === 11 && minor < 1);
}

/** The statement with the older names of the two variables wherever it reads or sets them; text in quotes stays. */
export function withOlderNames(sql: string): string {
  if (!mentions.test(sql)) return sql;
  let made = '';
  let from = 0;
  for (const [start, end] of systemVariables(sql)) {
    made += sql.slice(from, start) + sql.slice(start, end).replace(/transaction_(?=isolation|read_only)/i, 'tx_');
    from = end;
  }
  return made + sql.slice(from);
}

const olderHeading = /^(@@(?:(?:session|local|global)\.)?)tx_(?=(?:isolation|read_only)$)/i;

/** A column that a server headed by the older name of the variable it reads, under the name that was asked for. */
export function withNewerHeading<Column extends { readonly name: string }>(column: Column): Column {
  const name = column.name.replace(olderHeading, '$1transaction_');
  // Columns may read their properties from a packet: only the name is put in front of them.
  return name === column.name ? column : (Object.create(column, { name: { value: name, enumerable: true } }) as Column);
}
