import { describe, expect, it } from 'vitest';
import { foundRows } from '../../../../src-main/servers/tablet/found-rows';

describe('foundRows', () => {
  const odku = 'insert into t values (1, 2) on duplicate key update a = 1';
  it.each([
    ['update t set a = a', 0n, 'Rows matched: 3  Changed: 0  Warnings: 0', 3n],
    ['update t set a = 1', 2n, 'Rows matched: 3  Changed: 2  Warnings: 0', 3n],
    ['delete from t', 4n, '', 4n],
    ['insert into t values (1), (2)', 2n, 'Records: 2  Duplicates: 0  Warnings: 0', 2n],
    [odku, 1n, '', 1n],
    [odku, 2n, '', 2n],
    [odku, 0n, '', 1n],
    // Three rows: one inserted, one changed (counts 2), one found as it was.
    [odku, 3n, 'Records: 3  Duplicates: 1  Warnings: 0', 4n],
  ])('%s: %s affected, "%s"', (sql, affected, info, expected) => {
    expect(foundRows(sql, affected, info)).toBe(expected);
  });
});
