import { typeNumbers } from '../../../support/mysql-wire/recorded-names';

/** A parameter as recordings write it: type, value, and UNSIGNED. `{hex}` is the encoded value as it is. */
export type Param = readonly [string, unknown?, string?];

const lenenc = (bytes: Buffer): Buffer => {
  if (bytes.length < 251) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const head = Buffer.alloc(bytes.length < 0x10000 ? 3 : bytes.length < 0x1000000 ? 4 : 9);
  if (head.length === 9) {
    head[0] = 0xfe;
    head.writeBigUInt64LE(BigInt(bytes.length), 1);
  } else {
    head[0] = head.length === 3 ? 0xfc : 0xfd;
    head.writeUIntLE(bytes.length, 1, head.length - 1);
  }
  return Buffer.concat([head, bytes]);
};

const sizes: Readonly<Record<string, number>> = { TINY: 1, SHORT: 2, YEAR: 2, LONG: 4, INT24: 4, LONGLONG: 8 };

/** `2024-02-29 12:34:56.789` as the binary protocol writes it, in the shortest form. */
function moment(text: string): Buffer {
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = ''] =
    /^(\d+)-(\d+)-(\d+)(?:[ T](\d+):(\d+):(\d+)(?:\.(\d+))?)?$/.exec(text) ?? [];
  const micros = Number(fraction.padEnd(6, '0'));
  const length = micros > 0 ? 11 : Number(hour) + Number(minute) + Number(second) > 0 ? 7 : 4;
  const buffer = Buffer.alloc(12);
  buffer[0] = length;
  buffer.writeUInt16LE(Number(year), 1);
  for (const [at, part] of [month, day, hour, minute, second].entries()) buffer[3 + at] = Number(part);
  buffer.writeUInt32LE(micros, 8);
  return buffer.subarray(0, length + 1);
}

/** `-12:34:56.5` as the binary protocol writes it. */
function duration(text: string): Buffer {
  const [, sign = '', hours = 0, minutes = 0, seconds = 0, fraction = ''] =
    /^(-?)(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const micros = Number(fraction.padEnd(6, '0'));
  const buffer = Buffer.alloc(13);
  buffer[0] = micros > 0 ? 12 : 8;
  buffer[1] = sign === '-' ? 1 : 0;
  buffer.writeUInt32LE(Math.floor(Number(hours) / 24), 2);
  buffer[6] = Number(hours) % 24;
  buffer[7] = Number(minutes);
  buffer[8] = Number(seconds);
  buffer.writeUInt32LE(micros, 9);
  return buffer.subarray(0, buffer[0]! + 1);
}

const bytesOf = (value: unknown): Buffer =>
  typeof value === 'object' && value !== null && 'hex' in value
    ? Buffer.from((value as { hex: string }).hex, 'hex')
    : Buffer.from(String(value));

function encoded([name, value]: Param): Buffer {
  if (typeof value === 'object' && value !== null && 'hex' in value) {
    return Buffer.from((value as { hex: string }).hex, 'hex');
  }
  const size = sizes[name];
  if (size !== undefined) {
    const buffer = Buffer.alloc(8);
    const number = BigInt(value as string | number);
    if (number < 0n) buffer.writeBigInt64LE(number);
    else buffer.writeBigUInt64LE(number);
    return buffer.subarray(0, size);
  }
  const buffer = Buffer.alloc(8);
  switch (name) {
    case 'FLOAT':
      buffer.writeFloatLE(Number(value));
      return buffer.subarray(0, 4);
    case 'DOUBLE':
      buffer.writeDoubleLE(Number(value));
      return buffer;
    case 'DATE':
    case 'DATETIME':
    case 'TIMESTAMP':
      return moment(String(value));
    case 'TIME':
      return duration(String(value));
    default:
      return lenenc(bytesOf(value));
  }
}

/** How one execution differs from the plain one. */
export interface ExecuteOptions {
  readonly cursor?: number | boolean | string;
  readonly sendTypes?: boolean;
  readonly long?: readonly number[];
}

/** The payload of COM_STMT_EXECUTE. */
export function executePayload(id: number, params: readonly Param[], options: ExecuteOptions = {}): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x17;
  head.writeUInt32LE(id, 1);
  head[5] = Number(options.cursor ?? 0);
  head.writeUInt32LE(1, 6);
  if (params.length === 0) return head;
  const nulls = Buffer.alloc((params.length + 7) >> 3);
  params.forEach(([name], index) => {
    if (name === 'NULL') nulls[index >> 3]! |= 1 << (index & 7);
  });
  const types = params.flatMap(([name, , sign]) => [typeNumbers[name]!, sign === 'UNSIGNED' ? 0x80 : 0]);
  const values = params.map((param, index) =>
    param[0] === 'NULL' || options.long?.includes(index) === true ? Buffer.alloc(0) : encoded(param),
  );
  const bound = options.sendTypes === false ? Buffer.of(0) : Buffer.from([1, ...types]);
  return Buffer.concat([head, nulls, bound, ...values]);
}
