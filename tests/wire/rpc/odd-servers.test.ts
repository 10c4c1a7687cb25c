import {
  constants,
  createServer,
  type Http2Server,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGrpcClient, queryMethods, type GrpcClient } from '../../../src-main/servers/rpc';
import { ask, failure } from './rig';

let server: Http2Server;
let client: GrpcClient;
afterEach(async () => {
  await client.close();
  server.close();
});

/** An HTTP/2 server that does with each stream whatever it is told. */
async function start(answer: (stream: ServerHttp2Stream, nth: number) => void): Promise<void> {
  let nth = 0;
  server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    nth += 1;
    answer(stream, nth);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createGrpcClient({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
}
const ok: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const good = (stream: ServerHttp2Stream): void => {
  stream.respond(ok, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
};
const call = () => client.unary(queryMethods.Execute, ask('x'));

describe('a server that refuses streams it has not begun', () => {
  it('is asked again', async () => {
    let seen = 0;
    await start((stream, nth) => {
      seen = nth;
      if (nth < 3) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else good(stream);
    });
    await call();
    expect(seen).toBe(3);
  });

  it('is not asked for ever', async () => {
    await start((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    expect((await failure(call())).code).toBe(14);
    const items = client.stream(queryMethods.StreamExecute, ask('x'))[Symbol.asyncIterator]();
    expect((await failure(items.next())).code).toBe(14);
  });
});

describe('an answer', () => {
  it.each([
    [
      'of HTTP 503 alone',
      { ':status': 503, 'content-type': 'text/html' },
      14,
      'unexpected HTTP status code received from server: 503',
    ],
    ['of HTTP 404 alone', { ':status': 404 }, 12, 'unexpected HTTP status code received from server: 404'],
    ['of HTTP 401 alone', { ':status': 401 }, 16, 'unexpected HTTP status code received from server: 401'],
    ['with a status behind another HTTP code', { ':status': 415, 'grpc-status': '3', 'grpc-message': 'why' }, 3, 'why'],
    ['with a status that is no number', { ...ok, 'grpc-status': 'x', 'grpc-message': 'why' }, 2, 'why'],
    ['with code 18', { ...ok, 'grpc-status': '18', 'grpc-message': 'read%20only' }, 18, 'read only'],
    ['without status', ok, 13, 'server closed the stream without sending trailers'],
    ['with status OK and no message', { ...ok, 'grpc-status': '0' }, 13, 'the server ended the call without an answer'],
  ])('%s', async (_what, headers, code, message) => {
    await start((stream) => stream.respond(headers, { endStream: true }));
    const error = await failure(call());
    expect([error.code, error.message]).toEqual([code, message]);
  });

  it.each([
    ['two messages', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 13, 'the server sent more than one answer'],
    ['half a message', [0, 0, 0, 0, 9, 1], 13, 'unexpected EOF'],
    ['a message that is none', [0, 0, 0, 0, 2, 0x0a, 0xff], 13, /^grpc: failed to unmarshal the received message: /],
    ['an unknown flag', [9, 0, 0, 0, 0], 13, 'grpc: received unexpected payload format 9'],
  ])('with %s', async (_what, bytes, code, message) => {
    await start((stream) => {
      stream.respond(ok, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from(bytes));
    });
    const error = await failure(call());
    expect(error.code).toBe(code);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('in HTML', async () => {
    await start((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
    });
    const error = await failure(call());
    expect(error.code).toBe(2);
    expect(error.message).toContain('received unexpected content-type "text/html"');
  });

  it.each([
    [constants.NGHTTP2_CANCEL, 1, 'CANCEL'],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, 8, 'ENHANCE_YOUR_CALM'],
    [constants.NGHTTP2_INADEQUATE_SECURITY, 7, 'INADEQUATE_SECURITY'],
    [constants.NGHTTP2_INTERNAL_ERROR, 13, 'INTERNAL_ERROR'],
  ])('cut off by reset %d', async (reset, code, name) => {
    await start((stream) => stream.close(reset));
    const error = await failure(call());
    expect([error.code, error.message]).toEqual([code, `stream terminated by RST_STREAM with error code: ${name}`]);
  });
});

it('a connection that ends in the middle of a call is UNAVAILABLE, and the next call dials again', async () => {
  await start((stream, nth) => {
    if (nth === 1) stream.session?.destroy();
    else good(stream);
  });
  expect((await failure(call())).code).toBe(14);
  await call();
  expect(client.lastConnectionError).toBeNull();
});
