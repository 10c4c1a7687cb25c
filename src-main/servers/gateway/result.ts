import type { query } from '../rpc';

/** What one statement answered: rows when there are fields, an OK packet's numbers otherwise. */
export interface StatementResult {
  readonly fields: readonly query.Field[];
  readonly rows: readonly query.Row[];
  readonly rowsAffected: bigint;
  readonly insertId: bigint;
  readonly insertIdChanged: boolean;
  readonly info: string;
}

/** Takes a result piece by piece as it arrives. */
export interface ResultSink {
  fields(fields: readonly query.Field[]): Promise<void>;
  rows(rows: readonly query.Row[]): Promise<void>;
}

export const emptyResult: StatementResult = {
  fields: [],
  rows: [],
  rowsAffected: 0n,
  insertId: 0n,
  insertIdChanged: false,
  info: '',
};

/** query.Type of the columns that the gateway makes itself. */
export const columnTypes = { text: 6165, integer: 265, unsigned16: 772, unsigned32: 776 } as const;

/** A field of an answer that the gateway gives itself: utf8 (33) text, or a binary (63) number; not null unless `flags` say so. */
export function ownField(name: string, type: number = columnTypes.text, flags?: number): query.Field {
  const text = type === columnTypes.text;
  return {
    name,
    type,
    table: '',
    orgTable: '',
    database: '',
    orgName: '',
    columnLength: 0,
    charset: text ? 33 : 63,
    decimals: 0,
    flags: flags ?? (text ? 1 : 0x8001),
    columnType: '',
  } as query.Field;
}

/** A row of texts in the form in which tablets send rows. */
export function ownRow(values: readonly (string | null)[]): query.Row {
  const parts = values.map((value) => (value === null ? null : Buffer.from(value)));
  return {
    lengths: parts.map((part) => (part === null ? -1 : part.length)),
    values: Buffer.concat(parts.filter((part) => part !== null)),
  } as query.Row;
}

/** A result of texts that the gateway gives itself. */
export const ownResult = (
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): StatementResult => ({
  ...emptyResult,
  fields: columns.map((name) => ownField(name)),
  rows: rows.map(ownRow),
});

/** The values of one row as texts. */
export function rowTexts(row: query.Row): (string | null)[] {
  let at = 0;
  return row.lengths.map((length) => {
    if (length < 0) return null;
    const text = row.values.toString('utf8', at, at + length);
    at += length;
    return text;
  });
}

/** A copy with other fields and rows; what is read off the wire keeps its defaults on its prototype, which a spread loses. */
export const withContent = (
  { rowsAffected, insertId, insertIdChanged, info, fields, rows }: StatementResult,
  change: Partial<Pick<StatementResult, 'fields' | 'rows'>>,
): StatementResult => ({ rowsAffected, insertId, insertIdChanged, info, fields, rows, ...change });

/** A copy of a field under another name. */
export function renamed(field: query.Field, name: string): query.Field {
  const { type, table, orgTable, database, orgName, columnLength, charset, decimals, flags, columnType } = field;
  return {
    name,
    type,
    table,
    orgTable,
    database,
    orgName,
    columnLength,
    charset,
    decimals,
    flags,
    columnType,
  } as query.Field;
}
