import { expect, it } from 'vitest';
import { queryLogText, type QueryLogRecord } from '../../../../src-main/servers/gateway';

const record: QueryLogRecord = {
  method: 'Execute',
  remoteAddress: '127.0.0.1:4711',
  username: 'alice',
  immediateCaller: '',
  effectiveCaller: '',
  start: new Date(0),
  end: new Date(0),
  totalSeconds: 1.000001,
  planSeconds: 0,
  executeSeconds: 0.25,
  commitSeconds: 0,
  statementType: 'SELECT',
  sql: 'tab\tnl\nq"\\ \u0000\u0007\u00a0€ 𝄞 \u2028',
  binds: {},
  shardQueries: 0,
  rowsAffected: 0,
  error: '',
  tabletType: '',
  sessionUuid: '',
  cachedPlan: false,
  tablesUsed: [],
  activeKeyspace: '',
  emitReason: '',
};

it('writes durations with six decimals', () => {
  expect(queryLogText(record).split('\t').slice(7, 11)).toEqual(['1.000001', '0.000000', '0.250000', '0.000000']);
});

it('quotes as Go does', () => {
  expect(queryLogText(record)).toContain('"tab\\tnl\\nq\\"\\\\ \\x00\\a\\u00a0€ 𝄞 \\u2028"');
});
