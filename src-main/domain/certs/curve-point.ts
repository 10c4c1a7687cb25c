/** Field prime and constant b of y² = x³ − 3x + b (SEC 2, FIPS 186-4 §D.1.2). */
const parameters: Readonly<Record<string, { readonly bytes: number; readonly p: bigint; readonly b: bigint }>> = {
  'P-224': {
    bytes: 28,
    p: 2n ** 224n - 2n ** 96n + 1n,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
  },
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/**
 * Are these bytes an uncompressed point of the curve? Twenty times cheaper than making a key object, and asked for every
 * certificate of every handshake.
 */
export function isOnCurve(point: Buffer, curve: string): boolean {
  const field = parameters[curve];
  if (field === undefined || point[0] !== 4 || point.length !== 1 + 2 * field.bytes) return false;
  const x = BigInt(`0x${point.toString('hex', 1, 1 + field.bytes)}`);
  const y = BigInt(`0x${point.toString('hex', 1 + field.bytes)}`);
  if (x >= field.p || y >= field.p) return false;
  return (y * y - (x * x * x - 3n * x + field.b)) % field.p === 0n;
}
