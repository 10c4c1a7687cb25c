import { createHash } from 'node:crypto';
import type { RawClient } from '../../../support/mysql-wire/raw-client';
import { parseError } from '../../../support/mysql-wire/raw-client';
import {
  Cursor,
  readColumn,
  readEof,
  readOk,
  type SeenColumn,
  type SeenOk,
} from '../../../support/mysql-wire/read-packets';

/** The next payload, all its frames together; null when the server closed. */
export async function readPayload(client: RawClient): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  for (;;) {
    const packet = await client.read();
    if (packet === null) return null;
    parts.push(packet.payload);
    if (packet.payload.length < 0xffffff) return parts.length === 1 ? packet.payload : Buffer.concat(parts);
  }
}

/** One answer of the server, rows as whole payloads. */
export interface SeenAnswer {
  readonly ok?: SeenOk;
  readonly eof?: SeenOk;
  readonly err?: ReturnType<typeof parseError>;
  readonly connectionClosed?: true;
  readonly noAnswer?: true;
  readonly columns?: readonly SeenColumn[];
  readonly eofAfterColumns?: SeenOk;
  readonly rows?: readonly Buffer[];
  readonly end?: SeenOk;
  readonly endAs?: string;
  readonly errInRows?: ReturnType<typeof parseError>;
}

const isEof = (payload: Buffer): boolean => payload[0] === 0xfe && payload.length < 9;

/** One result of a command. */
export async function readAnswer(client: RawClient, deprecateEof: boolean): Promise<SeenAnswer> {
  const first = await readPayload(client);
  if (first === null) return { connectionClosed: true };
  if (first[0] === 0xff) return { err: parseError(first) };
  if (first[0] === 0x00) return { ok: readOk(first) };
  if (isEof(first)) return deprecateEof ? { eof: readOk(first) } : { eof: readEof(first) };
  const count = Number(new Cursor(first).int());
  const columns: SeenColumn[] = [];
  for (let index = 0; index < count; index += 1) columns.push(readColumn(await expected(client)));
  const eofAfterColumns = deprecateEof ? {} : { eofAfterColumns: readEof(await expected(client)) };
  const rows: Buffer[] = [];
  for (;;) {
    const payload = await readPayload(client);
    if (payload === null) return { columns, ...eofAfterColumns, rows, connectionClosed: true };
    if (payload[0] === 0xff) return { columns, ...eofAfterColumns, rows, errInRows: parseError(payload) };
    if (payload[0] === 0xfe && payload.length < (deprecateEof ? 0xffffff : 9)) {
      const end = deprecateEof ? readOk(payload) : readEof(payload);
      return { columns, ...eofAfterColumns, rows, end, endAs: deprecateEof ? 'OK(0xfe)' : 'EOF' };
    }
    rows.push(payload);
  }
}

async function expected(client: RawClient): Promise<Buffer> {
  const payload = await readPayload(client);
  if (payload === null) throw new Error('the server closed the connection inside an answer');
  return payload;
}

/** All results of a command. */
export async function readAnswers(client: RawClient, deprecateEof: boolean): Promise<SeenAnswer[]> {
  const answers: SeenAnswer[] = [];
  for (;;) {
    const answer = await readAnswer(client, deprecateEof);
    answers.push(answer);
    if (!(answer.ok ?? answer.end)?.status.includes('MORE_RESULTS_EXISTS')) return answers;
  }
}

export interface SeenPrepared {
  readonly prepared: {
    readonly statementId: number;
    readonly columns: number;
    readonly params: number;
    readonly warnings: number;
  };
  readonly paramDefs: readonly SeenColumn[];
  readonly eofAfterParams?: SeenOk;
  readonly columnDefs: readonly SeenColumn[];
  readonly eofAfterColumns?: SeenOk;
}

/** The answer to COM_STMT_PREPARE. */
export async function readPreparation(client: RawClient, deprecateEof: boolean): Promise<SeenPrepared | SeenAnswer> {
  const payload = await readPayload(client);
  if (payload === null) return { connectionClosed: true };
  if (payload[0] === 0xff) return { err: parseError(payload) };
  const statementId = payload.readUInt32LE(1);
  const [columns, params] = [payload.readUInt16LE(5), payload.readUInt16LE(7)];
  const warnings = payload.readUInt16LE(10);
  const definitions = async (count: number): Promise<[SeenColumn[], SeenOk | undefined]> => {
    const list: SeenColumn[] = [];
    for (let index = 0; index < count; index += 1) list.push(readColumn(await expected(client)));
    return [list, count > 0 && !deprecateEof ? readEof(await expected(client)) : undefined];
  };
  const [paramDefs, eofAfterParams] = await definitions(params);
  const [columnDefs, eofAfterColumns] = await definitions(columns);
  return {
    prepared: { statementId, columns, params, warnings },
    paramDefs,
    ...(eofAfterParams === undefined ? {} : { eofAfterParams }),
    columnDefs,
    ...(eofAfterColumns === undefined ? {} : { eofAfterColumns }),
  };
}

/** The values of a text row. */
export function textValues(payload: Buffer): (Buffer | null)[] {
  const cursor = new Cursor(payload);
  const values: (Buffer | null)[] = [];
  while (cursor.at < payload.length) values.push(cursor.bytes());
  return values;
}

const strict = new TextDecoder('utf-8', { fatal: true });
/** Text as the recordings show it: printable UTF-8, else hexadecimal, long values as length and hash. */
export function shownValue(value: Buffer | null): unknown {
  if (value === null) return null;
  if (value.length > 2000) return { length: value.length, sha256: createHash('sha256').update(value).digest('hex') };
  try {
    const text = strict.decode(value);
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text) ? { hex: value.toString('hex') } : text;
  } catch {
    return { hex: value.toString('hex') };
  }
}
