import { vtCodes } from '../../domain/kernel';
import { grpc } from './generated/messages';
import { serverStream, unary } from './method-definition';
import { serve, type RegisteredService } from './services';
import { GrpcStatusError } from './types';

const { HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse } = grpc.health.v1;
const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse.ServingStatus;
const name = 'grpc.health.v1.Health';

/** Methods of gRPC's health checking protocol. */
export const healthMethods = {
  Check: unary(`/${name}/Check`, HealthCheckRequest, HealthCheckResponse),
  List: unary(`/${name}/List`, HealthListRequest, HealthListResponse),
  Watch: serverStream(`/${name}/Watch`, HealthCheckRequest, HealthCheckResponse),
} as const;

/** Health checking: the server as a whole ('') and every service in `services` are SERVING as long as they can be asked. */
export function healthService(services: readonly string[]): RegisteredService {
  const known = new Set(['', ...services]);
  return serve(healthMethods, {
    Check: async ({ service }) => {
      if (!known.has(service)) throw new GrpcStatusError(vtCodes.NOT_FOUND, 'unknown service');
      return { status: SERVING };
    },
    List: async () => ({ statuses: Object.fromEntries([...known].map((one) => [one, { status: SERVING }])) }),
    Watch: async function* ({ service }, { signal }) {
      yield { status: known.has(service) ? SERVING : SERVICE_UNKNOWN };
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
  });
}
