import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection, type ResultSetHeader } from 'mysql2/promise';
import { queryMethods, tabletManagerMethods, updateStreamMethods } from '../../../src-main/servers/rpc';
import { rootPassword } from '../backend/backend-fixture';
import { asRoot, startBackend, startTablet, target, type Backend, type Running } from './tablet-fixture';

/** What a gateway hardly ever asks: distributed transactions, message tables, change streams, operators' calls. */
describe('queryservice.Query beside statements', () => {
  let backend: Backend;
  let running: Running;
  beforeAll(async () => {
    backend = await startBackend();
    await asRoot(backend, 'create table t1 (a int)');
    running = await startTablet(backend);
  });
  afterAll(async () => {
    await running.stop();
    await backend.stop();
  });

  const caller = { username: 'alice' };
  const head = { target, immediateCallerId: caller };
  const call = (method: unknown, request: object): Promise<unknown> =>
    running.client.client.unary(method as typeof queryMethods.Begin, request as never);
  const all = async (method: unknown, request: object): Promise<void> => {
    for await (const _ of running.client.client.stream(method as typeof queryMethods.StreamHealth, request as never))
      void _;
  };

  it('prepares nothing, since nothing of it would survive a crash, and says so', async () => {
    const id = await running.client.begin(caller);
    await running.client.execute('insert into t1 values (1)', caller, { transactionId: id });
    await expect(call(queryMethods.Prepare, { ...head, transactionId: id, dtid: 'd' })).rejects.toMatchObject({
      code: 10,
      message: 'VT10002: atomic distributed transaction not allowed: this tablet keeps no redo log (CallerID: alice)',
    });
    // Rolled back: a promise that cannot be kept is not given.
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['0']] });
    await expect(call(queryMethods.CreateTransaction, { ...head, dtid: 'd' })).rejects.toMatchObject({ code: 10 });
  });

  it('answers about transactions that nobody prepared as vttablet does', async () => {
    const gone = 'transaction 12345: not found (potential transaction timeout) (CallerID: alice)';
    for (const method of [queryMethods.Prepare, queryMethods.StartCommit])
      await expect(call(method, { ...head, transactionId: 12_345n, dtid: 'x' })).rejects.toMatchObject({
        code: 10,
        message: gone,
      });
    for (const method of [
      queryMethods.CommitPrepared,
      queryMethods.RollbackPrepared,
      queryMethods.ConcludeTransaction,
      queryMethods.ReadTransaction,
      queryMethods.UnresolvedTransactions,
    ])
      await expect(call(method, { ...head, dtid: 'x' })).resolves.toBeDefined();
    await expect(call(queryMethods.SetRollback, { ...head, dtid: 'x' })).rejects.toMatchObject({
      code: 5,
      message: 'could not transition to ROLLBACK: x (CallerID: alice)',
    });
  });

  it('rolls back what is live when it is told to', async () => {
    const id = await running.client.begin(caller);
    await running.client.execute('insert into t1 values (2)', caller, { transactionId: id });
    await call(queryMethods.RollbackPrepared, { ...head, dtid: 'x', transactionId: id });
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['0']] });
    expect(await running.client.conclude('Commit', id)).toMatchObject({ code: 'ABORTED' });
  });

  it('checks the target of every such call', async () => {
    const wrong = { immediateCallerId: caller, target: { ...target, keyspace: 'nosuch' }, dtid: 'x' };
    const message = 'invalid keyspace nosuch does not match expected commerce';
    for (const method of [queryMethods.CommitPrepared, queryMethods.ReadTransaction, queryMethods.Prepare])
      await expect(call(method, wrong)).rejects.toMatchObject({ code: 3, message });
    for (const method of [queryMethods.VStream, queryMethods.VStreamRows, queryMethods.MessageStream])
      await expect(all(method, wrong)).rejects.toMatchObject({ code: 3, message });
  });

  it('has no message tables and no change streams', async () => {
    await expect(all(queryMethods.MessageStream, { ...head, name: 'nosuch' })).rejects.toMatchObject({
      code: 3,
      message: 'table nosuch not found in schema (CallerID: alice)',
    });
    await expect(all(queryMethods.MessageStream, { ...head, name: 't1' })).rejects.toMatchObject({
      code: 9,
      message: "'t1' is not a message table (CallerID: alice)",
    });
    await expect(call(queryMethods.MessageAck, { ...head, name: 't1' })).rejects.toMatchObject({
      code: 3,
      message: 'message table t1 not found in schema',
    });
    for (const method of [
      queryMethods.VStream,
      queryMethods.VStreamTables,
      queryMethods.VStreamResults,
      queryMethods.BinlogDumpGTID,
    ])
      await expect(all(method, head)).rejects.toMatchObject({ code: 12 });
  });

  it('refuses malformed requests as vttablet does', async () => {
    await expect(call(queryMethods.Execute, head)).rejects.toMatchObject({
      code: 2,
      message: expect.stringContaining('nil pointer dereference') as string,
    });
    await expect(all(queryMethods.StreamExecute, head)).rejects.toMatchObject({ code: 2 });
    const ids = { ...head, query: { sql: 'select 1' }, transactionId: 1n, reservedId: 2n };
    const message = '[BUG] transactionID and reserveID must match if both are non-zero';
    await expect(call(queryMethods.Execute, ids)).rejects.toMatchObject({ code: 13, message });
    await expect(all(queryMethods.StreamExecute, ids)).rejects.toMatchObject({ code: 13, message });
  });

  it('counts found rows as a connection with CLIENT_FOUND_ROWS does', async () => {
    await asRoot(backend, 'create table f (id int primary key, v int)', 'create table g like f');
    const root = await createConnection({
      socketPath: backend.server.socket ?? '',
      user: 'root',
      password: rootPassword.reveal(),
      database: 'vt_commerce',
      flags: ['+FOUND_ROWS'],
    });
    for (const [sql, other] of [
      ['insert into f values (1, 1), (2, 2), (3, 3)'],
      ['update f set v = 2 where id < 3'],
      ['update f set v = 9 where id = 77'],
      ['insert into f values (1, 2) on duplicate key update v = 2'],
      ['insert into f values (1, 5) on duplicate key update v = 5'],
      ['insert into f values (4, 4) on duplicate key update v = 4'],
      ['insert into f values (1, 5), (2, 8), (5, 5) on duplicate key update v = values(v)'],
      ['replace into f values (1, 1)'],
      ['delete from f where id < 3'],
    ].map(([one = '']) => [one, one.replace(/\bf\b/, 'g')] as const)) {
      const answer = await running.client.execute(sql, caller, { options: { clientFoundRows: true } });
      const [result] = await root.query(other);
      expect({ sql, affected: 'affected' in answer ? answer.affected : answer }).toEqual({
        sql,
        affected: (result as ResultSetHeader).affectedRows,
      });
    }
    await root.end();
  });

  it('answers a ping and lists change streams of binlogservice, which it does not serve', async () => {
    expect(await running.client.client.unary(tabletManagerMethods.Ping, { payload: 'x' })).toMatchObject({
      payload: 'x',
    });
    await expect(all(updateStreamMethods.StreamTables, {})).rejects.toMatchObject({ code: 12 });
  });
});
