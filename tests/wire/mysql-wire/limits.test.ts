import { afterEach, describe, expect, it } from 'vitest';
import { RawClient, defaultFlags, frame, loginPacket, parseError } from '../../support/mysql-wire/raw-client';
import { readResult } from '../../support/mysql-wire/seen-result';
import { loggedInClient, query, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { until } from '../../support/mysql-wire/turns';

let running: RunningServer;
afterEach(() => running.stop());

describe('limits before the login', () => {
  it('time: a client that is silent after the greeting is dropped without a word', async () => {
    running = await startServer({ handshakeTimeoutMs: 100 });
    const client = await RawClient.connect({ port: running.port });
    expect((await client.readToEnd()).length).toBe(1);
  });

  it('time: a client that dribbles its login packet is dropped too', async () => {
    running = await startServer({ handshakeTimeoutMs: 150 });
    const client = await RawClient.connect({ port: running.port });
    const bytes = frame(1, loginPacket({ flags: defaultFlags, user: 'alice', reply: Buffer.alloc(20), plugin: '' }));
    let at = 0;
    const dribble = setInterval(() => client.socket.write(bytes.subarray(at, ++at)), 20);
    expect((await client.readToEnd()).length).toBe(1);
    clearInterval(dribble);
    expect(at).toBeLessThan(bytes.length);
  });

  it('time: a login check that never answers does not hold the connection', async () => {
    running = await startServer({
      handshakeTimeoutMs: 100,
      login: {
        greetingMethod: 'mysql_native_password',
        methods: () => ['mysql_native_password'],
        check: () => new Promise(() => undefined),
      },
    });
    await expect(loggedInClient({ port: running.port })).rejects.toThrow('closed');
  });

  it('time: a logged-in client may be silent', async () => {
    running = await startServer({ handshakeTimeoutMs: 60 });
    const client = await loggedInClient({ port: running.port });
    const silent = await RawClient.connect({ port: running.port });
    await silent.readToEnd();
    client.send(0, Buffer.of(0x0e));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    client.close();
  });

  it('size: a packet above the limit ends the connection with its header', async () => {
    running = await startServer({ maxPacketBeforeLogin: 1000 });
    const client = await RawClient.connect({ port: running.port });
    await client.expect();
    client.socket.write(frame(1, Buffer.alloc(1001)).subarray(0, 4));
    expect(await client.read()).toBeNull();
  });

  it('number: clients on their way in are limited, those inside are not counted', async () => {
    running = await startServer({ maxHalfOpen: 3 });
    const inside = await loggedInClient({ port: running.port });
    const waiting = await Promise.all(Array.from({ length: 3 }, () => RawClient.connect({ port: running.port })));
    for (const client of waiting) await client.expect();
    const refused = await RawClient.connect({ port: running.port });
    const packet = await refused.expect();
    expect(packet.sequence).toBe(0);
    expect(parseError(packet.payload)).toEqual({ errno: 1040, sqlstate: '08004', message: 'Too many connections' });
    expect(await refused.read()).toBeNull();
    waiting[0]!.close();
    await until(() => running.server.openConnections <= 3);
    const next = await loggedInClient({ port: running.port });
    for (const client of [...waiting, inside, next]) client.close();
  });

  it('number: connections are limited where a limit is set', async () => {
    running = await startServer({ maxConnections: 1 });
    const inside = await loggedInClient({ port: running.port });
    const refused = await RawClient.connect({ port: running.port });
    expect(parseError((await refused.expect()).payload).errno).toBe(1040);
    inside.close();
    refused.close();
    await until(() => running.server.openConnections === 0);
    (await loggedInClient({ port: running.port })).close();
  });
});

describe('limits after the login', () => {
  it('a command above maxAllowedPacket is answered with 1153 and the connection closed', async () => {
    running = await startServer({ maxAllowedPacket: 10_000 });
    const client = await loggedInClient({ port: running.port });
    client.send(0, query('x'.repeat(9_999)));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    client.send(0, query('x'.repeat(50_000)));
    const packet = await client.expect();
    expect(packet.sequence).toBe(1);
    expect(parseError(packet.payload)).toEqual({
      errno: 1153,
      sqlstate: '08S01',
      message: "Got a packet bigger than 'max_allowed_packet' bytes",
    });
    expect(await client.read()).toBeNull();
    expect(running.sessions[0]!.calls.length).toBe(2);
  });

  it('a wrong sequence number or an empty packet closes the connection', async () => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(1, query('x'));
    expect(await client.read()).toBeNull();
    const other = await loggedInClient({ port: running.port });
    other.send(0, Buffer.alloc(0));
    expect(await other.read()).toBeNull();
    expect(running.sessions.flatMap(({ calls }) => calls)).toEqual(['close', 'close']);
  });

  it.each(['19', '1a0100', '18010000'])('a malformed command %s closes the connection', async (text) => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(0, Buffer.from(text, 'hex'));
    expect(await client.read()).toBeNull();
  });

  it('text that is no UTF-8 is refused and the connection lives on', async () => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(0, Buffer.concat([Buffer.of(3), Buffer.from("select '"), Buffer.of(0xff, 0xfe), Buffer.from("'")]));
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 1300, sqlstate: 'HY000' } });
    client.send(0, query("select 'ok'"));
    expect(await readResult(client, true)).toMatchObject({ rows: [Buffer.from('\x02ok')] });
    expect(running.sessions[0]!.calls).toEqual(["query select 'ok'"]);
    client.close();
  });

  it.each([0x04, 0x09, 0x11, 0x1c, 0xfe])('command %i is not implemented; the connection lives on', async (byte) => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(0, Buffer.concat([Buffer.of(byte), Buffer.from('alice\0')]));
    expect(await readResult(client, true)).toEqual({
      err: { errno: 1047, sqlstate: '08S01', message: `command handling not implemented yet: ${byte}` },
    });
    client.send(0, Buffer.of(0x0e));
    expect(await readResult(client, true)).toMatchObject({ ok: {} });
    expect(running.sessions[0]!.calls).toEqual(['ping']);
    client.close();
  });

  it.each([0x12, 0x15, 0x1e])('command %i, replication, is refused and the connection closed', async (byte) => {
    running = await startServer();
    const client = await loggedInClient({ port: running.port });
    client.send(0, Buffer.of(byte));
    expect(await readResult(client, true)).toMatchObject({ err: { errno: 1105 } });
    expect(await client.read()).toBeNull();
  });
});
