import { describe, expect, it } from 'vitest';
import { alterVschema } from '../../../../src-main/domain/sql';
import { VitessError } from '../../../../src-main/servers/gateway/vitess-error';
import { Vschema } from '../../../../src-main/servers/gateway/vschema';

/** Plays statements; the text of the last refusal, or null. */
function played(...statements: readonly string[]): string | null {
  const vschema = new Vschema();
  let refusal: string | null = null;
  for (const sql of statements) {
    const change = alterVschema(`alter vschema ${sql}`);
    if (change === null) return 'syntax error';
    try {
      vschema.apply(change, 'ks');
      refusal = null;
    } catch (error) {
      expect(error).toBeInstanceOf(VitessError);
      refusal = (error as Error).message;
    }
  }
  return refusal;
}

describe('ALTER VSCHEMA', () => {
  it.each([
    [['add table t'], null],
    [['add table t', 'add table t'], 'vschema already contains table t in keyspace ks'],
    [['drop table t'], 'vschema does not contain table t in keyspace ks'],
    [
      ['create vindex h using hash', 'drop vindex h', 'add table t'],
      'add vschema table: unsupported on sharded keyspace ks',
    ],
    [['create vindex h using hash', 'add sequence s'], 'add sequence table: unsupported on sharded keyspace ks'],
    [['create vindex h', 'create vindex h'], 'vindex h already exists in keyspace ks'],
    [['drop vindex h'], 'vindex h does not exists in keyspace ks'],
    [['on t add vindex h (id)'], 'vindex h does not exist in keyspace ks'],
    [['on t add vindex h (id) using hash', 'drop vindex h'], 'can not drop vindex cause h still defined on table t'],
    [
      ['on t add vindex h (id) using hash', 'on u add vindex h (id) using xxhash'],
      'vindex h defined with type hash not xxhash',
    ],
    [['on t add vindex h (id) using hash with owner=t', 'on t drop vindex h', 'drop vindex h'], null],
    [['on t drop auto_increment'], 'vschema does not contain table t in keyspace ks'],
    [['add sequence s', 'drop sequence s'], null],
    [['foo'], 'syntax error'],
    [['on t'], 'syntax error'],
    [['add vindex h'], 'syntax error'],
  ])('%j', (statements, refusal) => {
    expect(played(...statements)).toBe(refusal);
  });

  it('keeps tables by keyspace and metadata by name', () => {
    const vschema = new Vschema();
    vschema.apply(alterVschema('alter vschema add table ks2.t')!, 'ks2');
    expect(vschema.tablesOf('ks2')).toEqual(['t']);
    expect(vschema.tablesOf('ks')).toEqual([]);
    vschema.setMetadata('app', '1');
    expect(vschema.metadata).toEqual([['app', '1']]);
    vschema.setMetadata('app', '');
    expect(vschema.metadata).toEqual([]);
  });
});
