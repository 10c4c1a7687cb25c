import { afterEach, describe, expect, it } from 'vitest';
import { readResult } from '../../support/mysql-wire/seen-result';
import { loggedInClient, query, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { autocommit, column } from '../../support/mysql-wire/stub-session';
import { latch, turns, until } from '../../support/mysql-wire/turns';

let running: RunningServer;
afterEach(() => running.stop());

/** A session whose queries last until the signal fires or the latch opens. */
async function serveLongQueries() {
  const started = latch();
  const finish = latch();
  const seen: { aborted: boolean } = { aborted: false };
  running = await startServer({
    on: {
      query: async (sql, out, signal) => {
        if (sql !== 'long') return out.ok(autocommit);
        started.open();
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await Promise.race([finish.opened, aborted]);
        seen.aborted = signal.aborted;
        await out.ok(autocommit);
      },
    },
  });
  return { started, finish, seen };
}

describe('the end of a session', () => {
  it('comes with COM_QUIT', async () => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(0, Buffer.of(1));
    expect(await client.read()).toBeNull();
    await running.sessions[0]!.closed;
    await until(() => running.server.openConnections === 0);
  });

  it.each(['a reset', 'a polite end'])('comes with %s in the middle of a command, whose signal fires', async (how) => {
    const { started, seen } = await serveLongQueries();
    const client = await loggedInClient({ port: running.port });
    client.send(0, query('long'));
    await started.opened;
    if (how === 'a reset') client.socket.resetAndDestroy();
    else client.socket.end();
    await running.sessions[0]!.closed;
    expect(seen.aborted).toBe(true);
    expect(running.sessions[0]!.calls).toEqual(['query long', 'close']);
    await until(() => running.server.openConnections === 0);
  });

  it('does not begin a command that waited when the client left', async () => {
    const { started } = await serveLongQueries();
    const client = await loggedInClient({ port: running.port });
    client.send(0, query('long'));
    await started.opened;
    client.send(0, query('drop database prod'));
    await turns(20);
    client.socket.resetAndDestroy();
    await running.sessions[0]!.closed;
    expect(running.sessions[0]!.calls).toEqual(['query long', 'close']);
  });

  it('is one for each client, whatever others do', async () => {
    running = await startServer();
    const clients = await Promise.all(Array.from({ length: 20 }, () => loggedInClient({ port: running.port })));
    for (const client of clients.slice(1)) client.socket.resetAndDestroy();
    await Promise.all(running.sessions.slice(1).map(({ closed }) => closed));
    clients[0]!.send(0, Buffer.of(0x0e));
    expect(await readResult(clients[0]!, true)).toMatchObject({ ok: {} });
    clients[0]!.close();
  });
});

describe('time limits after the login', () => {
  it('disconnect a client that asks nothing, and no client whose command runs', async () => {
    const finish = latch();
    running = await startServer({
      readTimeoutMs: 100,
      on: {
        query: async (_sql, out) => {
          await finish.opened;
          await out.ok(autocommit);
        },
      },
    });
    const idle = await loggedInClient({ port: running.port });
    const busy = await loggedInClient({ port: running.port });
    busy.send(0, query('long'));
    expect(await idle.read()).toBeNull();
    await running.sessions[0]!.closed;
    await until(() => running.server.openConnections === 1);
    finish.open();
    expect(await readResult(busy, true)).toMatchObject({ ok: {} });
    expect(await busy.read()).toBeNull();
  });

  it('disconnect a client that reads nothing of its answer', async () => {
    running = await startServer({
      writeTimeoutMs: 100,
      on: {
        query: async (_sql, out) => {
          await out.columns([column('text')]);
          const values = Buffer.alloc(1 << 20);
          for (;;) await out.rows([{ lengths: [values.length], values }]);
        },
      },
    });
    const client = await loggedInClient({ port: running.port });
    client.socket.pause();
    client.send(0, query('endless'));
    await running.sessions[0]!.closed;
    await until(() => running.server.openConnections === 0);
  });
});

describe('stop', () => {
  it('closes idle connections and refuses new ones', async () => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    await running.server.stop({ graceMs: 10_000 });
    expect(await client.read()).toBeNull();
    expect(running.sessions[0]!.calls).toEqual(['close']);
    await expect(loggedInClient({ port: running.port })).rejects.toThrow('ECONNREFUSED');
    expect(running.server.openConnections).toBe(0);
  });

  it('lets a running command finish, answers nothing after it', async () => {
    const { started, finish, seen } = await serveLongQueries();
    const client = await loggedInClient({ port: running.port });
    client.send(0, query('long'));
    await started.opened;
    client.send(0, query('next'));
    await turns(20);
    const stopped = running.server.stop({ graceMs: 10_000 });
    finish.open();
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(await readResult(client, true)).toEqual({
      err: { errno: 1053, sqlstate: '08S01', message: 'Server shutdown in progress' },
    });
    expect(await client.read()).toBeNull();
    await stopped;
    expect(seen.aborted).toBe(false);
    expect(running.sessions[0]!.calls).toEqual(['query long', 'close']);
  });

  it('keeps idle clients while one has a transaction open, refuses their statements, and ends with it', async () => {
    let open = true;
    running = await startServer({
      on: {
        inTransaction: (user) => user.connection.connectionId === 2 && open,
        query: (sql, out) => {
          if (sql === 'commit') open = false;
          return out.ok(autocommit);
        },
      },
    });
    const [idle, inTransaction, silent] = [
      await loggedInClient({ port: running.port }),
      await loggedInClient({ port: running.port }),
      await loggedInClient({ port: running.port }),
    ];
    const stopped = running.server.stop({ graceMs: 10_000 });
    const shutdown = { err: { errno: 1053, sqlstate: '08S01', message: 'Server shutdown in progress' } };
    silent.send(0, Buffer.of(0x0e));
    expect(await readResult(silent, true)).toEqual(shutdown);
    idle.send(0, query('select 1'));
    expect(await readResult(idle, true)).toEqual(shutdown);
    expect(await idle.read()).toBeNull();
    inTransaction.send(0, query('select 2'));
    expect(await readResult(inTransaction, true)).toMatchObject({ ok: {} });
    expect(running.server.openConnections).toBe(2);
    inTransaction.send(0, query('commit'));
    expect(await readResult(inTransaction, true)).toMatchObject({ ok: {} });
    expect(await silent.read()).toBeNull();
    await stopped;
    expect(running.sessions.map(({ calls }) => calls)).toEqual([
      ['close'],
      ['query select 2', 'query commit', 'close'],
      ['close'],
    ]);
  });

  it('ends what does not finish in time', async () => {
    const { started, seen } = await serveLongQueries();
    const client = await loggedInClient({ port: running.port });
    client.send(0, query('long'));
    await started.opened;
    await running.server.stop({ graceMs: 50 });
    expect(seen.aborted).toBe(true);
    expect(running.sessions[0]!.calls.at(-1)).toBe('close');
    expect(await client.read()).toBeNull();
  });
});
