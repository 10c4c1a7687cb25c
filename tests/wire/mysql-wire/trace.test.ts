import mysql from 'mysql2/promise';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuthMethod } from '../../../src-main/servers/mysql-wire';
import { createTlsAcceptor } from '../../../src-main/servers/tls';
import { createRecorder } from '../../../src-main/servers/recorder';
import { createPki } from '../../support/tls-identities';
import { RawClient, defaultFlags, flagsPart, loginPacket } from '../../support/mysql-wire/raw-client';
import { loggedInClient, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { staticPolicy } from '../../support/mysql-wire/stub-policy';
import { until } from '../../support/mysql-wire/turns';

let running: RunningServer;
afterEach(() => running.stop());

const secret = 'hunter2-very-secret';
const users = { alice: [{ Password: secret }] };

async function traced(methods: readonly AuthMethod[] = ['caching_sha2_password', 'mysql_native_password']) {
  const pki = createPki();
  const { cert, key } = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
  const recorder = createRecorder();
  const traceIds: string[] = [];
  const watched = {
    ...recorder,
    open: (listener: string, peer: string) => {
      const id = recorder.open(listener, peer);
      traceIds.push(id);
      return id;
    },
  };
  running = await startServer({
    recorder: watched,
    login: staticPolicy(users, methods).policy,
    tls: createTlsAcceptor({ cert, key }),
  });
  return { recorder, steps: (index = 0) => recorder.steps(traceIds[index]!), pki };
}

const address = () => ({ host: '127.0.0.1', port: running.port, user: 'alice' });

describe('trace of a connection', () => {
  it('tells each step of a login over TLS and its commands, and no secret', async () => {
    const { steps } = await traced();
    const connection = await mysql.createConnection({
      ...address(),
      password: secret,
      database: 'commerce',
      ssl: { rejectUnauthorized: false },
    });
    await connection.query(`select '${secret}'`);
    await connection.end();
    await running.sessions[0]!.closed;
    await until(() => steps().some(({ data }) => data['command'] === 'COM_QUIT'));
    const names = steps().map(({ name, outcome }) => `${name} ${outcome}`);
    expect(names.filter((name) => name.startsWith('mysql.'))).toEqual([
      'mysql.accepted ok',
      'mysql.greeting ok',
      'mysql.tls ok',
      'mysql.login-packet ok',
      'mysql.login-answer ok',
      'mysql.command ok',
      'mysql.command ok',
    ]);
    expect(steps().every(({ part }) => part === 'gateway')).toBe(true);
    const packet = steps().find(({ name }) => name === 'mysql.login-packet')!.data;
    expect(packet).toMatchObject({
      user: 'alice',
      database: 'commerce',
      method: 'mysql_native_password',
      replyBytes: 20,
    });
    expect(JSON.stringify(steps())).not.toContain(secret);
    expect(steps().find(({ name }) => name === 'mysql.tls')!.data).toMatchObject({
      version: 'TLSv1.3',
      clientCertificate: null,
    });
  });

  it('never holds a password that was sent as it is', async () => {
    const { steps } = await traced(['mysql_clear_password']);
    for (const direct of [true, false]) {
      const client = await RawClient.connect({ port: running.port });
      await client.expect();
      const flags = defaultFlags | 0x800;
      client.send(1, flagsPart(flags));
      await client.startTls();
      const password = Buffer.from(`${secret}\0`);
      const reply = direct ? password : Buffer.alloc(0);
      client.send(2, loginPacket({ flags, user: 'alice', reply, plugin: 'mysql_clear_password' }));
      const answer = await client.expect();
      if (!direct) {
        expect(answer.payload[0]).toBe(0xfe);
        client.send(answer.sequence + 1, password);
        await client.expect();
      }
      client.close();
    }
    const all = [...steps(0), ...steps(1)];
    expect(all.filter(({ name }) => name === 'mysql.login-answer').map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    expect(JSON.stringify(all)).not.toContain(secret);
  });

  it('tells a switch and a refusal', async () => {
    const { steps } = await traced();
    const client = await RawClient.connect({ port: running.port });
    await client.expect();
    client.send(1, loginPacket({ flags: defaultFlags, user: 'mallory', reply: Buffer.alloc(0), plugin: 'zzz' }));
    const { sequence } = await client.expect();
    client.send(sequence + 1, Buffer.from(secret));
    await client.readToEnd();
    expect(
      steps()
        .slice(3)
        .map(({ name, outcome, data }) => [name, outcome, data]),
    ).toEqual([
      ['mysql.auth-switch', 'ok', { method: 'mysql_native_password' }],
      [
        'mysql.login-answer',
        'refused',
        { errno: 1045, sqlState: '28000', message: "Access denied for user 'mallory'" },
      ],
    ]);
    expect(JSON.stringify(steps())).not.toContain(secret);
  });

  it('tells why TLS was refused', async () => {
    const { steps } = await traced();
    const client = await RawClient.connect({ port: running.port });
    await client.expect();
    client.socket.write(
      Buffer.concat([Buffer.from([32, 0, 0, 1]), flagsPart(defaultFlags | 0x800), Buffer.from('not TLS')]),
    );
    expect(await client.read()).toBeNull();
    expect(steps().at(-1)).toMatchObject({ name: 'mysql.tls', outcome: 'refused', data: { cause: 'not-tls' } });
  });

  it('tells a client that was dropped, and costs nothing when it is off', async () => {
    const { steps, recorder } = await traced();
    const client = await RawClient.connect({ port: running.port });
    await client.expect();
    client.send(9, Buffer.from('x'));
    await client.readToEnd();
    expect(steps().at(-1)).toMatchObject({ name: 'mysql.login-answer', outcome: 'failed' });
    recorder.disable('gateway');
    const other = await loggedInClient({ port: running.port }, { password: secret });
    other.close();
    expect(steps(1)).toEqual([]);
  });
});
