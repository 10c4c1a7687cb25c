import {
  connect,
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query, queryMethods } from '../../../src-main/servers/rpc';
import { ask, startQueryServer } from './rig';

let server: Awaited<ReturnType<typeof startQueryServer>>;
let session: ClientHttp2Session;
beforeAll(async () => {
  server = await startQueryServer({ maxMessageBytes: 1000, handshakeTimeoutMs: 300 });
  session = connect(`http://${server.target}`);
});
afterAll(async () => {
  session.destroy();
  await server.stop({ graceMs: 0 });
});

const frame = (sql: string): Buffer => {
  const message = Buffer.from(query.ExecuteRequest.encode(ask(sql)).finish());
  return Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
};

interface Answer {
  headers: IncomingHttpHeaders & { ':status'?: number | undefined };
  trailers: IncomingHttpHeaders | null;
  body: Buffer;
  rst: number | undefined;
}

/** One request made by hand; `send` writes its body. */
const request = (
  headers: OutgoingHttpHeaders,
  send: (write: (bytes: Buffer) => void, end: () => void) => void = (write, end) => {
    write(frame('echo'));
    end();
  },
): Promise<Answer> =>
  new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': queryMethods.Execute.path,
      'content-type': 'application/grpc',
      ...headers,
    });
    const answer: Answer = { headers: {}, trailers: null, body: Buffer.alloc(0), rst: undefined };
    stream.on('response', (received) => (answer.headers = received));
    stream.on('trailers', (received) => (answer.trailers = received));
    stream.on('data', (chunk: Buffer) => (answer.body = Buffer.concat([answer.body, chunk])));
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ ...answer, rst: stream.rstCode }));
    send(
      (bytes) => stream.write(bytes),
      () => stream.end(),
    );
  });

describe('an answer', () => {
  it('is headers, one message and trailers', async () => {
    const { headers, trailers, body } = await request({});
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' });
    expect(trailers).toMatchObject({ 'grpc-status': '0' });
    expect(trailers).not.toHaveProperty('grpc-message');
    expect(body[0]).toBe(0);
    expect(body.readUInt32BE(1)).toBe(body.length - 5);
  });

  it('to an error is trailers alone', async () => {
    const { headers, trailers } = await request({ ':path': '/no.such.Service/Method' });
    expect(headers).toMatchObject({ 'grpc-status': '12', 'grpc-message': 'unknown service no.such.Service' });
    expect(trailers).toBeNull();
  });

  it('with a code beyond gRPC carries its number', async () => {
    const { headers } = await request({}, (write, end) => {
      write(frame('status 17 x'));
      end();
    });
    expect(headers['grpc-status']).toBe('17');
  });
});

describe('a request', () => {
  it('may come byte by byte', async () => {
    const { trailers } = await request({}, (write, end) => {
      for (const byte of frame('echo')) write(Buffer.from([byte]));
      end();
    });
    expect(trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it.each([
    ['application/grpc+proto', 200, '0'],
    ['application/grpc;charset=utf-8', 200, '0'],
    ['application/grpc-web', 415, '3'],
    ['text/html', 415, '3'],
    ['application/json', 415, '3'],
  ])('of content type %s gets HTTP %d', async (type, http, status) => {
    const { headers, trailers } = await request({ 'content-type': type });
    expect(headers[':status']).toBe(http);
    expect((trailers ?? headers)['grpc-status']).toBe(status);
    if (http === 415) expect(headers['grpc-message']).toBe(`invalid gRPC request content-type "${type}"`);
  });

  it('must be POST', async () => {
    const { headers } = await request({ ':method': 'GET' }, () => undefined);
    expect([headers[':status'], headers['grpc-status']]).toEqual([405, '13']);
  });

  it.each(['x', '1', '5x', '123456789S', '-1S', '1.5S', 'S'])('with grpc-timeout %j is malformed', async (value) => {
    const { headers } = await request({ 'grpc-timeout': value });
    expect([headers[':status'], headers['grpc-status']]).toEqual([400, '13']);
    expect(headers['grpc-message']).toMatch(/^malformed grpc-timeout: /);
  });

  it('whose time is over ends with DEADLINE_EXCEEDED', async () => {
    const { headers } = await request({ 'grpc-timeout': '50m' }, (write, end) => {
      write(frame('wait'));
      end();
    });
    expect([headers['grpc-status'], headers['grpc-message']]).toEqual(['4', 'context deadline exceeded']);
  });

  it('that stays unfinished is ended by its deadline', async () => {
    const before = server.seen.calls;
    const { headers } = await request({ 'grpc-timeout': '50m' }, (write) => write(Buffer.from([0, 0, 0])));
    expect(headers['grpc-status']).toBe('4');
    expect(server.seen.calls).toBe(before);
  });

  it.each([
    ['no message', [], '13'],
    ['half a message', [frame('echo').subarray(0, 9)], '13'],
    ['two messages', [frame('echo'), frame('echo')], '13'],
    ['a message and a half', [frame('echo'), Buffer.from([0, 0])], '13'],
    ['an unknown flag', [Buffer.from([2, 0, 0, 0, 0])], '13'],
    ['a compressed message without encoding', [Buffer.from([1, 0, 0, 0, 0])], '13'],
    ['an announced length above the limit', [Buffer.from([0, 0xff, 0xff, 0xff, 0xff])], '8'],
  ])('with %s is refused before the handler', async (_what, parts, status) => {
    const before = server.seen.calls;
    const { headers } = await request({}, (write, end) => {
      parts.forEach(write);
      end();
    });
    expect(headers['grpc-status']).toBe(status);
    expect(server.seen.calls).toBe(before);
  });

  it('that is refused while it is being sent is stopped without harm to the others', async () => {
    const { headers, rst } = await request({ ':path': '/no.such.Service/Method' }, (write) => {
      for (let n = 0; n < 100; n += 1) write(Buffer.alloc(10_000));
    });
    expect([headers['grpc-status'], rst]).toEqual(['12', constants.NGHTTP2_NO_ERROR]);
    expect((await request({})).trailers).toMatchObject({ 'grpc-status': '0' });
  });
});

describe('a connection', () => {
  it('that never says anything is closed', async () => {
    const socket = connectTcp(server.address.port, '127.0.0.1');
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
  });

  it('whose client pings all the time is told to calm down', async () => {
    const own = connect(`http://${server.target}`);
    own.on('error', () => undefined);
    const calm = new Promise<[number, string]>((resolve) =>
      own.on('goaway', (code, _last, data) => resolve([code, String(data)])),
    );
    await new Promise((resolve) => own.once('remoteSettings', resolve));
    own.on('ping', () => undefined);
    const ping = (): void => {
      if (!own.destroyed && !own.closed) own.ping(() => setImmediate(ping));
    };
    ping();
    expect(await calm).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
    own.destroy();
  });

  it('whose client measures the link while a large answer comes is served to the end', async () => {
    const own = await startQueryServer();
    const caller = connect(`http://${own.target}`);
    let told = 0;
    caller.on('error', () => undefined);
    caller.on('goaway', () => (told += 1));
    const stream = caller.request({
      ':method': 'POST',
      ':path': queryMethods.Execute.path,
      'content-type': 'application/grpc',
    });
    let received = 0;
    let measuring = false;
    let pings = 0;
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (measuring) return;
      measuring = true;
      pings += 1;
      caller.ping(() => (measuring = false));
    });
    const trailers = new Promise<IncomingHttpHeaders>((resolve) => stream.on('trailers', resolve));
    stream.end(frame('bytes 4000000'));
    expect(await trailers).toMatchObject({ 'grpc-status': '0' });
    expect([told, received > 4_000_000, pings > 3]).toEqual([0, true, true]);
    caller.destroy();
    await own.stop();
  });

  it('whose client has gone without a word is ended, one that answers is kept', async () => {
    const own = await startQueryServer({ keepalive: { afterMs: 100, timeoutMs: 100 } });
    const alive = connect(`http://${own.target}`);
    const dead = connectTcp(own.address.port, '127.0.0.1');
    dead.on('error', () => undefined);
    dead.resume();
    dead.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    let pings = 0;
    alive.on('ping', () => (pings += 1));
    await new Promise((resolve) => dead.once('close', resolve));
    await expect.poll(() => pings).toBeGreaterThan(2);
    expect([alive.destroyed, own.openConnections]).toEqual([false, 1]);
    alive.destroy();
    await own.stop();
  });

  it('announces its limits', async () => {
    const own = connect(`http://${server.target}`);
    const settings = await new Promise<{ maxConcurrentStreams?: number; maxHeaderListSize?: number }>((resolve) =>
      own.once('remoteSettings', resolve),
    );
    expect(settings).toMatchObject({ maxConcurrentStreams: 1000, maxHeaderListSize: 65536 });
    own.destroy();
  });

  it('refuses header lists above its limit and serves on', async () => {
    const { headers, trailers } = await request({ 'x-large': 'y'.repeat(70_000) });
    expect((trailers ?? headers)['grpc-status']).not.toBe('0');
    const own = connect(`http://${server.target}`);
    own.on('error', () => undefined);
    own.destroy();
    session.destroy();
    session = connect(`http://${server.target}`);
    expect((await request({})).trailers).toMatchObject({ 'grpc-status': '0' });
  });
});

describe('stopping', () => {
  it('says GOAWAY, finishes calls, refuses new connections, and ends what does not end in time', async () => {
    const own = await startQueryServer();
    const other = connect(`http://${own.target}`);
    other.on('error', () => undefined);
    const stream = other.request({
      ':method': 'POST',
      ':path': queryMethods.Execute.path,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.end(frame('wait'));
    await own.seen.waiting;
    const goaway = new Promise<number>((resolve) => other.once('goaway', resolve));
    const stopped = own.stop({ graceMs: 50 });
    expect(await goaway).toBe(constants.NGHTTP2_NO_ERROR);
    const refused = await new Promise<string>((resolve) =>
      connectTcp(own.address.port, '127.0.0.1').once('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code ?? ''),
      ),
    );
    expect(refused).toBe('ECONNREFUSED');
    await stopped;
    expect(await own.seen.aborted).toMatchObject({ code: 1 });
    await own.stop();
    other.destroy();
  });
});
