import type { WatchCounters } from '../../../src-main/contract/areas/watch';

type Counter = WatchCounters['rows'][number];

/** One line of the table of counters. */
export interface CounterLine extends Omit<Counter, 'tablet'> {
  readonly id: string;
  readonly tablets: readonly string[];
  /** Questions a second between the last two looks. */
  readonly rate: number;
}

const keyOf = ({ tablet, table, group, plan, caller }: Counter): string =>
  JSON.stringify([tablet, table, group, plan, caller]);
const indexOf = (sample: WatchCounters | null): ReadonlyMap<string, Counter> =>
  new Map((sample?.rows ?? []).map((row) => [keyOf(row), row]));

/** What a counter has grown by; a tablet that was started again counts from zero. */
const growth = (now: Counter, before: Counter | undefined) => {
  const restarted =
    before === undefined ||
    now.allowed < before.allowed ||
    now.denied < before.denied ||
    now.wouldBeDenied < before.wouldBeDenied;
  return {
    allowed: now.allowed - (restarted ? 0 : before.allowed),
    denied: now.denied - (restarted ? 0 : before.denied),
    wouldBeDenied: now.wouldBeDenied - (restarted ? 0 : before.wouldBeDenied),
  };
};
const sum = (grown: ReturnType<typeof growth>): number => grown.allowed + grown.denied + grown.wouldBeDenied;

/**
 * Counters as lines: since `base` (null: since the tablets' start), with rates since `last`. `all`: one for each counter, else
 * one for each table group and caller.
 */
export function counterLines(
  now: WatchCounters,
  last: WatchCounters | null,
  base: WatchCounters | null,
  all: boolean,
): CounterLine[] {
  const [lastRows, baseRows] = [indexOf(last), indexOf(base)];
  const seconds = last === null ? 0 : (now.at - last.at) / 1_000;
  const lines = new Map<string, { -readonly [K in keyof CounterLine]: CounterLine[K] }>();
  for (const row of now.rows) {
    const grown = growth(row, baseRows.get(keyOf(row)));
    if (sum(grown) === 0) continue;
    const rate = seconds > 0 ? sum(growth(row, lastRows.get(keyOf(row)))) / seconds : 0;
    const id = all ? keyOf(row) : JSON.stringify([row.group, row.caller]);
    const line = lines.get(id);
    if (line === undefined) {
      const { table, plan, group, caller, tablet } = row;
      lines.set(id, {
        id,
        tablets: [tablet],
        group,
        caller,
        rate,
        ...grown,
        table: all ? table : '',
        plan: all ? plan : '',
      });
      continue;
    }
    line.allowed += grown.allowed;
    line.denied += grown.denied;
    line.wouldBeDenied += grown.wouldBeDenied;
    line.rate += rate;
    if (!line.tablets.includes(row.tablet)) line.tablets = [...line.tablets, row.tablet];
  }
  return [...lines.values()];
}
