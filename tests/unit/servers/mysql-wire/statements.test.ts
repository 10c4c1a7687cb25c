import { describe, expect, it } from 'vitest';
import { Statements } from '../../../../src-main/servers/mysql-wire/statements';

const piece = (data: string, parameter = 0) => ({ statementId: 1, parameter, data: Buffer.from(data) });

describe('Statements', () => {
  it('counts from 1 and forgets what is closed', () => {
    const statements = new Statements(1000);
    expect(statements.add('a', 0).id).toBe(1);
    expect(statements.add('b', 0).id).toBe(2);
    statements.close(1);
    expect(statements.find(1)).toBeUndefined();
    expect(statements.add('c', 0).id).toBe(3);
    statements.clear();
    expect(statements.find(2)).toBeUndefined();
  });

  it('joins the pieces of a value and gives them once', () => {
    const statements = new Statements(1000);
    const statement = statements.add('a', 2);
    statements.append(statement, piece('abc'));
    statements.append(statement, piece('def'));
    statements.append(statement, piece('', 1));
    const values = statements.takeLongData(statement);
    expect([...values].map(([at, value]) => [at, value.toString()])).toEqual([
      [0, 'abcdef'],
      [1, ''],
    ]);
    expect(statements.takeLongData(statement).size).toBe(0);
  });

  it('limits what is sent ahead, over all statements', () => {
    const statements = new Statements(10);
    const one = statements.add('a', 1);
    const two = statements.add('b', 1);
    statements.append(one, piece('123456'));
    expect(() => statements.append(two, piece('12345'))).toThrow('max_allowed_packet');
    statements.close(one.id);
    statements.append(two, piece('1234567890'));
    statements.dropLongData(two);
    statements.append(two, piece('1234567890'));
  });

  it('takes the bytes of small pieces, not their number', () => {
    const statements = new Statements(1 << 20);
    const statement = statements.add('a', 1);
    const before = process.memoryUsage();
    for (let turn = 0; turn < 200_000; turn += 1) statements.append(statement, piece('x'));
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
    expect(statements.takeLongData(statement).get(0)!.length).toBe(200_000);
  });

  it('are limited in number', () => {
    const statements = new Statements(100_000);
    for (let turn = 0; turn < 16_382; turn += 1) statements.add('a', 0);
    expect(() => statements.add('a', 0)).toThrow("Can't create more than max_prepared_stmt_count statements");
    statements.close(1);
    statements.add('a', 0);
  });

  it('are limited in the text that is kept of them', () => {
    const statements = new Statements(100);
    const first = statements.add('x'.repeat(60), 0);
    expect(() => statements.add('x'.repeat(41), 0)).toThrow("Can't create more");
    statements.close(first.id);
    statements.add('x'.repeat(100), 0);
    statements.clear();
    statements.add('x'.repeat(100), 0);
  });
});
