import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import 'protobufjs/ext/descriptor.js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startQueryServer } from './rig';

const proto = (path: string): string => fileURLToPath(new URL(`../../../resources/rpc/${path}`, import.meta.url));

interface Reply {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
  allExtensionNumbersResponse?: { baseTypeName: string };
  errorResponse?: { errorCode: number; errorMessage: string };
  originalRequest?: object;
}

let server: Awaited<ReturnType<typeof startQueryServer>>;
let client: grpc.Client;
beforeAll(async () => {
  server = await startQueryServer();
  client = new grpc.Client(server.target, grpc.credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** Asks all questions on one stream, as grpcurl does, with messages read from the .proto by another codec than ours. */
async function askAll(version: string, questions: object[]): Promise<Reply[]> {
  const root = protobuf.parse(readFileSync(proto(`grpc/reflection/${version}/reflection.proto`), 'utf8')).root;
  const request = root.lookupType(`grpc.reflection.${version}.ServerReflectionRequest`);
  const response = root.lookupType(`grpc.reflection.${version}.ServerReflectionResponse`);
  const stream = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (value: object) => Buffer.from(request.encode(value).finish()),
    (bytes: Buffer) => response.decode(bytes) as unknown as Reply,
  );
  const replies: Reply[] = [];
  for (const question of questions) {
    stream.write(question);
    replies.push(await new Promise<Reply>((resolve, reject) => stream.once('data', resolve).once('error', reject)));
  }
  stream.end();
  await new Promise<void>((resolve, reject) => {
    stream.on('status', (status: grpc.StatusObject) =>
      status.code === 0 ? resolve() : reject(new Error(status.details)),
    );
    stream.resume();
  });
  return replies;
}

describe.each(['v1', 'v1alpha'])('server reflection %s', (version) => {
  it('lists the services, sorted', async () => {
    const [reply] = await askAll(version, [{ listServices: '*' }]);
    expect(reply?.listServicesResponse?.service.map(({ name }) => name)).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'queryservice.Query',
    ]);
  });

  it('hands out files that describe a service whole, none twice', async () => {
    const [first, second] = await askAll(version, [
      { fileContainingSymbol: 'queryservice.Query' },
      { fileByFilename: 'query.proto' },
    ]);
    const bytes = first?.fileDescriptorResponse?.fileDescriptorProto ?? [];
    const set = (protobuf as unknown as { descriptor: { FileDescriptorProto: protobuf.Type } }).descriptor;
    const files = bytes.map((file) => set.FileDescriptorProto.decode(file) as unknown as { name: string });
    expect(files.map(({ name }) => name)).toEqual([
      'queryservice.proto',
      'binlogdata.proto',
      'query.proto',
      'topodata.proto',
      'vtrpc.proto',
    ]);
    const described = (protobuf.Root as unknown as { fromDescriptor(set: object): protobuf.Root }).fromDescriptor({
      file: files,
    });
    const execute = described.lookupService('queryservice.Query').methods['Execute'];
    expect(execute?.requestType).toBe('.query.ExecuteRequest');
    expect(described.lookupType('query.ExecuteRequest').fields['transactionId']?.id).toBe(5);
    expect(second?.fileDescriptorResponse?.fileDescriptorProto).toHaveLength(1);
  });

  it.each([
    'query.Row.lengths',
    'query.ExecuteOptions.Workload',
    'query.ExecuteOptions.OLTP',
    'query.ExecuteOptions.timeout',
    'query.INT64',
    'vtgate.Session.ShardSession.read_only',
    'queryservice.Query.Execute',
    'grpc.health.v1.Health.Watch',
  ])('finds %s', async (symbol) => {
    const [reply] = await askAll(version, [{ fileContainingSymbol: symbol }]);
    expect(reply?.fileDescriptorResponse?.fileDescriptorProto.length).toBeGreaterThan(0);
    expect(reply?.originalRequest).toMatchObject({ fileContainingSymbol: symbol });
  });

  it('says what it does not know', async () => {
    const replies = await askAll(version, [
      { fileContainingSymbol: 'query.Nothing' },
      { fileByFilename: 'nothing.proto' },
      { fileContainingExtension: { containingType: 'query.Row', extensionNumber: 1 } },
      { allExtensionNumbersOfType: 'query.Nothing' },
      { allExtensionNumbersOfType: 'query.Row' },
      {},
    ]);
    expect(
      replies.map((reply) => reply.errorResponse?.errorCode ?? reply.allExtensionNumbersResponse?.baseTypeName),
    ).toEqual([5, 5, 5, 5, 'query.Row', 3]);
  });
});
