import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '../../../src-main/servers/gateway';
import { RawClient } from '../../support/mysql-wire/raw-client';
import { startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { Ground } from '../../conformance/replay/vtgate/ground';
import { playLogin } from '../../conformance/replay/vtgate/wire-login';
import { ask } from '../../conformance/replay/vtgate/ask';
import { gatewayConfig, hardenedMode, startGateway, users, vitessMode } from '../../support/gateway-fixture';
import { createStubTablet, type StubTablet } from '../../support/stub-tablet';
import type { Fidelity } from '../../../src-main/domain/fidelity';

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const line = hex('PROXY TCP4 10.1.2.3 127.0.0.1 1111 3306\r\n');
const overUnix = `0d0a0d0a000d0a515549540a213100d8${hex('/tmp/x'.padEnd(216, '\0'))}`;
const people = {
  plain: [{ Password: 'pw', UserData: 'plain_data' }],
  local: [{ Password: 'pw', UserData: 'local_data', SourceHost: 'localhost' }],
};

let tablet: StubTablet;
let ground: Ground;
const gateways: Gateway[] = [];
beforeAll(async () => {
  tablet = await createStubTablet();
  ground = await Ground.make('');
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop({ graceMs: 0 });
});
afterAll(async () => {
  await tablet.stop();
  ground.dispose();
});

async function start(proxyProtocol: boolean, fidelity: Fidelity = vitessMode): Promise<number> {
  const gateway = await startGateway(
    gatewayConfig(tablet.port, {
      fidelity,
      mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: users(people, fidelity), proxyProtocol },
    }),
  );
  gateways.push(gateway);
  return gateway.mysql!.port;
}

/** Component of the effective caller that the tablet received, or how the login came out. */
async function seenFrom(port: number, prefixHex: string, user = 'plain'): Promise<string> {
  const login = { transport: 'tcp', user, password: 'pw', prefixHex } as const;
  const { view, client } = await playLogin(login, { where: { port }, ground });
  if (client === null) return view.result === 'error' ? String(view.errno) : view.result;
  tablet.calls.splice(0);
  await ask(client, 'select 1 from commerce.t1');
  client.close();
  return tablet.calls.at(-1)?.request.effectiveCallerId?.component ?? 'nobody';
}

describe('the gateway with --proxy-protocol', () => {
  it('names the claimed address to the tablet, over TCP and as a Unix socket', async () => {
    const port = await start(true);
    expect(await seenFrom(port, line)).toBe('10.1.2.3:1111');
    expect(await seenFrom(port, overUnix)).toBe('/tmp/x');
    expect(await seenFrom(port, hex('PROXY UNKNOWN\r\n'))).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('takes a claimed Unix socket for a local one in vitess mode, and not in hardened mode', async () => {
    const port = await start(true);
    expect(await seenFrom(port, overUnix, 'local')).toBe('/tmp/x');
    expect(await seenFrom(port, line, 'local')).toBe('1045');
    expect(await seenFrom(await start(true, hardenedMode), overUnix, 'local')).toBe('1045');
  });

  it('closes without a word behind a broken header', async () => {
    const port = await start(true);
    expect(await seenFrom(port, hex('PROXY nonsense\r\n'))).toBe('closed');
    expect(await seenFrom(port, hex('PROXY TCP4 10.1.2.3'))).toBe('closed');
    expect(await seenFrom(port, '0d0a0d0a000d0a515549540a2141000c')).toBe('closed');
  });

  it('believes no header when it is off: the client is out of step and nobody is let in', async () => {
    const port = await start(false);
    expect(await seenFrom(port, line)).toBe('closed');
    expect(await seenFrom(port, overUnix, 'local')).toBe('closed');
  });
});

describe('a listener that waits for a header', () => {
  let running: RunningServer;
  const opened: Socket[] = [];
  const open = async (): Promise<Socket> => {
    const socket = connect(running.port, '127.0.0.1');
    socket.on('error', () => undefined);
    opened.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await running.stop();
  });

  it('greets who sends none when the time is over, and closes a header that has not come to its end', async () => {
    running = await startServer({ proxyProtocol: true, proxyHeaderTimeoutMs: 100 });
    const [silent, begun, cut] = [await open(), await open(), await open()];
    begun.write('PRO');
    cut.write(Buffer.from(`${overUnix.slice(0, 60)}`, 'hex'));
    expect((await once(silent, 'data'))[0]).toBeInstanceOf(Buffer);
    expect((await once(begun, 'data'))[0]).toBeInstanceOf(Buffer);
    const got: Buffer[] = [];
    cut.on('data', (chunk: Buffer) => got.push(chunk));
    await once(cut, 'close');
    expect(got).toEqual([]);
  });

  it('takes a header of version 2 that comes byte by byte, with the login right behind it', async () => {
    running = await startServer({ proxyProtocol: true });
    const client = await RawClient.connect({ port: running.port });
    const bytes = Buffer.from(overUnix, 'hex');
    for (const byte of bytes) client.socket.write(Buffer.of(byte));
    expect((await client.expect()).payload[0]).toBe(10);
    client.close();
  });

  it('counts who waits among the half-open, and lets go of all when it stops', async () => {
    running = await startServer({ proxyProtocol: true, maxHalfOpen: 2, proxyHeaderTimeoutMs: 60_000 });
    const waiting = [await open(), await open()];
    const third = await open();
    const [answer] = (await once(third, 'data')) as [Buffer];
    expect(answer.readUInt16LE(5)).toBe(1040);
    expect(running.server.openConnections).toBeGreaterThanOrEqual(2);
    const closed = waiting.map((socket) => once(socket, 'close'));
    await running.server.stop({ graceMs: 0 });
    await Promise.all(closed);
    expect(running.server.openConnections).toBe(0);
  });
});
