import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../support/mysql-wire/start-server';

let running: RunningServer;
beforeAll(async () => {
  running = await startServer();
});
afterAll(() => running.stop());

const login = () => ({ host: '127.0.0.1', port: running.port, user: 'alice', password: 'pw1' });

describe('clients of Node over plain TCP', () => {
  it('mysql2 logs in, queries and leaves', async () => {
    const connection = await mysql.createConnection(login());
    const [rows] = await connection.query("select 'hello'");
    expect(rows).toEqual([{ text: 'hello' }]);
    await connection.end();
  });

  it('mariadb logs in, queries and leaves', async () => {
    const connection = await mariadb.createConnection(login());
    expect(await connection.query("select 'hello'")).toEqual([{ text: 'hello' }]);
    await connection.end();
  });
});
