import { describe, expect, it } from 'vitest';
import { ownEvaluationError, withoutOverflow } from '../../../../src-main/servers/gateway/own-evaluation';
import { VitessError } from '../../../../src-main/servers/gateway/vitess-error';

const fromTablet = (errno: number, text: string, sqlState = 'HY000'): VitessError =>
  new VitessError(
    'UNKNOWN',
    `target: ks.0.primary: vttablet: rpc error: code = Unknown desc = ${text} (errno ${errno}) (sqlstate ${sqlState}) (CallerID: a): Sql: "x", BindVars: {}`,
  );

const told = (error: unknown): unknown => (error as VitessError).message;

describe('errors of what vtgate computes itself', () => {
  // Measured with vtgate 24.0.0.
  it.each([
    [3691, "'('", 'Mismatched parentheses', 1, '('],
    [3691, "'(a'", 'Mismatched parentheses', 2, '(a'],
    [3691, "'a)'", 'Mismatched parentheses', 2, 'a)'],
    [3696, "'a[b'", 'Missing closing ]', 3, 'a[b'],
    [3688, "'*'", 'Syntax error', 1, '*'],
    [3688, "'a**'", 'Syntax error', 3, 'a**'],
    [3688, "'ab*+?'", 'Syntax error', 5, 'ab*+?'],
    [3688, "'(?z)a'", 'Syntax error', 3, '(?z)a'],
    [3693, "'ab{3,2}c'", 'Max less than min', 8, 'ab{3,2}c'],
  ])('names the place in a pattern: errno %i, %s', (errno, literal, head, at, pattern) => {
    const error = ownEvaluationError(fromTablet(errno, 'MySQL says so.'), `select 'x' regexp ${literal}`);
    expect(told(error)).toBe(`${head} in regular expression on line 1, character ${at}: \`${pattern}\``);
    expect(error).toMatchObject({ state: { errno, sqlState: 'HY000' } });
  });

  it('prints operands bare and leaves to the tablet what is its own', () => {
    const range = "BIGINT UNSIGNED value is out of range in '(cast(1 as unsigned) - 2)'";
    expect(told(ownEvaluationError(fromTablet(1690, range, '22003'), 'select 1'))).toBe(
      "BIGINT UNSIGNED value is out of range in '(1 - 2)'",
    );
    const other = fromTablet(1146, "Table 'x' doesn't exist");
    expect(ownEvaluationError(other, 'select 1')).toBe(other);
    const lost = new Error('no error of a tablet');
    expect(ownEvaluationError(lost, 'select 1')).toBe(lost);
  });

  it('takes a result that is too large for NULL', () => {
    const error = fromTablet(1690, "DOUBLE value is out of range in 'pow(10,400)'", '22003');
    expect(withoutOverflow(error, 'select 1, power( 10 , 400 )')).toBe('select 1, (null + 0e0)');
    expect(withoutOverflow(error, 'select pow(9,9)')).toBeNull();
    expect(withoutOverflow(fromTablet(1690, "DOUBLE value is out of range in '(1e308 * 10)'"), 'select 1')).toBeNull();
  });
});
