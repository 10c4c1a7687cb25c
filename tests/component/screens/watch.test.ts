import { describe, expect, it } from 'vitest';
import type { WatchCounters } from '../../../src-main/contract/areas/watch';
import { auditFacts } from '../../../src-renderer/screens/watch/audit-facts';
import { counterLines } from '../../../src-renderer/screens/watch/counters';

type Row = WatchCounters['rows'][number];
const row = (more: Partial<Row>): Row => ({
  ...{ tablet: 'zone1-100', table: 'orders', group: 'sales', plan: 'Select', caller: 'web' },
  ...{ allowed: 0, denied: 0, wouldBeDenied: 0 },
  ...more,
});
const sample = (at: number, ...rows: Row[]): WatchCounters => ({ cluster: { kind: 'running' }, at, rows });

describe('lines of counters', () => {
  const now = sample(
    3_000,
    row({ allowed: 10 }),
    row({ table: 'order_items', allowed: 5, denied: 1 }),
    row({ tablet: 'zone1-200', allowed: 2 }),
    row({ caller: 'maria', wouldBeDenied: 3 }),
  );
  it('sums for each group and caller, over tables, plans and tablets', () => {
    expect(counterLines(now, null, null, false)).toMatchObject([
      { group: 'sales', caller: 'web', allowed: 17, denied: 1, tablets: ['zone1-100', 'zone1-200'], rate: 0 },
      { group: 'sales', caller: 'maria', wouldBeDenied: 3 },
    ]);
  });
  it('or tells every counter by itself', () => expect(counterLines(now, null, null, true)).toHaveLength(4));
  it('has rates between two looks', () => {
    const last = sample(1_000, row({ allowed: 4 }));
    const [line] = counterLines(now, last, null, true);
    expect(line).toMatchObject({ allowed: 10, rate: 3 });
  });
  it('counts from a reset on, and leaves out what has not grown since', () => {
    const base = sample(2_000, row({ allowed: 10 }), row({ caller: 'maria', wouldBeDenied: 1 }));
    const lines = counterLines(now, null, base, true);
    expect(
      lines.some(({ caller, table, tablets }) => caller === 'web' && table === 'orders' && tablets[0] === 'zone1-100'),
    ).toBe(false);
    expect(lines.find(({ caller }) => caller === 'maria')?.wouldBeDenied).toBe(2);
  });
  it('takes a tablet that was started again as counting from zero', () => {
    const base = sample(2_000, row({ allowed: 100 }));
    expect(counterLines(sample(3_000, row({ allowed: 7 })), base, base, true)).toMatchObject([{ allowed: 7, rate: 7 }]);
  });
});

describe('facts of an audit record', () => {
  it('are changes, files and what else there is, whatever came', () => {
    const shown = auditFacts({
      changes: ['a', 7],
      moreChanges: 2,
      files: [{ path: 'acl.json', before: null, after: 'x' }, { path: 3 }, null],
      where: 'draft',
      gateways: [{ name: 'main' }],
      stored: [],
      settings: ['theme', 'mysqld'],
    });
    expect(shown).toEqual({
      ...{ changes: ['a'], moreChanges: 2, moreFiles: 0 },
      files: [{ path: 'acl.json', before: null, after: 'x' }],
      others: [
        ['where', 'draft'],
        ['gateways', '[{"name":"main"}]'],
        ['settings', 'theme, mysqld'],
      ],
    });
    expect(auditFacts({ files: 12 }).others).toEqual([['files', '12']]);
  });
});
