const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 0.001, n: 0.000_001 };

/**
 * The value of `grpc-timeout` for a call that may take `ms` milliseconds: at most eight digits and a unit (gRPC over
 * HTTP/2, Timeout), rounded up so that the server does not give up first.
 */
export function encodeGrpcTimeout(ms: number): string {
  if (ms <= 0) return '0n';
  const steps: readonly (readonly [string, number])[] = [
    ['u', 0.001],
    ['m', 1],
    ['S', 1000],
    ['M', 60_000],
  ];
  for (const [unit, size] of steps) {
    const value = Math.ceil(ms / size);
    if (value <= 99_999_999) return `${value}${unit}`;
  }
  return `${Math.min(99_999_999, Math.ceil(ms / 3_600_000))}H`;
}

/** Milliseconds, or why the value is none: the text that grpc-go puts behind `malformed grpc-timeout: `. */
export function decodeGrpcTimeout(value: string): { readonly ms: number } | { readonly fault: string } {
  if (value.length < 2) return { fault: `transport: timeout string is too short: ${JSON.stringify(value)}` };
  if (value.length > 9) return { fault: `transport: timeout string is too long: ${JSON.stringify(value)}` };
  const unit = unitMs[value.slice(-1)];
  if (unit === undefined) return { fault: `transport: timeout unit is not recognized: ${JSON.stringify(value)}` };
  const digits = value.slice(0, -1);
  if (!/^\d+$/.test(digits)) return { fault: `strconv.ParseUint: parsing ${JSON.stringify(digits)}: invalid syntax` };
  return { ms: Number(digits) * unit };
}
