import { connect } from 'node:http2';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { query } from '../../../src-main/servers/rpc';
import { healthMethods, queryMethods, vitessMethods } from '../../../src-main/servers/rpc';
import { ask, failure, grpcJsClient, startQueryServer } from './rig';

let server: Awaited<ReturnType<typeof startQueryServer>>;
let client: ReturnType<typeof grpcJsClient>;

beforeAll(async () => {
  server = await startQueryServer();
  client = grpcJsClient(server.target);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

describe('unary calls', () => {
  it('carry request and answer, with all digits of a transaction id', async () => {
    const answer = await client.unary(queryMethods.Execute, ask('écho ☃', 9007199254740993n));
    expect(answer.result?.info).toBe('écho ☃');
    expect(answer.result?.rowsAffected).toBe(9007199254740993n);
  });

  it('run side by side on one connection', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => client.unary(queryMethods.Execute, ask(`echo ${n}`))),
    );
    expect(answers.map((answer) => answer.result?.info)).toEqual(Array.from({ length: 200 }, (_, n) => `echo ${n}`));
  });

  it.each([
    [3, 'plain text'],
    [7, 'table acl: 100% of «Zoë»\nsecond line\ttab'],
    [5, 'ends with a space '],
    [16, ''],
  ])('end with status %d %j', async (code, text) => {
    const error = await failure(client.unary(queryMethods.Execute, ask(`status ${code} ${text}`)));
    expect(error.code).toBe(code);
    expect(error.details).toBe(text);
    expect(error.metadata.get('x-detail')).toEqual(['d']);
    expect(error.metadata.get('y-bin')).toEqual([Buffer.from([0, 255])]);
  });

  it('cut status texts as Vitess does', async () => {
    const error = await failure(client.unary(queryMethods.Execute, ask(`status 3 ${'x'.repeat(9000)}`)));
    expect(error.details).toBe(
      `${'x'.repeat(7680)} [...] [remainder of the error is truncated because gRPC has a size limit on errors.]`,
    );
  });

  it('never show what went wrong inside', async () => {
    const error = await failure(client.unary(queryMethods.Execute, ask('crash')));
    expect(error.code).toBe(grpc.status.INTERNAL);
    expect(error.details).toBe('the server failed while it handled the call');
  });

  it('hand over metadata, binary too, in order', async () => {
    const metadata = new grpc.Metadata();
    metadata.add('x-one', 'first');
    metadata.add('x-one', 'second');
    metadata.add('y-bin', Buffer.from([0, 1, 254]));
    await client.unary(queryMethods.Execute, ask('echo'), metadata);
    const seen = server.seen.contexts.at(-1)?.metadata;
    expect(seen?.get('x-one')).toEqual(['first, second'].flatMap((both) => both.split(', ')));
    expect(seen?.get('y-bin')).toEqual([Buffer.from([0, 1, 254])]);
    expect([...(seen?.keys() ?? [])].filter((key) => key.startsWith('grpc-') || key.startsWith(':'))).toEqual([]);
  });

  it('know who calls', async () => {
    await client.unary(queryMethods.Execute, ask('echo'));
    const peer = server.seen.contexts.at(-1)?.peer;
    expect(peer?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(peer?.secured).toBeNull();
  });

  it('carry large messages both ways', async () => {
    const size = 15 * 1024 * 1024;
    const answer = await client.unary(queryMethods.Execute, {
      ...ask(`bytes ${size}`),
      options: { WorkloadName: 'w'.repeat(size) },
    });
    expect(answer.result?.rows[0]?.values.equals(Buffer.alloc(size, 7))).toBe(true);
    expect(server.seen.requests.at(-1)?.options?.WorkloadName.length).toBe(size);
  });

  it('refuse messages above the limit in both directions', async () => {
    const limit = 16 * 1024 * 1024;
    const large = await failure(client.unary(queryMethods.Execute, ask('x'.repeat(limit))));
    expect(large.code).toBe(grpc.status.RESOURCE_EXHAUSTED);
    expect(large.details).toMatch(/^grpc: received message larger than max \(167772\d\d vs\. 16777216\)$/);
    const answer = await failure(client.unary(queryMethods.Execute, ask(`bytes ${limit}`)));
    expect(answer.code).toBe(grpc.status.RESOURCE_EXHAUSTED);
    expect(answer.details).toMatch(/^grpc: trying to send message larger than max \(167772\d\d vs\. 16777216\)$/);
  });

  it('refuse compressed messages', async () => {
    const zipped = grpcJsClient(server.target, undefined, { 'grpc.default_compression_algorithm': 2 });
    const error = await failure(zipped.unary(queryMethods.Execute, ask('echo')));
    zipped.close();
    expect(error.code).toBe(grpc.status.UNIMPLEMENTED);
    expect(error.details).toBe('grpc: Decompressor is not installed for grpc-encoding "gzip"');
  });

  it('refuse bytes that are no such message', async () => {
    const broken = {
      ...queryMethods.Execute,
      request: { encode: () => Buffer.from('22ff', 'hex'), decode: () => null },
    };
    const error = await failure(client.unary(broken as never, {} as never));
    expect(error.code).toBe(grpc.status.INTERNAL);
    expect(error.details).toMatch(/^grpc: error unmarshalling request: /);
  });
});

describe('paths that lead nowhere', () => {
  it.each([
    ['/no.such.Service/Method', 'unknown service no.such.Service'],
    ['/queryservice.Query/Nothing', 'unknown method Nothing for service queryservice.Query'],
    ['/queryservice.Query/Prepare', 'method Prepare not implemented'],
    [vitessMethods.Execute.path, 'unknown service vtgateservice.Vitess'],
    ['/nothing', 'malformed method name: "/nothing"'],
  ])('%s: %s', async (path, text) => {
    const error = await failure(client.unary({ ...queryMethods.Execute, path }, ask('echo')));
    expect([error.code, error.details]).toEqual([grpc.status.UNIMPLEMENTED, text]);
  });
});

describe('deadlines and cancelling', () => {
  it('end the call and the handler when time is up', async () => {
    const own = await startQueryServer();
    const caller = grpcJsClient(own.target);
    const error = await failure(
      caller.unary(queryMethods.Execute, ask('wait'), undefined, { deadline: Date.now() + 150 }),
    );
    expect(error.code).toBe(grpc.status.DEADLINE_EXCEEDED);
    expect((await own.seen.aborted) as { code: number }).toHaveProperty('code');
    caller.close();
    await own.stop();
  });

  it('abort the handler when the client cancels', async () => {
    const own = await startQueryServer();
    const caller = grpcJsClient(own.target);
    const stream = caller.stream(queryMethods.StreamExecute, ask('wait'));
    stream.on('error', () => undefined);
    stream.on('data', () => stream.cancel());
    expect(await own.seen.aborted).toMatchObject({ code: grpc.status.CANCELLED, message: 'context canceled' });
    caller.close();
    await own.stop();
  });

  it('abort the handler when the connection goes', async () => {
    const own = await startQueryServer();
    const session = connect(`http://${own.target}`);
    session.on('error', () => undefined);
    const stream = session.request({
      ':method': 'POST',
      ':path': queryMethods.Execute.path,
      'content-type': 'application/grpc',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.from([0, 0, 0, 0, 8, 0x22, 6, 0x0a, 4, ...Buffer.from('wait')]));
    await own.seen.waiting;
    session.destroy();
    expect(await own.seen.aborted).toMatchObject({ code: grpc.status.CANCELLED });
    await own.stop();
  });
});

describe('streams', () => {
  it('deliver everything in order', async () => {
    const got: bigint[] = [];
    for await (const item of client.stream(queryMethods.StreamExecute, ask('count 2000')))
      got.push((item as query.StreamExecuteResponse).result?.rowsAffected ?? -1n);
    expect(got).toEqual(Array.from({ length: 2000 }, (_, n) => BigInt(n)));
  });

  it('may be empty', async () => {
    for await (const _ of client.stream(queryMethods.StreamExecute, ask('count 0'))) throw new Error('not empty');
  });

  it('deliver what came before an error, then the error with its number', async () => {
    const stream = client.stream(queryMethods.StreamExecute, ask('then-fail'));
    const got: string[] = [];
    const error = await new Promise<grpc.ServiceError>((resolve) => {
      stream.on('data', (item: query.StreamExecuteResponse) => got.push(item.result?.info ?? ''));
      stream.on('error', resolve);
    });
    expect(got).toEqual(['first']);
    expect(error.details).toBe('cluster event');
  });

  it('wait for a slow reader', async () => {
    const own = await startQueryServer();
    const caller = grpcJsClient(own.target);
    const stream = caller.stream(queryMethods.StreamExecute, ask('endless'));
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('data', resolve));
    stream.pause();
    let before = -1;
    while (before !== own.seen.produced) {
      before = own.seen.produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // 100 kB each; windows, socket buffers and grpc-js's own buffer take some, not more.
    expect(before).toBeLessThan(600);
    stream.cancel();
    expect(await own.seen.aborted).toBe('left');
    caller.close();
    await own.stop();
  });
});

describe('health checking', () => {
  it('says SERVING for the server and its services, and knows no others', async () => {
    for (const service of ['', 'queryservice.Query'])
      expect((await client.unary(healthMethods.Check, { service })).status).toBe(1);
    const error = await failure(client.unary(healthMethods.Check, { service: 'other' }));
    expect([error.code, error.details]).toEqual([grpc.status.NOT_FOUND, 'unknown service']);
    expect(Object.keys((await client.unary(healthMethods.List, {})).statuses)).toEqual(['', 'queryservice.Query']);
  });

  it('watches until the client leaves', async () => {
    const stream = client.stream(healthMethods.Watch, { service: 'other' });
    const first = await new Promise<{ status: number }>((resolve) => stream.once('data', resolve));
    expect(first.status).toBe(3);
    stream.on('error', () => undefined);
    stream.cancel();
  });
});
