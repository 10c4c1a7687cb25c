import { describe, expect, it } from 'vitest';
import { complete, query, queryMethods, vtgate } from '../../../../src-main/servers/rpc';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('64-bit integers', () => {
  it.each([
    [1n, '2001'],
    [1732262400123456789n, '20959affc899ef8e8518'],
    [9223372036854775807n, '20ffffffffffffffff7f'],
    [-1n, '20ffffffffffffffffff01'],
    [-9223372036854775808n, '2080808080808080808001'],
    [4294967296n, '208080808010'],
  ])('carry %s exactly', (id, bytes) => {
    expect(encoded(query.CommitRequest.encode({ transactionId: id }).finish())).toBe(bytes);
    expect(query.CommitRequest.decode(hex(bytes)).transactionId).toBe(id);
  });

  it('leave zero out and read it as 0n', () => {
    expect(encoded(query.CommitRequest.encode({ transactionId: 0n }).finish())).toBe('');
    expect(query.CommitRequest.decode(hex('')).transactionId).toBe(0n);
    expect(query.CommitRequest.decode(hex('2000')).transactionId).toBe(0n);
  });

  it('carry unsigned values above the signed range', () => {
    const result = complete(query.QueryResult, { insertId: 18446744073709551615n, rowsAffected: 3n });
    expect(result.insertId).toBe(18446744073709551615n);
    expect(result.rowsAffected).toBe(3n);
  });

  it('tell an absent optional value from zero', () => {
    expect(complete(query.ExecuteOptions, {}).transactionTimeout).toBeNull();
    expect(complete(query.ExecuteOptions, { transactionTimeout: 0n }).transactionTimeout).toBe(0n);
    expect(complete(query.ExecuteOptions, { authoritativeTimeout: 0n }).authoritativeTimeout).toBe(0n);
    expect(complete(query.ExecuteOptions, {}).authoritativeTimeout).toBeNull();
  });

  it('carry map values of advisory locks', () => {
    const session = complete(vtgate.Session, { advisoryLock: { a: 5n, b: -5n } });
    expect(session.advisoryLock).toEqual({ a: 5n, b: -5n });
  });
});

describe('row lengths', () => {
  it.each([
    [[-1, 0, 1, 63, -64], '0a05 01 00 02 7e 7f'],
    [[64, 8191, 16777216], '0a08 8001 fe7f 80808010'],
    [[4294967295], '0a05 feffffff1f'],
    [[9007199254740991], '0a08 feffffffffffff1f'],
  ])('%j', (lengths, bytes) => {
    expect(encoded(query.Row.encode({ lengths }).finish())).toBe(bytes.replaceAll(' ', ''));
    expect(query.Row.decode(hex(bytes)).lengths).toEqual(lengths);
  });

  it('are read one by one too', () => {
    expect(query.Row.decode(hex('0802 0801 08fe7f')).lengths).toEqual([1, -1, 8191]);
  });
});

describe('messages', () => {
  it('keep what they were given', () => {
    const request = complete(query.ExecuteRequest, {
      immediateCallerId: { username: 'u', groups: ['g1', 'g2'] },
      target: { keyspace: 'k', shard: '0', tabletType: 1 },
      query: { sql: 'select :é', bindVariables: { é: { type: query.Type.VARCHAR, value: Buffer.from('x') } } },
      transactionId: 17n,
    });
    expect(request.query?.sql).toBe('select :é');
    expect(request.query?.bindVariables['é']?.value.toString()).toBe('x');
    expect(request.immediateCallerId?.groups).toEqual(['g1', 'g2']);
    expect(request.effectiveCallerId).toBeNull();
    expect(request.transactionId).toBe(17n);
    expect(request.options).toBeNull();
  });

  it('accept plain Uint8Arrays', () => {
    expect(queryMethods.Commit.request.decode(new Uint8Array([0x20, 5])).transactionId).toBe(5n);
  });

  it('skip fields that they do not know, without keeping them', () => {
    const request = query.CommitRequest.decode(hex('2005 fa3e03616263'));
    expect(encoded(query.CommitRequest.encode(request).finish())).toBe('2005');
  });

  it('refuse strings that are not UTF-8', () => {
    expect(() => query.VTGateCallerID.decode(hex('0a02 c328'))).toThrow('string field contains invalid UTF-8');
    expect(query.VTGateCallerID.decode(hex('0a03 efbfbd')).username).toBe('\ufffd');
  });

  it('refuse endless nesting and cut-off values', () => {
    expect(() => query.ExecuteRequest.decode(hex('22ff0f'))).toThrow();
    expect(() => query.CommitRequest.decode(hex('20ff'))).toThrow('unexpected end of message');
    expect(() => query.CommitRequest.decode(hex('20ffffffffffffffffffffff01'))).toThrow('longer than ten bytes');
    expect(() => query.Row.decode(hex('0a05 01'))).toThrow('unexpected end of message');
    expect(() => query.Row.decode(hex('0a01 80 01'))).toThrow('unexpected end of message');
  });

  it('take a map key of any name as a key', () => {
    const value = { type: query.Type.INT64, value: Buffer.from('1') };
    const names = ['constructor', 'hasOwnProperty'];
    const bound = complete(query.BoundQuery, { bindVariables: Object.fromEntries(names.map((n) => [n, value])) });
    expect(Object.keys(bound.bindVariables)).toEqual(names);
    const hostile = query.BoundQuery.decode(hex('1212 0a09 5f5f70726f746f5f5f 1205 0889021200'));
    expect(Object.keys(hostile.bindVariables)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['type']).toBeUndefined();
  });
});
