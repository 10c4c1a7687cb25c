import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binlogdata, query, queryMethods, tableacl, vitessMethods, vtgate } from '../../../../src-main/servers/rpc';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);

const types = [
  query.ExecuteRequest,
  query.BeginExecuteResponse,
  query.QueryResult,
  query.StreamHealthResponse,
  query.GetSchemaResponse,
  vtgate.ExecuteRequest,
  vtgate.Session,
  tableacl.Config,
  binlogdata.VStreamRequest,
] as const;

/** Decodes; anything but a message or an error is a failure, and so is a message that does not survive its own bytes. */
const tryAll = (bytes: Buffer): void => {
  for (const type of types) {
    let message;
    try {
      message = type.decode(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      continue;
    }
    const once = Buffer.from(type.encode(message as never).finish());
    const twice = Buffer.from(type.encode(type.decode(once) as never).finish());
    expect(twice.equals(once)).toBe(true);
  }
};

const session = Buffer.from(
  vtgate.ExecuteRequest.encode({
    callerId: { principal: 'p', groups: ['g', 'h'] },
    session: {
      autocommit: true,
      targetString: 'ks@primary',
      options: { workload: 1, sqlSelectLimit: 5n, transactionTimeout: 0n },
      shardSessions: [{ target: { keyspace: 'ks' }, transactionId: 9223372036854775807n }],
      userDefinedVariables: { a: { type: query.Type.INT64, value: Buffer.from('1') } },
      systemVariables: { sql_mode: "''" },
      advisoryLock: { l: -1n },
    },
    query: { sql: 'select 1', bindVariables: { v: { type: query.Type.TUPLE, values: [{ type: 265 }] } } },
  }).finish(),
);
const result = Buffer.from(
  query.BeginExecuteResponse.encode({
    error: { message: 'm', code: 17 },
    result: { fields: [{ name: 'f' }], rows: [{ lengths: [1, -1, 70_000], values: Buffer.from('x') }], insertId: 1n },
    tabletAlias: { cell: 'c', uid: 100 },
  }).finish(),
);

describe('decoders', () => {
  it('survive random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => tryAll(Buffer.from(bytes))),
      { numRuns: runs },
    );
  });

  it('survive real messages with bytes changed, taken out and put in', () => {
    const edit = fc.record({
      at: fc.nat(400),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(session, result),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (original, edits) => {
          let bytes: Buffer = original;
          for (const { at, remove, insert } of edits) {
            const place = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
          }
          tryAll(bytes);
        },
      ),
      { numRuns: runs },
    );
  });

  it('never see past their own bytes', () => {
    const pool = Buffer.from('22' + '7f' + '00'.repeat(300), 'hex');
    expect(() => query.ExecuteRequest.decode(pool.subarray(0, 2))).toThrow();
    expect(() => query.Row.decode(Buffer.from('0a0a0000', 'hex').subarray(0, 3))).toThrow();
  });

  it('end nesting that goes too deep', () => {
    // Groups (wire type 3) nest without a length; unknown ones must not be followed for ever.
    expect(() => query.ExecuteRequest.decode(Buffer.alloc(100_000, 0xfb))).toThrow();
    expect(() => query.ExecuteRequest.decode(Buffer.from('fb01'.repeat(50_000), 'hex'))).toThrow();
  });

  it('of every method refuse what is cut off', () => {
    for (const method of [...Object.values(queryMethods), ...Object.values(vitessMethods)])
      expect(() => method.request.decode(Buffer.from('0aff', 'hex')), method.path).toThrow();
  });
});
