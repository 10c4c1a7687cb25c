import { describe, expect, it } from 'vitest';
import { gatewayStatement, normalise, readStatement } from '../../../../src-main/domain/sql';
import { defaultFidelity } from '../../../../src-main/domain/fidelity';

const options = { keyspaceNamed: () => null, parameterize: false };

describe('strings beside each other', () => {
  it.each([
    ["select concat('a' 'b') from t", "select concat('ab') from t"],
    ["select 'x' 'y' as z from t", "select 'xy' as z from t"],
    ["select 'x' \"y\" 'z' from t", "select 'xyz' from t"],
    [
      "select 1 from t where a in ('a' 'b', 'c') and 'a' 'b' = 'ab'",
      "select 1 from t where a in ('ab', 'c') and 'ab' = 'ab'",
    ],
    ["select _utf8mb4'a' 'b' 'c' from t", "select _utf8mb4 'abc' from t"],
    ["select a -> '$.' 'b' from t", "select json_extract(a, '$.b') from t"],
    ["insert into t values (98, 'a' 'b', 'x')", "insert into t values (98, 'ab', 'x')"],
    ["select date'2026-01-01' 'x' from t", "select date'2026-01-01' as x from t"],
    ["select x'41' 'x' from t", "select X'41' as x from t"],
  ])('%s', (sql, sent) => {
    expect(readStatement(sql, { fidelity: defaultFidelity }).execute).not.toMatchObject({ decision: 'refused' });
    expect(gatewayStatement(sql).kind).toBe(sql.startsWith('insert') ? 'dml' : 'select');
    expect(normalise(sql, options)?.sql).toBe(sent);
  });

  it('are one value in SET', () => {
    const statement = gatewayStatement("set @a = 'x' 'y', sql_mode = 'ANSI' '_QUOTES'");
    expect(statement).toMatchObject({
      kind: 'set',
      assignments: [
        { name: 'a', valueText: 'xy', valueKind: 'literal' },
        { name: 'sql_mode', valueText: 'ANSI_QUOTES', valueKind: 'literal' },
      ],
    });
  });

  it('are none after a bind variable', () => {
    expect(normalise("select concat(:a 'b') from t", options)).toBeNull();
  });
});
