import { describe, expect, it } from 'vitest';
import { commentDirectives, splitMarginComments } from '../../../../src-main/domain/sql';

describe('splitMarginComments', () => {
  it.each([
    ['select 1', '', 'select 1', ''],
    [' /* a */ /* b */ select /* c */ 1 /* d */ ', '/* a */ /* b */', 'select /* c */ 1', '/* d */'],
    ['-- a\nselect 1 -- b', '-- a', 'select 1', '-- b'],
    ["select '/* a */'", '', "select '/* a */'", ''],
    ['/* a */ /*!50000 select */ 1 /*! + 1 */ /* b */', '/* a */', '/*!50000 select */ 1 /*! + 1 */', '/* b */'],
    ['select 1;', '', 'select 1;', ''],
    [' /* only */ ', '/* only */', '', ''],
    ['', '', '', ''],
  ])('%s', (sql, leading, statement, trailing) => {
    expect(splitMarginComments(sql)).toEqual({ leading, statement, trailing });
  });
});

describe('commentDirectives', () => {
  it.each([
    ['select /*vt+ QUERY_TIMEOUT_MS=100 PLANNER=gen4 */ 1', { query_timeout_ms: '100', planner: 'gen4' }],
    ['update /*vt+ MULTI_SHARD_AUTOCOMMIT */ t set a = 1', { multi_shard_autocommit: 'true' }],
    ['select /* a */ /*vt+ A=1*/ /*vt+ B=2 */ 1', { a: '1', b: '2' }],
    ['select /*vt+ A= */ 1', { a: '' }],
    ['select /*vt+ */ 1', {}],
    ['select 1 /*vt+ A=1 */', {}],
    ['select /*+ A=1 */ 1', {}],
    ["select '/*vt+ A=1 */'", {}],
    ['', {}],
  ])('%s', (sql, expected) => {
    expect(Object.fromEntries(commentDirectives(sql))).toEqual(expected);
  });
});
