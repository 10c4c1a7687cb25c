import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcStatusError, healthMethods, queryMethods } from '../../src-main/servers/rpc';
import { ask, failure, grpcJsClient, startQueryServer } from '../wire/rpc/rig';

/**
 * Attack: calls without permission, to every kind of method. Held: authorisation runs before every method that exists,
 * health and reflection included, before the request is read; unknown ones answer UNIMPLEMENTED without it, as Vitess
 * does (reference §1.6).
 */
let server: Awaited<ReturnType<typeof startQueryServer>>;
let client: ReturnType<typeof grpcJsClient>;
const asked: string[] = [];

beforeAll(async () => {
  server = await startQueryServer({
    authorize: (context) => {
      asked.push(context.path);
      const [user] = context.metadata.get('username') ?? [];
      if (user === undefined) throw new GrpcStatusError(16, 'username and password must be provided');
      if (user === 'crash') throw new TypeError('password hunter2');
      context.staticUser = String(user);
    },
  });
  client = grpcJsClient(server.target);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const refusal = [16, 'username and password must be provided'];

describe('without permission', () => {
  it.each([
    ['unary', queryMethods.Execute],
    ['not implemented', queryMethods.Prepare],
    ['health', healthMethods.Check],
  ])('%s is refused', async (_kind, method) => {
    const error = await failure(client.unary(method as typeof queryMethods.Execute, ask('echo')));
    expect([error.code, error.details]).toEqual(refusal);
    expect(server.seen.calls).toBe(0);
  });

  it.each([
    ['stream', queryMethods.StreamExecute.path],
    ['health watch', healthMethods.Watch.path],
    ['reflection', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
    ['old reflection', '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo'],
  ])('%s is refused', async (_kind, path) => {
    const same = (bytes: Buffer): Buffer => bytes;
    const stream = client.raw.makeBidiStreamRequest(path, same, same);
    stream.write(Buffer.alloc(0));
    const status = await new Promise<grpc.StatusObject>((resolve) => {
      stream.on('error', () => undefined);
      stream.on('status', resolve);
      stream.resume();
    });
    expect([status.code, status.details]).toEqual(refusal);
    expect(asked.at(-1)).toBe(path);
    expect(server.seen.calls).toBe(0);
  });

  it('what does not exist answers without being asked for it', async () => {
    const before = asked.length;
    const error = await failure(client.unary({ ...queryMethods.Execute, path: '/no.such.Service/X' }, ask('')));
    expect([error.code, error.details]).toEqual([12, 'unknown service no.such.Service']);
    const method = await failure(client.unary({ ...queryMethods.Execute, path: '/queryservice.Query/X' }, ask('')));
    expect([method.code, method.details]).toEqual([12, 'unknown method X for service queryservice.Query']);
    expect(asked).toHaveLength(before);
  });

  it('a fault in the authorisation refuses and shows nothing', async () => {
    const metadata = new grpc.Metadata();
    metadata.set('username', 'crash');
    const error = await failure(client.unary(queryMethods.Execute, ask('echo'), metadata));
    expect([error.code, error.details]).toEqual([13, 'the server failed while it handled the call']);
    expect(server.seen.calls).toBe(0);
  });
});

it('with permission the handler learns the name', async () => {
  const metadata = new grpc.Metadata();
  metadata.set('username', 'svc');
  await client.unary(queryMethods.Execute, ask('echo'), metadata);
  expect(server.seen.contexts.at(-1)?.staticUser).toBe('svc');
});
