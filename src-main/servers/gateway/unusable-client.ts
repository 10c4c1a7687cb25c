import { GrpcStatusError, type GrpcClient } from '../rpc';
import { vtCodes } from '../../domain/kernel';

/** A client whose settings do not load: every call fails for that reason, and nothing is ever dialled. */
export function unusableClient(reason: string): GrpcClient {
  const failure = (): GrpcStatusError =>
    new GrpcStatusError(vtCodes.UNAVAILABLE, `connection error: desc = "${reason}"`);
  return {
    lastConnectionError: null,
    unary: () => Promise.reject(failure()),
    stream: () => {
      throw failure();
    },
    connect: () => Promise.reject(failure()),
    update: () => undefined,
    close: () => Promise.resolve(),
  };
}
