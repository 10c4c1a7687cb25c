import { readError, readTexts, type RowReader } from './mysql-result';
import type { PacketStream } from './packet-stream';
import type { BoundValue } from './talk';

/** What COM_STMT_PREPARE is answered with (MySQL manual: COM_STMT_PREPARE_OK). */
export interface PreparedStatement {
  readonly id: number;
  readonly parameters: number;
}

const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;

/** Has a statement prepared. Rejects with ServerError when the server refuses it. */
export async function prepareStatement(
  stream: PacketStream,
  sql: string | Buffer,
  deprecateEof: boolean,
): Promise<PreparedStatement> {
  stream.write(Buffer.concat([Buffer.from([COM_STMT_PREPARE]), Buffer.from(sql)]), true);
  const head = await stream.read();
  if (head[0] === 0xff) throw readError(head);
  if (head[0] !== 0 || head.length < 9) throw new Error('the server’s answer is no prepared statement');
  const [columns, parameters] = [head.readUInt16LE(5), head.readUInt16LE(7)];
  for (const count of [parameters, columns]) {
    const packets = count === 0 ? 0 : count + (deprecateEof ? 0 : 1);
    for (let index = 0; index < packets; index += 1) await stream.read();
  }
  return { id: head.readUInt32LE(1), parameters };
}

/** MYSQL_TYPE_* of the values that this client sends. */
const type = { NULL: 6, LONGLONG: 8, VAR_STRING: 253 } as const;

function encoded(value: BoundValue): { readonly type: number; readonly bytes: Buffer } {
  if (value === null) return { type: type.NULL, bytes: Buffer.alloc(0) };
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return { type: type.LONGLONG, bytes };
  }
  const content = Buffer.from(value);
  if (content.length > 0xffff) throw new Error('a value of more than 64 KiB is not sent');
  const length =
    content.length < 251
      ? Buffer.from([content.length])
      : Buffer.from([0xfc, content.length & 0xff, content.length >> 8]);
  return { type: type.VAR_STRING, bytes: Buffer.concat([length, content]) };
}

/** Sends COM_STMT_EXECUTE (MySQL manual: COM_STMT_EXECUTE); the result follows. */
export function executeStatement(
  stream: PacketStream,
  { id, parameters }: PreparedStatement,
  values: readonly BoundValue[],
): void {
  const head = Buffer.alloc(10);
  head[0] = COM_STMT_EXECUTE;
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(1, 6);
  const bound = Array.from({ length: parameters }, (_, index) => encoded(values[index] ?? null));
  const nulls = Buffer.alloc((parameters + 7) >> 3);
  bound.forEach((one, index) => {
    if (one.type === type.NULL) nulls[index >> 3] = (nulls[index >> 3] ?? 0) | (1 << (index & 7));
  });
  const rest =
    parameters === 0
      ? []
      : [
          nulls,
          Buffer.from([1]),
          Buffer.from(bound.flatMap((one) => [one.type, 0])),
          ...bound.map(({ bytes }) => bytes),
        ];
  stream.write(Buffer.concat([head, ...rest]), true);
}

/** Bytes of the fixed-length types (MySQL manual: Binary Protocol Value). */
const integers: Readonly<Record<number, number>> = { 1: 1, 2: 2, 13: 2, 3: 4, 9: 4, 8: 8 };
const dates = new Set([7, 10, 11, 12]);

/** Reads a row of the binary protocol; dates as their bytes, since nobody here looks for one. */
export const readBinaryRow: RowReader = (packet, columns, definitions) => {
  if (packet[0] !== 0) throw new Error('a damaged row in the server’s answer');
  const texts: (string | null)[] = [];
  let at = 1 + ((columns + 9) >> 3);
  for (let index = 0; index < columns; index += 1) {
    const bit = index + 2;
    if (((packet[1 + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0) {
      texts.push(null);
      continue;
    }
    const kind = typeOf(definitions[index] ?? Buffer.alloc(0));
    const fixed = integers[kind] ?? (kind === 4 ? 4 : kind === 5 ? 8 : 0);
    if (at + fixed > packet.length) throw new Error('a damaged row in the server’s answer');
    if (kind === 4) texts.push(String(packet.readFloatLE(at)));
    else if (kind === 5) texts.push(String(packet.readDoubleLE(at)));
    else if (fixed === 8) texts.push(String(packet.readBigInt64LE(at)));
    else if (fixed > 0) texts.push(String(packet.readIntLE(at, fixed)));
    else {
      const [text] = readTexts(packet.subarray(at), 1);
      const size = lengthSize(packet, at);
      const length = contentLength(packet, at);
      texts.push(dates.has(kind) ? packet.toString('hex', at + size, at + size + length) : (text ?? null));
      at += size + length;
    }
    at += fixed;
  }
  return texts;
};

/** The type in a column definition: behind six texts, the length of the rest, character set and display length. */
function typeOf(definition: Buffer): number {
  let at = 0;
  for (let index = 0; index < 6; index += 1) at += lengthSize(definition, at) + contentLength(definition, at);
  return definition[at + 7] ?? 253;
}

const lengthSize = (packet: Buffer, at: number): number =>
  packet[at] === 0xfc ? 3 : packet[at] === 0xfd ? 4 : packet[at] === 0xfe ? 9 : 1;

function contentLength(packet: Buffer, at: number): number {
  const size = lengthSize(packet, at);
  if (at + size > packet.length) throw new Error('a damaged length in the server’s answer');
  return size === 1 ? (packet[at] ?? 0) : packet.readUIntLE(at + 1, Math.min(size - 1, 6));
}
