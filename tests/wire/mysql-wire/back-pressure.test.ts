import { afterEach, describe, expect, it } from 'vitest';
import { RawClient, frame } from '../../support/mysql-wire/raw-client';
import { readResult } from '../../support/mysql-wire/seen-result';
import { loggedInClient, query, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { autocommit, column, textRow } from '../../support/mysql-wire/stub-session';
import { latch, turns, until } from '../../support/mysql-wire/turns';

let running: RunningServer;
afterEach(() => running.stop());

/** What the kernel's buffers of both ends may hold besides our own; far below what is sent. */
const held = 16 << 20;

describe('a slow reader', () => {
  it('of a million rows stops the session instead of filling memory', async () => {
    const rowCount = 1_000_000;
    const batch = Array.from({ length: 1000 }, () => textRow('x'.repeat(60)));
    const rowBytes = 4 + 1 + 60;
    let written = 0;
    let waiting = false;
    running = await startServer({
      on: {
        query: async (_sql, out) => {
          await out.columns([column('a')]);
          while (written < rowCount * rowBytes) {
            waiting = true;
            await out.rows(batch);
            waiting = false;
            written += batch.length * rowBytes;
          }
          await out.end(autocommit);
        },
      },
    });
    const client = await loggedInClient({ port: running.port });
    const before = process.memoryUsage();
    client.socket.removeAllListeners('data');
    client.socket.pause();
    client.send(0, query('million'));
    await until(() => waiting);
    for (let last = -1; last !== written || !waiting;) {
      last = written;
      await turns(200);
    }
    expect(written).toBeLessThan(held);
    const grown = process.memoryUsage();
    expect(grown.arrayBuffers - before.arrayBuffers).toBeLessThan(held);

    let received = 0;
    client.socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (written - received > held) throw new Error('the session ran ahead of its reader');
    });
    client.socket.resume();
    await until(() => received > rowCount * rowBytes);
    expect(received - rowCount * rowBytes).toBeLessThan(200);
    client.close();
  });

  it('that leaves ends the command with an error and closes the session', async () => {
    const ended = latch();
    const outcome: { error?: Error; aborted?: boolean } = {};
    running = await startServer({
      on: {
        query: async (_sql, out, signal) => {
          await out.columns([column('a')]);
          try {
            for (;;) await out.rows([textRow('x'.repeat(10_000))]);
          } catch (error) {
            outcome.error = error as Error;
            outcome.aborted = signal.aborted;
            ended.open();
            throw error;
          }
        },
      },
    });
    const client = await loggedInClient({ port: running.port });
    client.socket.removeAllListeners('data');
    client.socket.pause();
    client.send(0, query('endless'));
    await turns(50);
    client.close();
    await ended.opened;
    expect(outcome).toMatchObject({ error: { name: 'ClientGoneError' }, aborted: true });
    await running.sessions[0]!.closed;
  });
});

describe('a fast sender', () => {
  it('waits: commands behind a running one are read up to a bound, then run in order', async () => {
    const first = latch();
    const order: number[] = [];
    let atOnce = 0;
    running = await startServer({
      on: {
        query: async (sql, out) => {
          atOnce += 1;
          const number = Number(/\d+/.exec(sql)![0]);
          if (number === 0) await first.opened;
          await turns(3);
          order.push(atOnce > 1 ? -number : number);
          atOnce -= 1;
          await out.ok(autocommit);
        },
      },
    });
    const client = await loggedInClient({ port: running.port });
    const filler = 'x'.repeat(100_000);
    const count = 400;
    for (let number = 0; number < count; number += 1) client.send(0, query(`${number} ${filler}`));
    for (let last = -1; last !== client.socket.writableLength;) {
      last = client.socket.writableLength;
      await turns(200);
    }
    const taken = count * filler.length - client.socket.writableLength;
    expect(order).toEqual([]);
    expect(taken).toBeLessThan(held);
    first.open();
    for (let number = 0; number < count; number += 1) expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(order).toEqual(Array.from({ length: count }, (_, number) => number));
    client.close();
  });

  it('of many small commands in one train gets every answer, in order', async () => {
    running = await startServer({});
    const client = await loggedInClient({ port: running.port });
    const count = 20_000;
    const train = Array.from({ length: count }, (_, number) => frame(0, query(`select '${number}'`)));
    client.socket.write(Buffer.concat(train));
    for (let number = 0; number < count; number += 1) {
      const result = await readResult(client, true);
      if (!('rows' in result) || result.rows[0]!.toString('latin1', 1) !== String(number)) {
        throw new Error(`answer ${number} is ${JSON.stringify(result)}`);
      }
    }
    client.close();
  });

  it('that sends one byte at a time is understood', async () => {
    running = await startServer({});
    const client = await loggedInClient({ port: running.port });
    for (const byte of frame(0, query("select 'slow'"))) {
      client.socket.write(Buffer.of(byte));
      await turns(1);
    }
    expect(await readResult(client, true)).toMatchObject({ rows: [Buffer.from('\x04slow')] });
    client.close();
    expect(client).toBeInstanceOf(RawClient);
  });
});
