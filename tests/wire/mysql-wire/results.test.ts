import mysql from 'mysql2/promise';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity/fidelity';
import { MysqlError, type ResultWriter } from '../../../src-main/servers/mysql-wire';
import { defaultFlags } from '../../support/mysql-wire/raw-client';
import { readResult, readResults } from '../../support/mysql-wire/seen-result';
import { loggedInClient, query, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { autocommit, column, textRow } from '../../support/mysql-wire/stub-session';
import { latch } from '../../support/mysql-wire/turns';

let running: RunningServer;
afterEach(() => running.stop());

const serve = async (answer: (out: ResultWriter) => Promise<void>, fidelity?: Fidelity): Promise<void> => {
  running = await startServer({
    on: { query: (_sql, out) => answer(out) },
    ...(fidelity === undefined ? {} : { fidelity }),
  });
};
const ask = async (flags = defaultFlags) => {
  const client = await loggedInClient({ port: running.port }, { flags });
  client.send(0, query('anything'));
  return client;
};

describe('results', () => {
  it('several to one command, the last without MORE_RESULTS_EXISTS', async () => {
    await serve(async (out) => {
      await out.ok({ status: 2, affectedRows: 1 }, true);
      await out.columns([column('a')]);
      await out.rows([textRow('1')]);
      await out.end(autocommit, true);
      await out.ok(autocommit);
    });
    const seen = await readResults(await ask(), true);
    expect(seen).toMatchObject([{ ok: { affectedRows: 1 } }, { rows: [Buffer.from('\x011')] }, { ok: {} }]);
    const connection = await mysql.createConnection({
      ...{ host: '127.0.0.1', port: running.port, user: 'alice', password: 'pw1' },
      multipleStatements: true,
    });
    expect((await connection.query('a; b; c'))[0]).toMatchObject([{ affectedRows: 1 }, [{ a: '1' }], {}]);
    await connection.end();
  });

  it('end with an error wherever the session throws', async () => {
    const denied = new MysqlError(1045, '28000', 'Select command denied');
    await serve(async () => {
      throw denied;
    });
    expect(await readResult(await ask(), true)).toEqual({
      err: { errno: 1045, sqlstate: '28000', message: 'Select command denied' },
    });
  });

  it('turn other errors into 1105 as vtgate does', async () => {
    await serve(async () => {
      throw new Error('something broke');
    });
    expect(await readResult(await ask(), true)).toEqual({
      err: { errno: 1105, sqlstate: 'HY000', message: 'unknown error: something broke' },
    });
  });

  const midway = async (out: ResultWriter): Promise<void> => {
    await out.columns([column('a')]);
    await out.rows([textRow('1')]);
    throw new MysqlError(1317, '70100', 'interrupted');
  };

  it.each([true, false])(
    'an error among rows is an ERR packet; the connection lives on (EOF deprecated: %s)',
    async (deprecate) => {
      await serve(midway);
      const client = await ask(deprecate ? defaultFlags : defaultFlags & ~0x1000000);
      expect(await readResult(client, deprecate)).toEqual({
        err: { errno: 1317, sqlstate: '70100', message: 'interrupted' },
      });
      client.send(0, Buffer.of(0x0e));
      expect(await readResult(client, deprecate)).toMatchObject({ ok: {} });
    },
  );

  it('an error among rows drops the connection where the recorded version is emulated', async () => {
    await serve(midway, { mode: 'vitess', version: '24.0-recorded' });
    const client = await ask();
    const packets = await client.readToEnd();
    expect(packets.every(({ payload }) => payload[0] !== 0xff)).toBe(true);
  });

  it('a row that does not fit its columns is an error, not a broken stream', async () => {
    await serve(async (out) => {
      await out.columns([column('a')]);
      await out.rows([textRow('1'), { lengths: [5], values: Buffer.from('1') }]);
    });
    const client = await ask();
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 1105 } });
    client.send(0, Buffer.of(0x0e));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
  });

  it.each<[string, (out: ResultWriter) => Promise<void>, string]>([
    ['nothing', async () => undefined, 'the command ended without a result'],
    ['rows before columns', (out) => out.rows([]), 'the result is at its start, not at its rows'],
    ['an end before columns', (out) => out.end(autocommit), 'the result is at its start, not at its rows'],
    ['no columns', (out) => out.columns([]), 'a result set without columns is an OK'],
    ['no end', (out) => out.columns([column('a')]), 'the command ended without a result'],
  ])('a session that writes %s gets an error across', async (_name, answer, message) => {
    await serve(answer);
    const client = await ask();
    expect(await readResult(client, true)).toEqual({
      err: { errno: 1105, sqlstate: 'HY000', message: `unknown error: ${message}` },
    });
    client.send(0, Buffer.of(0x0e));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
  });

  it('nothing is written for a command that is over', async () => {
    const late: ResultWriter[] = [];
    await serve(async (out) => {
      late.push(out);
      await out.ok(autocommit);
    });
    const client = await ask();
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(() => late[0]!.ok(autocommit)).toThrow('the answer to this command is complete');
    client.send(0, Buffer.of(0x0e));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
  });

  it('rows that come slowly are not kept back', async () => {
    const more = latch();
    await serve(async (out) => {
      await out.columns([column('a')]);
      await out.rows([textRow('first')]);
      await more.opened;
      await out.end(autocommit);
    });
    const client = await ask();
    for (let packet = 0; packet < 2; packet += 1) await client.expect();
    expect((await client.expect()).payload.toString()).toBe('\x05first');
    more.open();
    expect((await client.expect()).payload[0]).toBe(0xfe);
  });

  it('rows above 16 MiB go in several frames', async () => {
    const big = Buffer.alloc((16 << 20) + 17, 0x62);
    await serve(async (out) => {
      await out.columns([column('a', 252)]);
      await out.rows([textRow(big), textRow('small')]);
      await out.end(autocommit);
    });
    const connection = await mysql.createConnection({
      ...{ host: '127.0.0.1', port: running.port, user: 'alice', password: 'pw1' },
      maxPreparedStatements: 1,
    });
    const [rows] = (await connection.query('big')) as unknown as [{ a: string }[]];
    expect(rows.map(({ a }) => a.length)).toEqual([big.length, 5]);
    await connection.end();
  });

  it('statements above 16 MiB arrive whole', async () => {
    const lengths: number[] = [];
    running = await startServer({
      on: {
        query: async (sql, out) => {
          lengths.push(sql.length);
          await out.ok(autocommit);
        },
      },
    });
    const connection = await mysql.createConnection({
      ...{ host: '127.0.0.1', port: running.port, user: 'alice', password: 'pw1' },
    });
    await connection.query(`select '${'x'.repeat(20 << 20)}'`);
    expect(lengths).toEqual([(20 << 20) + 9]);
    await connection.end();
  });
});
