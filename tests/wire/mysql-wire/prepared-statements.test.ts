import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MysqlError, type ColumnDefinition } from '../../../src-main/servers/mysql-wire';
import { frame } from '../../support/mysql-wire/raw-client';
import { readPrepared, readResult } from '../../support/mysql-wire/seen-result';
import { loggedInClient, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { autocommit, column, textRow } from '../../support/mysql-wire/stub-session';

const binary = { charset: 63, flags: 128 };
/** One column of every kind with a value and what mysql2 makes of it. */
const kinds: readonly (readonly [ColumnDefinition, string | Buffer | null, unknown])[] = [
  [column('tiny', 1), '-5', -5],
  [column('utiny', 1, { flags: 32 }), '250', 250],
  [column('short', 2), '-32768', -32768],
  [column('year', 13, { flags: 32 }), '2024', 2024],
  [column('int24', 9), '-8388608', -8388608],
  [column('long', 3), '2147483647', 2147483647],
  [column('ulong', 3, { flags: 32 }), '4294967295', 4294967295],
  [column('longlong', 8), '-9007199254740991', -9007199254740991],
  [column('ulonglong', 8, { flags: 32 }), '18446744073709551615', '18446744073709551615'],
  [column('float', 4), '1.5', 1.5],
  [column('double', 5), '-2.25e10', -2.25e10],
  [column('decimal', 246, { decimals: 2 }), '-12345.67', '-12345.67'],
  [column('date', 10), '2024-02-29', '2024-02-29'],
  [column('datetime', 12), '2024-02-29 12:34:56', '2024-02-29 12:34:56'],
  [column('datetime6', 12, { decimals: 6 }), '2024-02-29 12:34:56.000001', '2024-02-29 12:34:56.000001'],
  [column('timestamp', 7), '2024-02-29 12:34:56', '2024-02-29 12:34:56'],
  [column('time', 11), '-838:59:58', '-838:59:58'],
  [column('text', 252), 'vär€😀', 'vär€😀'],
  [column('bytes', 253, binary), Buffer.from([0, 255, 16]), Buffer.from([0, 255, 16])],
  [column('blob', 252, binary), Buffer.from([0xde, 0xad]), Buffer.from([0xde, 0xad])],
  [column('json', 245, binary), '{"k": [1, null]}', { k: [1, null] }],
  [column('enum', 254, { flags: 256 }), 'green', 'green'],
  [column('nothing', 253), null, null],
];

let running: RunningServer;
beforeAll(async () => {
  running = await startServer({
    on: {
      prepare: async (sql) => {
        if (sql === 'nonsense') throw new MysqlError(1105, 'HY000', "syntax error at position 9 near 'nonsense'");
        const parameterCount = [...sql].filter((char) => char === '?').length;
        if (/^insert/.test(sql)) return { parameterCount, columns: [] };
        const columns = /^kinds/.test(sql) ? kinds.map(([definition]) => definition) : [column('text')];
        return { parameterCount, columns };
      },
      execute: async (sql, parameters, out) => {
        if (/^insert/.test(sql)) return out.ok({ status: 2, affectedRows: 1, insertId: 4711n });
        if (/^kinds/.test(sql)) {
          await out.columns(kinds.map(([definition]) => definition));
          await out.rows([textRow(...kinds.map(([, value]) => value))]);
          return out.end(autocommit);
        }
        const values = parameters.map(({ value }) => (value === null ? 'NULL' : Buffer.from(value).toString()));
        await out.columns([column('text')]);
        await out.rows([textRow(values.join('|'))]);
        await out.end(autocommit);
      },
    },
  });
});
afterAll(() => running.stop());

const login = () => ({ host: '127.0.0.1', port: running.port, user: 'alice', password: 'pw1' });

describe('prepared statements', () => {
  it('give every type of column in binary form', async () => {
    const connection = await mysql.createConnection({ ...login(), dateStrings: true, supportBigNumbers: true });
    const [rows] = await connection.execute('kinds');
    const expected = Object.fromEntries(kinds.map(([{ name }, , value]) => [name, value]));
    expect(rows).toEqual([expected]);
    await connection.end();
  });

  it('give the same to the mariadb client', async () => {
    const connection = await mariadb.createConnection({ ...login(), dateStrings: true });
    const [row] = (await connection.execute('kinds')) as Record<string, unknown>[];
    expect(row).toMatchObject({
      tiny: -5,
      utiny: 250,
      int24: -8388608,
      ulong: 4294967295,
      ulonglong: 18446744073709551615n,
      double: -2.25e10,
      decimal: '-12345.67',
      date: '2024-02-29',
      datetime: '2024-02-29 12:34:56',
      time: '-838:59:58',
      text: 'vär€😀',
      bytes: Buffer.from([0, 255, 16]),
      nothing: null,
    });
    await connection.end();
  });

  it('hand parameters over as text', async () => {
    const connection = await mysql.createConnection({ ...login(), timezone: 'Z' });
    const given = [1, -2.5, 'ü', null, new Date('2024-02-29T12:34:56.000Z'), true, Buffer.from('b'), 2 ** 53];
    const sql = `select ${given.map(() => '?').join()}`;
    const [rows] = await connection.execute(sql, given);
    const [row] = rows as { text: string }[];
    expect(row!.text).toBe('1|-2.5|ü|NULL|2024-02-29 12:34:56.000000|1|b|9007199254740992');
    await connection.end();
  });

  it('hand parameters of the mariadb client over as text', async () => {
    const connection = await mariadb.createConnection(login());
    const [row] = (await connection.execute('select ?,?,?,?,?', [5n, 'x', null, Buffer.from('b'), 1.25])) as {
      text: string;
    }[];
    expect(row!.text).toBe('5|x|NULL|b|1.25');
    await connection.end();
  });

  it('say what a change did, and are used again', async () => {
    const connection = await mysql.createConnection(login());
    for (let turn = 0; turn < 3; turn += 1) {
      const [result] = await connection.execute('insert ?', [turn]);
      expect(result).toMatchObject({ affectedRows: 1, insertId: 4711 });
    }
    const prepared = running.sessions.at(-1)!.calls.filter((call) => call.startsWith('prepare'));
    expect(prepared).toEqual(['prepare insert ?']);
    await connection.end();
  });

  it('report what cannot be prepared and go on', async () => {
    const connection = await mysql.createConnection(login());
    await expect(connection.execute('nonsense')).rejects.toMatchObject({ errno: 1105, sqlState: 'HY000' });
    expect((await connection.execute('select ?', ['again']))[0]).toEqual([{ text: 'again' }]);
    await connection.end();
  });

  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const u16 = (value: number): Buffer => u32(value).subarray(0, 2);
  const prepare = Buffer.concat([Buffer.of(0x16), Buffer.from('select ?,?')]);
  const piece = (id: number, parameter: number, data: Buffer): Buffer =>
    Buffer.concat([Buffer.of(0x18), u32(id), u16(parameter), data]);
  const executeTwo = Buffer.concat([
    Buffer.of(0x17),
    u32(1),
    Buffer.from('0001000000' + '00' + '01' + 'fc00' + '0300' + '07000000', 'hex'),
  ]);

  it('take values sent ahead, larger than a frame when joined', async () => {
    const client = await loggedInClient({ port: running.port });
    client.send(0, prepare);
    await readPrepared(client, true);
    const part = Buffer.alloc(6 << 20, 0x61);
    for (let turn = 0; turn < 3; turn += 1) client.send(0, piece(1, 0, part));
    client.send(0, executeTwo);
    const result = await readResult(client, true);
    if (!('rows' in result)) throw new Error(JSON.stringify(result));
    const [value] = running.sessions.at(-1)!.executed.at(-1)!.parameters;
    expect(value!.value!.length).toBe(18 << 20);
    client.close();
  });

  it('tell with the next execution what was wrong with a value sent ahead', async () => {
    const client = await loggedInClient({ port: running.port });
    client.send(0, prepare);
    await readPrepared(client, true);
    client.send(0, piece(1, 5, Buffer.from('x')));
    client.send(0, piece(77, 0, Buffer.from('x')));
    client.send(0, executeTwo);
    expect(await readResult(client, true)).toEqual({
      err: { errno: 1210, sqlstate: 'HY000', message: 'Incorrect arguments to mysqld_stmt_send_long_data' },
    });
    client.send(0, Buffer.concat([Buffer.of(0x1a), u32(1)]));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    client.send(0, Buffer.concat([Buffer.of(0x1a), u32(9)]));
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 1243 } });
    client.close();
  });

  it('are closed one by one and all at once', async () => {
    const client = await loggedInClient({ port: running.port });
    client.send(0, prepare);
    await readPrepared(client, true);
    // Nothing answers a close: the next answer is the next command's.
    client.socket.write(Buffer.concat([frame(0, Buffer.concat([Buffer.of(0x19), u32(1)])), frame(0, executeTwo)]));
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 2014 } });
    client.send(0, prepare);
    await readPrepared(client, true);
    client.send(0, Buffer.of(0x1f));
    expect(await readResult(client, true)).toMatchObject({ ok: { status: [] } });
    client.send(0, Buffer.concat([Buffer.of(0x17), u32(2), Buffer.from('0001000000', 'hex')]));
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 2014 } });
    client.close();
  });
});
