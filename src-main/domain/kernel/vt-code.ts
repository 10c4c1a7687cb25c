/** vtrpc.Code by name and number (proto/vtrpc.proto; vitess-behaviour §3.3). The number is also the gRPC status code. */
export const vtCodes = {
  OK: 0,
  CANCELED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
  CLUSTER_EVENT: 17,
  READ_ONLY: 18,
} as const;

/** The name of a vtrpc code. */
export type VtCode = keyof typeof vtCodes;

const names = new Map<number, VtCode>(Object.entries(vtCodes).map(([name, code]) => [code, name as VtCode]));

/** The name of a code number; numbers that Vitess does not know are UNKNOWN. */
export const vtCodeName = (code: number): VtCode => names.get(code) ?? 'UNKNOWN';

/** grpc-go's spelling (`PermissionDenied`, `Code(17)`), which appears inside vtgate's error texts. */
export function grpcGoCodeName(code: VtCode): string {
  if (code === 'OK') return 'OK';
  const number = vtCodes[code];
  if (number > 16) return `Code(${number})`;
  return code
    .split('_')
    .map((part) => part.charAt(0) + part.slice(1).toLowerCase())
    .join('');
}
