import { describe, expect, it } from 'vitest';
import {
  decideQueryRules,
  parseQueryRules,
  type RuleBind,
  type RuleRequest,
  type RuleStatement,
} from '../../../../src-main/domain/query-rules';

const rulesOf = (...rules: object[]) => {
  const reading = parseQueryRules(Buffer.from(JSON.stringify(rules)), { file: 'query-rules.json' });
  if (reading.rules === null) throw new Error(JSON.stringify(reading.findings));
  return reading.rules;
};
const text = (value: string): RuleBind => ({ isText: true, isList: false, value: Buffer.from(value) });
const decide = (rules: object[], statement: Partial<RuleStatement> = {}, request: Partial<RuleRequest> = {}) =>
  decideQueryRules(
    rulesOf(...rules),
    { query: 'select id from t where id = :id', plan: 'Select', tables: ['t'], ...statement },
    { address: '127.0.0.1:41234', binds: () => null, ...request },
  );

describe('the first rule that matches decides', () => {
  it.each([
    ['no condition', {}, 'FAIL'],
    ['the user of every request', { User: 'gRPC' }, 'FAIL'],
    ['a caller of a gateway', { User: 'shop_web' }, 'CONTINUE'],
    ['an address without its port', { RequestIP: '127\\.0\\.0\\.1' }, 'CONTINUE'],
    ['an address with its port', { RequestIP: '127\\.0\\.0\\.1:\\d+' }, 'FAIL'],
    ['the whole query', { Query: 'select id from t where id = :id' }, 'FAIL'],
    ['a part of the query', { Query: 'select id' }, 'CONTINUE'],
    ['another plan', { Plans: ['Insert', 'DDL'] }, 'CONTINUE'],
    ['one of two plans', { Plans: ['Insert', 'Select'] }, 'FAIL'],
    ['one of two tables', { TableNames: ['u', 't'] }, 'FAIL'],
    ['a table in other letters', { TableNames: ['T'] }, 'CONTINUE'],
    ['a comment that is not there', { LeadingComment: '/\\*.*' }, 'CONTINUE'],
    ['all but one condition', { User: 'gRPC', TableNames: ['t'], Plans: ['DDL'] }, 'CONTINUE'],
    ['an action', { Action: 'FAIL_RETRY' }, 'FAIL_RETRY'],
    ['an action that waits for nothing', { Action: 'BUFFER' }, 'BUFFER'],
  ])('%s', (_what, rule, action) => {
    expect(decide([rule]).action).toBe(action);
  });

  it('says what vttablet says', () => {
    expect(decide([{ Description: 'a', Query: 'x' }, { Description: 'b' }, { Description: 'c' }])).toMatchObject({
      rule: { index: 1, line: 1 },
      code: 'INVALID_ARGUMENT',
      message: 'disallowed due to rule: b',
    });
    expect(decide([{ Action: 'FAIL_RETRY' }])).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'disallowed due to rule: ',
    });
    expect(decide([{ Action: 'BUFFER' }, { Action: 'FAIL' }])).toMatchObject({ action: 'BUFFER', rule: { index: 0 } });
    expect(decideQueryRules(null, { query: '', plan: 'Select', tables: [] }, { address: '' })).toEqual({
      action: 'CONTINUE',
    });
  });

  it.each([
    ['==', 5, '5', true],
    ['==', 5, ' 5 ', true],
    ['==', 5, 'abc', false],
    ['!=', 5, 'abc', true],
    // What is no number of 64 bits counts as larger than everything, for a signed condition.
    ['>', 5, 'abc', true],
    ['<', 5, '99999999999999999999', false],
    ['>=', 5, null, false],
    ['<', '5', '10', true],
    ['==', 'a', 'a', true],
    ['MATCH', 'a+', 'aaa', true],
    ['MATCH', 'a+', 'baaa', false],
    ['NOMATCH', 'a+', 'b', true],
  ] as const)('bind variable %s %j: %j', (Operator, Value, value, expected) => {
    const rule = { BindVarConds: [{ Name: 'id', OnAbsent: false, OnMismatch: false, Operator, Value }] };
    expect(decide([rule], {}, { binds: () => (value === null ? null : text(value)) }).action === 'FAIL').toBe(expected);
  });

  it('asks whether a variable is there with the operator that is empty', () => {
    const rule = (OnAbsent: boolean) => ({ BindVarConds: [{ Name: 'id', OnAbsent, Operator: '' }] });
    const action = (OnAbsent: boolean, there: boolean) =>
      decide([rule(OnAbsent)], {}, { binds: () => (there ? text('') : null) }).action;
    expect([action(true, true), action(true, false), action(false, true), action(false, false)]).toEqual([
      'CONTINUE',
      'FAIL',
      'FAIL',
      'CONTINUE',
    ]);
  });

  it('takes another kind of value as the condition says', () => {
    const rule = (OnMismatch: boolean) => ({
      BindVarConds: [{ Name: 'id', OnAbsent: false, OnMismatch, Operator: '==', Value: 'a' }],
    });
    const decimal: RuleBind = { isText: false, isList: false, value: Buffer.from('a') };
    expect(decide([rule(true)], {}, { binds: () => decimal }).action).toBe('FAIL');
    expect(decide([rule(false)], {}, { binds: () => decimal }).action).toBe('CONTINUE');
  });

  it.each([
    ['the port', { RequestIP: '.*:1\\d+' }, {}, { address: { host: '127.0.0.1', port: null } }],
    ['the query', { Query: 'a' }, { query: null }, {}],
    ['the tables', { TableNames: ['t'] }, { tables: null }, {}],
    ['bind variables', { BindVarConds: [{ Name: 'id', OnAbsent: true, Operator: '' }] }, {}, { binds: null }],
  ] as const)('cannot decide without %s', (_what, rule, statement, request) => {
    expect(decide([rule], statement, request)).toMatchObject({ action: 'cannot-decide', rule: { index: 0 } });
    // One certain no is enough.
    expect(decide([{ ...rule, User: 'other' }], statement, request).action).toBe('CONTINUE');
  });

  it('knows an address whose port does not matter', () => {
    const address = { host: '::1', port: null } as const;
    expect(decide([{ RequestIP: '\\[::1\\]:[0-9]+' }], {}, { address }).action).toBe('FAIL');
    expect(decide([{ RequestIP: '10\\..*' }], {}, { address }).action).toBe('CONTINUE');
  });
});
