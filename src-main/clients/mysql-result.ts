import type { Answer } from './attempt';
import type { PacketStream } from './packet-stream';

/** An ERR packet (MySQL manual: ERR_Packet). */
export class ServerError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
  }
}

/** Reads an ERR packet; without an SQLSTATE it is the general one. */
export function readError(packet: Buffer): Error {
  if (packet.length < 3) return new Error('the server sent an error without a number');
  const errno = packet.readUInt16LE(1);
  if (packet[3] !== 0x23) return new ServerError(errno, 'HY000', packet.toString('utf8', 3));
  return new ServerError(errno, packet.toString('latin1', 4, 9), packet.toString('utf8', 9));
}

/** Reads one result: the number of rows and the first `keep` of them as text, or, from an OK packet, how many were affected. */
export async function readResult(stream: PacketStream, deprecateEof: boolean, keep: number): Promise<Answer> {
  return (await readOneResult(stream, deprecateEof, keep, readTexts)).answer;
}

/** Reads the cells of one row packet as texts. */
export type RowReader = (packet: Buffer, columns: number, definitions: readonly Buffer[]) => readonly (string | null)[];

/** The same with rows of another form, and whether another result follows (SERVER_MORE_RESULTS_EXISTS). */
export async function readOneResult(
  stream: PacketStream,
  deprecateEof: boolean,
  keep: number,
  readRow: RowReader,
): Promise<{ readonly answer: Answer; readonly more: boolean }> {
  const head = await stream.read();
  if (head[0] === 0xff) throw readError(head);
  if (head[0] === 0x00)
    return { answer: { rows: 0, affected: readInteger(head, 1), table: null }, more: okStatus(head) };
  if (head[0] === 0xfb) throw new Error('the server asks for a local file');
  const count = head[0] === 0xfc && head.length >= 3 ? head.readUInt16LE(1) : (head[0] ?? 0);
  if (count === 0 || count > 4_096 || head.length > 3) throw new Error('the server’s answer is no result');
  const columns: string[] = [];
  const definitions: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const column = await stream.read();
    if (column[0] === 0xff) throw readError(column);
    columns.push(readTexts(column, 5)[4] ?? '');
    definitions.push(column);
  }
  if (!deprecateEof) await stream.read();
  const kept: (string | null)[][] = [];
  let rows = 0;
  for (;;) {
    const packet = await stream.read();
    if (packet[0] === 0xff) throw readError(packet);
    if (packet[0] === 0xfe && packet.length < (deprecateEof ? 0xffffff : 9))
      return {
        answer: { rows, affected: null, table: keep > 0 ? { columns, rows: kept } : null },
        more: deprecateEof ? okStatus(packet) : ((packet[3] ?? 0) & MORE_RESULTS) !== 0,
      };
    if (rows < keep) kept.push([...readRow(packet, count, definitions)]);
    rows += 1;
  }
}

/** SERVER_MORE_RESULTS_EXISTS (MySQL manual: SERVER_STATUS_flags_enum). */
const MORE_RESULTS = 0x8;

/** Whether an OK packet announces another result: its status flags follow two length-encoded numbers. */
function okStatus(packet: Buffer): boolean {
  const first = 1 + integerSize(packet, 1);
  const status = first + integerSize(packet, first);
  return ((packet[status] ?? 0) & MORE_RESULTS) !== 0;
}

const integerSize = (packet: Buffer, at: number): number =>
  packet[at] === 0xfc ? 3 : packet[at] === 0xfd ? 4 : packet[at] === 0xfe ? 9 : 1;

/** A length-encoded integer (MySQL manual: Protocol::LengthEncodedInteger). */
function readInteger(packet: Buffer, at: number): number {
  const first = packet[at] ?? 0xfb;
  const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
  if (first === 0xfb || first === 0xff || at + 1 + size > packet.length)
    throw new Error('a damaged number in the server’s answer');
  if (size === 8) return Number(packet.readBigUInt64LE(at + 1));
  return size === 0 ? first : packet.readUIntLE(at + 1, size);
}

/** `count` length-encoded texts from the start of a packet (MySQL manual: Protocol::LengthEncodedString). */
export function readTexts(packet: Buffer, count: number): (string | null)[] {
  const texts: (string | null)[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const first = packet[at++] ?? 0xfb;
    if (first === 0xfb) {
      texts.push(null);
      continue;
    }
    const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
    if (at + size > packet.length) throw new Error('a damaged length in the server’s answer');
    const length = size === 0 ? first : packet.readUIntLE(at, Math.min(size, 6));
    at += size;
    if (at + length > packet.length) throw new Error('a damaged length in the server’s answer');
    texts.push(packet.toString('utf8', at, at + length));
    at += length;
  }
  return texts;
}
