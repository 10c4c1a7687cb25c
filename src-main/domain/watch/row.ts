/**
 * What became of a statement, as far as the part that logged it knows. `answered`: nobody asked the table ACL, or, of a
 * gateway, the tablet's answer does not say what it said; never `allowed` by guess.
 */
export const watchVerdicts = ['allowed', 'denied', 'would-be-denied', 'not-enforced', 'failed', 'answered'] as const;
export type WatchVerdict = (typeof watchVerdicts)[number];

/** An alias as workspaces write it: `zone1-100` of `zone1-0000000100`. */
export const shortAlias = (alias: string): string => alias.replace(/-0+(?=\d+$)/, '-');

/** One record of a live query log. */
export interface WatchRow {
  /** Part and number, unique while the part runs. */
  readonly id: string;
  readonly part: 'gateway' | 'tablet';
  /** Name of the gateway, alias of the tablet. */
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** From its beginning to its end, microseconds. */
  readonly micros: number;
  /** Name that access is decided on; '' where there is none. */
  readonly caller: string;
  /** Tables, of a gateway with their keyspaces. */
  readonly tables: readonly string[];
  /** Table groups that the ACL looked at; only a tablet knows them. */
  readonly groups: readonly string[];
  readonly verdict: WatchVerdict;
  /** The tablet's own sentence on its decision; '' where it made none. */
  readonly reason: string;
  readonly sql: string;
  readonly error: string;
  /** Trace of the connection, '' without one. */
  readonly traceId: string;
  /** Vitess's columns in Vitess's order. */
  readonly columns: readonly (readonly [name: string, value: string])[];
}

/** Which records are wanted; '' and an empty list mean all. Texts are looked for anywhere, in any case. */
export interface WatchFilter {
  readonly part: 'all' | 'gateway' | 'tablet';
  readonly caller: string;
  /** A table or a table group. */
  readonly table: string;
  readonly verdicts: readonly WatchVerdict[];
  /** In the statement, the error or the names. */
  readonly text: string;
}

export const everything: WatchFilter = { part: 'all', caller: '', table: '', verdicts: [], text: '' };

type Filtered = Pick<WatchRow, 'part' | 'caller' | 'tables' | 'groups' | 'verdict' | 'sql' | 'error' | 'name'> & {
  /** Other names it goes by: login name, effective caller. */
  readonly names: readonly string[];
};

/** What the filter's caller says to mean records without one; a user may be named nobody. */
export const noCaller = 'no caller';

/** A test for `filter`, made once for many rows. */
export function rowFilter(filter: WatchFilter): (row: Filtered) => boolean {
  const holds = (wanted: string): ((texts: readonly string[]) => boolean) => {
    const low = wanted.trim().toLowerCase();
    return low === '' ? () => true : (texts) => texts.some((text) => text.toLowerCase().includes(low));
  };
  const [caller, table, text] = [holds(filter.caller), holds(filter.table), holds(filter.text)];
  const without = filter.caller.trim().toLowerCase() === noCaller;
  const verdicts = new Set(filter.verdicts);
  return (row) =>
    (filter.part === 'all' || filter.part === row.part) &&
    (verdicts.size === 0 || verdicts.has(row.verdict)) &&
    ((without && row.caller === '') || caller([row.caller, ...row.names])) &&
    table([...row.tables, ...row.groups]) &&
    text([row.sql, row.error, row.caller, row.name, ...row.names]);
}

/** Whether every record passes. */
export const letsAllThrough = ({ part, caller, table, verdicts, text }: WatchFilter): boolean =>
  part === 'all' && verdicts.length === 0 && [caller, table, text].every((wanted) => wanted.trim() === '');

/** The most that is asked for or told at once. */
export const MOST_ROWS = 500;

/** What is asked of every part of a cluster. */
export interface WatchWish {
  /** Where each part was read to, by `gateway:NAME` and `tablet:ALIAS`; what is left out begins with what is kept. */
  readonly places: { readonly [part: string]: { readonly epoch: string; readonly taken: number } };
  readonly filter: WatchFilter;
  /** Rows at most; the newest ones. */
  readonly limit: number;
  /** Values of bind variables as they are; else as with `--redact-debug-ui-queries`. Passwords never. */
  readonly values: boolean;
}

/** The answer: of one part, or of all together. */
export interface WatchTake {
  /** By time, oldest first. */
  readonly rows: readonly WatchRow[];
  readonly places: WatchWish['places'];
  /** Records that were gone before anybody looked at them. */
  readonly missed: number;
  /** Records that the filter lets through and that were more than `limit`. */
  readonly left: number;
  /** Where no place was told: records of before that were never made or are not kept; programs of earlier versions do not say. */
  readonly before?: number;
}

const plainObject = (value: unknown): { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [key: string]: unknown }) : {};
const isPlace = (value: unknown): value is { epoch: string; taken: number } => {
  const { epoch, taken } = plainObject(value);
  return typeof epoch === 'string' && epoch.length <= 64 && Number.isSafeInteger(taken);
};
const shortText = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 256) : '');

/** A wish that came from another program; what is not understood asks for less, never for more. */
export function readWish(value: unknown): WatchWish {
  const { places, filter, limit, values } = plainObject(value);
  const { part, caller, table, verdicts, text } = plainObject(filter);
  const known = Object.entries(plainObject(places))
    .slice(0, 100)
    .flatMap(([id, place]) => (isPlace(place) ? [[id, { epoch: place.epoch, taken: place.taken }] as const] : []));
  return {
    places: Object.fromEntries(known),
    filter: {
      part: part === 'gateway' || part === 'tablet' ? part : 'all',
      caller: shortText(caller),
      table: shortText(table),
      verdicts: Array.isArray(verdicts) ? watchVerdicts.filter((verdict) => verdicts.includes(verdict)) : [],
      text: shortText(text),
    },
    limit: Number.isInteger(limit) ? Math.min(Math.max(1, limit as number), MOST_ROWS) : 100,
    values: values === true,
  };
}

/** Answers of parts as one: by time, the newest `limit`. */
export function mergeTakes(takes: readonly WatchTake[], limit: number): WatchTake {
  const rows = takes.flatMap((take) => take.rows).sort((a, b) => a.at - b.at);
  const over = Math.max(0, rows.length - limit);
  return {
    rows: rows.slice(over),
    places: Object.assign({}, ...takes.map(({ places }) => places)) as WatchWish['places'],
    missed: takes.reduce((sum, { missed }) => sum + missed, 0),
    left: takes.reduce((sum, { left }) => sum + left, over),
    before: takes.reduce((sum, { before = 0 }) => sum + before, 0),
  };
}
