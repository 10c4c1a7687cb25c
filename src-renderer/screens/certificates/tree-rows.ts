import type { CertificateRow } from '../../../src-main/contract';
import { certificates as text } from '../../text/certificates';

export const nothingClosed: ReadonlySet<string> = new Set();

/** Ones that nobody accepts as they are. */
const unusable = ({ status }: CertificateRow): boolean => status !== 'valid' && status !== 'expires-soon';

/** Authorities before leaves, then by name with numbers in their order. */
const collator = new Intl.Collator('en', { numeric: true });
export const inOrder = (a: CertificateRow, b: CertificateRow): number =>
  Number(b.purposes.authority) - Number(a.purposes.authority) || collator.compare(a.name, b.name);

export const rowsById = (rows: readonly CertificateRow[]): ReadonlyMap<string, CertificateRow> =>
  new Map(rows.map((row) => [row.id, row]));

/** What stands below each row, in order. */
export function rowsBelow(rows: readonly CertificateRow[]): ReadonlyMap<string, readonly CertificateRow[]> {
  const below = new Map<string, CertificateRow[]>();
  for (const row of rows) {
    if (row.parent === null) continue;
    const list = below.get(row.parent);
    if (list === undefined) below.set(row.parent, [row]);
    else list.push(row);
  }
  for (const list of below.values()) list.sort(inOrder);
  return below;
}

/** Ids of the rows that a filter leaves, with those above them; null: nothing is filtered. */
export function keptRows(
  rows: readonly CertificateRow[],
  filter: string,
  hideUnusable: boolean,
): ReadonlySet<string> | null {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '' && !hideUnusable) return null;
  const kept = new Set<string>();
  for (const row of rows)
    if ((!hideUnusable || !unusable(row)) && (wanted === '' || wordsOf(row).includes(wanted)))
      for (const id of row.chain) kept.add(id);
  return kept;
}

/** Everything the filter looks at. */
const wordsOf = (row: CertificateRow): string =>
  [
    row.name,
    row.file,
    row.serial,
    text.role[row.role],
    text.status(row),
    text.usedBy(row),
    row.faulty === null ? '' : text.faulty,
    ...row.names,
  ]
    .join('\n')
    .toLowerCase();
