/** The tablet's table-ACL counters as Vitess names them (servers/tablet/counters.ts). */
export interface RawCounters {
  readonly TableACLAllowed: { readonly [key: string]: number };
  readonly TableACLDenied: { readonly [key: string]: number };
  readonly TableACLPseudoDenied: { readonly [key: string]: number };
  readonly TableACLExemptCount: number;
}

/** What was counted for one table, group, plan and caller since the tablet's start. */
export interface CounterRow {
  readonly tablet: string;
  readonly table: string;
  readonly group: string;
  readonly plan: string;
  readonly caller: string;
  readonly allowed: number;
  readonly denied: number;
  /** Let through by a dry run. */
  readonly wouldBeDenied: number;
}

/**
 * Counters as rows. Labels stand in Vitess's order, joined by full stops, which names themselves cannot hold there. What came
 * after too many names has `other...` for all of them.
 */
export function counterRows(tablet: string, counters: RawCounters): CounterRow[] {
  const rows = new Map<string, { -readonly [K in keyof CounterRow]: CounterRow[K] }>();
  const add = (counts: { readonly [key: string]: number }, what: 'allowed' | 'denied' | 'wouldBeDenied'): void => {
    for (const [key, count] of Object.entries(counts)) {
      const labels = key === 'other...' ? ['…', '…', '…', '…'] : key.split('.');
      const [table = '', group = '', plan = '', caller = ''] = labels;
      const row = rows.get(key) ?? { tablet, table, group, plan, caller, allowed: 0, denied: 0, wouldBeDenied: 0 };
      row[what] += count;
      rows.set(key, row);
    }
  };
  add(counters.TableACLAllowed, 'allowed');
  add(counters.TableACLDenied, 'denied');
  add(counters.TableACLPseudoDenied, 'wouldBeDenied');
  return [...rows.values()];
}
