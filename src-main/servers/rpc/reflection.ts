import { vtCodes } from '../../domain/kernel';
import { DescriptorIndex, type DescribedFile } from './descriptor-index';
import { fileDescriptors } from './generated/descriptors';
import { grpc } from './generated/messages';
import { codecOf } from './method-definition';
import type { RegisteredService } from './services';

// Both versions have the same messages (grpc/reflection/v1/reflection.proto and v1alpha).
const { ServerReflectionRequest, ServerReflectionResponse } = grpc.reflection.v1;
type Request = grpc.reflection.v1.ServerReflectionRequest;
type Response = grpc.reflection.v1.IServerReflectionResponse;

const healthName = 'grpc.health.v1.Health';
const names = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'] as const;

let index: DescriptorIndex | null = null;

/** The text and code grpc-go gives for what it does not know (reflection/internal/reflection.go). */
const notFound: Response = { errorResponse: { errorCode: vtCodes.NOT_FOUND, errorMessage: 'proto: not found' } };

/** Answers one request; `sent` holds the files that this stream has delivered, which are not delivered again. */
function answer(request: Request, services: readonly string[], sent: Set<DescribedFile>): Response {
  index ??= new DescriptorIndex(fileDescriptors);
  const files = (file: DescribedFile | undefined): Response => {
    if (file === undefined || index === null) return notFound;
    const wanted = index.withDependencies(file).filter((one) => one === file || !sent.has(one));
    for (const one of wanted) sent.add(one);
    return { fileDescriptorResponse: { fileDescriptorProto: wanted.map(({ bytes }) => bytes) } };
  };
  if (request.listServices !== null) return { listServicesResponse: { service: services.map((name) => ({ name })) } };
  if (request.fileByFilename !== null) return files(index.byName(request.fileByFilename));
  if (request.fileContainingSymbol !== null) return files(index.bySymbol(request.fileContainingSymbol));
  // None of the files uses extensions (they are proto3).
  if (request.fileContainingExtension !== null) return notFound;
  if (request.allExtensionNumbersOfType !== null) {
    const baseTypeName = request.allExtensionNumbersOfType;
    if (index.bySymbol(baseTypeName) === undefined) return notFound;
    return { allExtensionNumbersResponse: { baseTypeName } };
  }
  return { errorResponse: { errorCode: vtCodes.INVALID_ARGUMENT, errorMessage: 'invalid MessageRequest' } };
}

/** Server reflection in both versions, for a server with `services` besides health checking and reflection itself. */
export function reflectionServices(services: readonly string[]): readonly RegisteredService[] {
  const listed = [...services, healthName, ...names].sort();
  async function* info(requests: AsyncIterable<unknown>): AsyncGenerator<Response> {
    const sent = new Set<DescribedFile>();
    for await (const item of requests) {
      const request = item as Request;
      yield { validHost: request.host, originalRequest: request, ...answer(request, listed, sent) };
    }
  }
  return names.map((name) => ({
    name,
    methods: [
      {
        path: `/${name}/ServerReflectionInfo`,
        kind: 'bidi-stream',
        request: codecOf(ServerReflectionRequest),
        response: codecOf(ServerReflectionResponse),
        handler: info,
      },
    ],
  })) as unknown as readonly RegisteredService[];
}
