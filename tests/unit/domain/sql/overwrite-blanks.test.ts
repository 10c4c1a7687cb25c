import { describe, expect, it } from 'vitest';
import { overwriteBlanks, readStatement } from '../../../../src-main/domain/sql';

const vitess = { mode: 'vitess', version: '24.0-recorded' } as const;
const sent = (sql: string): string => overwriteBlanks(sql, readStatement(sql, { fidelity: vitess }).blanks);

describe('what MySQL gets of a statement with versioned comments', () => {
  it('is the text as it stands where there are none', () => {
    expect(sent("select '/*!' from t where a = 1")).toBe("select '/*!' from t where a = 1");
  });

  it('keeps every other place where it was', () => {
    const sql = 'select id /*!99999 , secret */ from t';
    expect(sent(sql)).toHaveLength(sql.length);
    expect(sent(sql)).not.toContain('secret');
    expect(sent(sql).replace(/ +/g, ' ')).toBe('select id from t');
  });

  it('takes spans in any order and overlapping', () => {
    expect(
      overwriteBlanks('abcdef', [
        { start: 4, end: 5 },
        { start: 0, end: 2 },
        { start: 1, end: 3 },
      ]),
    ).toBe('   d f');
  });
});
