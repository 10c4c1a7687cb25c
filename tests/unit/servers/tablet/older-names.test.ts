import { describe, expect, it } from 'vitest';
import { hasOlderNames, withNewerHeading, withOlderNames } from '../../../../src-main/servers/tablet/older-names';

describe('the names of MariaDB before 11.1', () => {
  it.each([
    ['10.11.19-MariaDB-0+deb12u1', true],
    ['5.5.5-10.6.4-MariaDB', true],
    ['11.0.2-MariaDB', true],
    ['11.1.2-MariaDB', false],
    ['12.0.1-MariaDB', false],
    ['9.7.4', false],
    ['5.5.5', false],
    ['', false],
  ])('%s: %s', (version, older) => expect(hasOlderNames(version)).toBe(older));

  it.each([
    [
      "select 'READ-COMMITTED' from dual where @@transaction_isolation != 'READ-COMMITTED'",
      "select 'READ-COMMITTED' from dual where @@tx_isolation != 'READ-COMMITTED'",
    ],
    [
      'select @@session.transaction_read_only, @@global.Transaction_Isolation',
      'select @@session.tx_read_only, @@global.tx_Isolation',
    ],
    ["set transaction_isolation = 'READ-COMMITTED'", "set tx_isolation = 'READ-COMMITTED'"],
    [
      "set @@session.transaction_isolation = 'transaction_isolation'",
      "set @@session.tx_isolation = 'transaction_isolation'",
    ],
  ])('%s', (sql, older) => expect(withOlderNames(sql)).toBe(older));

  it.each([
    "select '@@transaction_isolation'",
    'select transaction_isolation from t',
    'select 1 /* @@transaction_isolation */',
    'select `@@transaction_isolation` from t',
    "insert into t values ('set transaction_isolation')",
  ])('leaves %s', (sql) => expect(withOlderNames(sql)).toBe(sql));

  it.each([
    ['@@tx_isolation', '@@transaction_isolation'],
    ['@@session.tx_read_only', '@@session.transaction_read_only'],
    ['@@tx_isolation = 1', '@@tx_isolation = 1'],
    ['tx_isolation', 'tx_isolation'],
  ])('a column headed %s is headed %s', (older, name) => {
    const column = { name: older, flags: 1 };
    expect(withNewerHeading(column)).toMatchObject({ name });
    expect(withNewerHeading(column).flags).toBe(1);
  });
});
