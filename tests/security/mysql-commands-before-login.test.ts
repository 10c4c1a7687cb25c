import { afterEach, describe, expect, it } from 'vitest';
import type { LoginOutcome, LoginPolicy } from '../../src-main/servers/mysql-wire';
import { RawClient, defaultFlags, frame, loginPacket, parseError } from '../support/mysql-wire/raw-client';
import { query, startServer, type RunningServer } from '../support/mysql-wire/start-server';
import { readResult } from '../support/mysql-wire/seen-result';
import { latch, turns } from '../support/mysql-wire/turns';

/**
 * The attack: statements in the same train as the login packet, while the login is still being checked. A server that
 * reads commands before it has the answer executes them for somebody it is about to refuse.
 */

let running: RunningServer;
afterEach(() => running.stop());

async function slowLogin(outcome: LoginOutcome) {
  const asked = latch();
  const answer = latch();
  const policy: LoginPolicy = {
    greetingMethod: 'mysql_native_password',
    methods: () => ['mysql_native_password'],
    check: async () => {
      asked.open();
      await answer.opened;
      return outcome;
    },
  };
  running = await startServer({ login: policy });
  const client = await RawClient.connect({ port: running.port });
  await client.expect();
  const login = loginPacket({ flags: defaultFlags, user: 'mallory', reply: Buffer.alloc(20, 1), plugin: null });
  client.socket.write(
    Buffer.concat([
      frame(1, login),
      frame(0, query('drop database prod')),
      frame(0, Buffer.concat([Buffer.of(0x16), Buffer.from('drop table t')])),
      frame(0, Buffer.concat([Buffer.of(2), Buffer.from('prod')])),
    ]),
  );
  await asked.opened;
  await turns(50);
  return { client, answer };
}

const denied: LoginOutcome = {
  kind: 'denied',
  errno: 1045,
  sqlState: '28000',
  message: "Access denied for user 'mallory'",
};

describe('statements sent with the login packet', () => {
  it('reach nobody while the login is being checked, and nobody after it was denied', async () => {
    const { client, answer } = await slowLogin(denied);
    expect(running.sessions).toEqual([]);
    answer.open();
    const packets = await client.readToEnd();
    expect(packets.map(({ payload }) => parseError(payload).errno)).toEqual([1045]);
    await turns(50);
    expect(running.sessions).toEqual([]);
  });

  it('reach nobody when the login is dropped', async () => {
    const { client, answer } = await slowLogin({ kind: 'dropped' });
    answer.open();
    expect(await client.readToEnd()).toEqual([]);
    expect(running.sessions).toEqual([]);
  });

  it('are executed after a login that was accepted, and not before', async () => {
    const { client, answer } = await slowLogin({ kind: 'accepted', immediate: { username: 'm', groups: [] } });
    expect(running.sessions).toEqual([]);
    answer.open();
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(running.sessions[0]!.calls[0]).toBe('query drop database prod');
    client.close();
  });

  it('reach nobody when the initial database is refused', async () => {
    running = await startServer();
    const client = await RawClient.connect({ port: running.port });
    const greeting = (await client.expect()).payload;
    expect(greeting[0]).toBe(10);
    const flags = defaultFlags | 0x8;
    const login = loginPacket({ flags, user: 'alice', reply: Buffer.alloc(0), plugin: null, database: 'nosuch' });
    client.socket.write(Buffer.concat([frame(1, login)]));
    const { payload, sequence } = await client.expect();
    const salt = payload.subarray(payload.indexOf(0, 1) + 1).subarray(0, 20);
    const { nativeReply } = await import('../support/mysql-wire/scramble');
    client.socket.write(
      Buffer.concat([frame(sequence + 1, nativeReply('pw1', salt)), frame(0, query('drop database prod'))]),
    );
    expect((await client.readToEnd()).map((packet) => parseError(packet.payload).errno)).toEqual([1049]);
    await running.sessions[0]!.closed;
    expect(running.sessions[0]!.calls).toEqual(['initDb nosuch', 'close']);
  });
});
