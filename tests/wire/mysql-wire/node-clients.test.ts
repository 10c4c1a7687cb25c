import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer } from '../../support/mysql-wire/start-server';
import { alice, rootPem, startWayIn, waysIn, type WayIn } from '../../support/mysql-wire/ways-in';

const tlsOf = ({ transport }: WayIn) => {
  if (transport === 'tls') return { ssl: { ca: rootPem, rejectUnauthorized: true } };
  if (transport === 'mutual-tls') {
    return { ssl: { ca: rootPem, cert: alice.cert, key: alice.key, rejectUnauthorized: true } };
  }
  return {};
};

describe.each(waysIn)('$name', (way) => {
  let running: RunningServer;
  beforeAll(async () => {
    running = await startWayIn(way);
  });
  afterAll(() => running.stop());

  const address = () =>
    way.transport === 'unix' ? { socketPath: running.socketPath } : { host: 'localhost', port: running.port };
  const login = (password = 'pw1') => ({ ...address(), user: 'alice', password, ...tlsOf(way) });

  it('mysql2 logs in, queries, prepares and leaves', async () => {
    const connection = await mysql.createConnection({ ...login(), enableCleartextPlugin: true });
    expect((await connection.query("select 'hello'"))[0]).toEqual([{ text: 'hello' }]);
    expect((await connection.execute('select ?', ['x']))[0]).toEqual([{ text: 'x' }]);
    await connection.end();
    await running.sessions.at(-1)!.closed;
  });

  it('mariadb logs in, queries, prepares and leaves', async () => {
    const connection = await mariadb.createConnection(login());
    expect(await connection.query("select 'hello'")).toEqual([{ text: 'hello' }]);
    expect(await connection.execute('select ?', ['x'])).toEqual([{ text: 'x' }]);
    await connection.end();
    await running.sessions.at(-1)!.closed;
  });

  // A certificate has no password that could be wrong.
  if (way.method !== 'certificate')
    it('a wrong password is refused in vtgate’s words', async () => {
      const wrong = { ...login('wrong'), enableCleartextPlugin: true };
      await expect(mysql.createConnection(wrong)).rejects.toMatchObject({
        errno: 1045,
        sqlState: '28000',
        message: "Access denied for user 'alice'",
      });
      const before = running.sessions.length;
      await expect(mariadb.createConnection(login('wrong'))).rejects.toMatchObject({ errno: 1045, sqlState: '28000' });
      expect(running.sessions.length).toBe(before);
    });

  it('tells the session who came and how', () => {
    const { login: seen } = running.sessions[0]!;
    expect(seen).toMatchObject({
      user: 'alice',
      immediate: { username: way.method === 'certificate' ? 'alice' : 'alice_data' },
      connection: { unixSocket: way.transport === 'unix' },
    });
    expect(seen.connection.secured?.peer?.commonName ?? null).toBe(way.transport === 'mutual-tls' ? 'alice' : null);
    expect(seen.connection.secured?.version ?? null).toBe(/tls/.test(way.transport) ? 'TLSv1.3' : null);
    expect(seen.connection.remoteAddress).toMatch(way.transport === 'unix' ? /^@$/ : /^(127\.0\.0\.1|\[::1\]):\d+$/);
    expect(seen.attributes.get('_client_name')).toBe('Node-MySQL-2');
  });
});
