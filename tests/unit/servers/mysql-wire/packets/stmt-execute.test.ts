import { describe, expect, it } from 'vitest';
import {
  readExecutedStatementId,
  readStmtExecute,
  writeStmtExecute,
  type EncodedParameter,
} from '../../../../../src-main/servers/mysql-wire/packets/stmt-execute';
import { hex, payloadOf } from './built';

const none = new Map<number, Buffer>();
const read = (payload: Buffer, parameterCount: number, more = {}) =>
  readStmtExecute(payload, { parameterCount, types: [], longData: none, ...more });

/** Text of one value as a session gets it. */
function decoded(type: number, encoded: string, unsigned = false): string | null {
  const parameters: EncodedParameter[] = [{ type, unsigned, encoded: hex(encoded) }];
  const value = read(
    payloadOf((out) => writeStmtExecute(out, 1, parameters)),
    1,
  ).parameters[0]!.value;
  return value === null ? null : Buffer.from(value).toString('latin1');
}

describe('COM_STMT_EXECUTE', () => {
  it('carries statement, types, NULLs and values', () => {
    const payload = payloadOf((out) =>
      writeStmtExecute(out, 7, [
        { type: 3, unsigned: false, encoded: hex('ffffffff') },
        { type: 253, unsigned: false, encoded: null },
        { type: 8, unsigned: true, encoded: hex('ffffffffffffffff') },
      ]),
    );
    expect(payload).toEqual(hex('17 07000000 00 01000000 02 01 0300 fd00 0880 ffffffff ffffffffffffffff'));
    expect(readExecutedStatementId(payload)).toBe(7);
    expect(read(payload, 3).parameters).toEqual([
      { type: 3, unsigned: false, value: Buffer.from('-1') },
      { type: 253, unsigned: false, value: null },
      { type: 8, unsigned: true, value: Buffer.from('18446744073709551615') },
    ]);
  });

  it.each([
    ['TINY', 1, '80', false, '-128'],
    ['TINY UNSIGNED', 1, '80', true, '128'],
    ['SHORT', 2, 'feff', false, '-2'],
    ['SHORT UNSIGNED', 2, 'feff', true, '65534'],
    ['INT24', 9, 'fbffffff', false, '-5'],
    ['LONG', 3, '00000080', false, '-2147483648'],
    ['LONG UNSIGNED', 3, '00000080', true, '2147483648'],
    ['LONGLONG', 8, '0000000000000080', false, '-9223372036854775808'],
    ['LONGLONG UNSIGNED', 8, 'ffffffffffffffff', true, '18446744073709551615'],
    ['FLOAT', 4, 'cdcccc3d', false, '0.1'],
    ['FLOAT, nine digits', 4, '01000040', false, '2.0000002'],
    ['DOUBLE', 5, '9a9999999999b93f', false, '0.1'],
    ['DOUBLE, large', 5, '9c7500883ce4377e', false, '1e+300'],
    ['DOUBLE, minus zero', 5, '0000000000000080', false, '-0'],
    ['DATE, empty', 10, '00', false, '0000-00-00'],
    ['DATE', 10, '04e807021d', false, '2024-02-29'],
    ['DATE with a time', 10, '07e807021d0c2238', false, '2024-02-29'],
    ['DATETIME, empty', 12, '00', false, '0000-00-00 00:00:00'],
    ['DATETIME, date only', 12, '04e807021d', false, '2024-02-29 00:00:00'],
    ['DATETIME', 12, '07e80702090c0208', false, '2024-02-09 12:02:08'],
    ['TIMESTAMP with fraction', 7, '0be807021d0c223801000000', false, '2024-02-29 12:34:56.000001'],
    ['TIME, empty', 11, '00', false, '00:00:00'],
    ['TIME', 11, '08010000000001020 3'.replace(' ', ''), false, '-01:02:03'],
    ['TIME of days', 11, '0c0022000000163b3a3f420f00', false, '838:59:58.999999'],
    ['NEWDECIMAL', 246, '04312e3530', false, '1.50'],
    ['YEAR as text', 13, '0432303234', false, '2024'],
    ['BLOB', 252, '0400ff0a0d', false, '\x00ÿ\n\r'],
    ['JSON', 245, '027b7d', false, '{}'],
    ['long text', 253, `fc2c01${'61'.repeat(300)}`, false, 'a'.repeat(300)],
  ])('%s', (_name, type, encoded, unsigned, expected) => {
    expect(decoded(type, encoded, unsigned)).toBe(expected);
  });

  it('NULL as a type has no value', () => {
    expect(decoded(6, '')).toBeNull();
  });

  it('remembers types from the first execution', () => {
    const types = [{ type: 3, unsigned: false }];
    const payload = payloadOf((out) =>
      writeStmtExecute(out, 1, [{ type: 3, unsigned: false, encoded: hex('05000000') }], false),
    );
    expect(read(payload, 1, { types }).parameters[0]!.value).toEqual(Buffer.from('5'));
    expect(read(payload, 1).parameters[0]!.value).toBeNull();
  });

  it('leaves values that were sent ahead out of the packet', () => {
    const longData = new Map([[0, Buffer.from('ahead')]]);
    const payload = Buffer.concat([hex('17 01000000 00 01000000 00 01 fc00 0300'), hex('09000000')]);
    expect(read(payload, 2, { longData }).parameters.map(({ value }) => String(value))).toEqual(['ahead', '9']);
  });

  it.each([['17010000', 'reading statement ID failed']])('without a statement: %s', (text, message) => {
    expect(() => readExecutedStatementId(hex(text))).toThrow(message);
  });

  it.each([
    ['17 01000000', 'reading cursor type flags failed'],
    ['17 01000000 00 0100', 'reading iteration count failed'],
    ['17 01000000 00 02000000 00 01 0300 01000000', 'iteration count is not equal to 1'],
    ['17 01000000 00 01000000', 'reading NULL-bitmap failed'],
    ['17 01000000 00 01000000 00 01', 'reading parameter type failed'],
    ['17 01000000 00 01000000 00 01 03', 'reading parameter flags failed'],
    ['17 01000000 00 01000000 00 01 2a00', 'MySQLToType(42,0) failed: unsupported type: 42'],
    ['17 01000000 00 01000000 00 01 0300 010000', 'decoding parameter value failed: 263'],
    ['17 01000000 00 01000000 00 01 0a00 05e807021d00', 'decoding parameter value failed: 2062'],
    ['17 01000000 00 01000000 00 01 0b00 03000000', 'decoding parameter value failed: 2063'],
    ['17 01000000 00 01000000 00 01 fc00 fb', 'decoding parameter value failed: 6163'],
    ['17 01000000 00 01000000 00 01 fc00 ff', 'decoding parameter value failed: 6163'],
    ['17 01000000 00 01000000 00 01 fd00 feffffffffffffffff61', 'decoding parameter value failed: 6165'],
    ['17 01000000 00 01000000 00 01 0500 000000000000f07f', 'decoding parameter value failed: 1036'],
    ['17 01000000 00 01000000 00 01 0400 0000c07f', 'decoding parameter value failed: 1035'],
  ])('%s: %s', (text, message) => {
    expect(() => read(hex(text), 1)).toThrow(message);
    try {
      read(hex(text), 1);
    } catch (error) {
      expect(error).toMatchObject({ errno: 2027, sqlState: 'HY000' });
    }
  });
});
