import { createHash } from 'node:crypto';
import type { RawClient } from '../../../support/mysql-wire/raw-client';
import { parseError } from '../../../support/mysql-wire/raw-client';
import { columnFlagNames, statusNames, typeName } from '../../../support/mysql-wire/recorded-names';

/** Reads answers off the wire; shares no code with the server. */
export class Cursor {
  at = 0;
  constructor(readonly payload: Buffer) {}

  u8 = (): number => this.payload[this.at++]!;
  u16 = (): number => this.#le(2);
  u32 = (): number => this.#le(4);

  #le(bytes: number): number {
    const value = this.payload.readUIntLE(this.at, bytes);
    this.at += bytes;
    return value;
  }

  /** A length-encoded number; null for 0xfb. */
  int(): number | string | null {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfb) return null;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.#le(3);
    const value = this.payload.readBigUInt64LE(this.at);
    this.at += 8;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  }

  bytes(): Buffer | null {
    const length = this.int();
    if (length === null) return null;
    this.at += Number(length);
    return this.payload.subarray(this.at - Number(length), this.at);
  }

  text = (): string => this.bytes()?.toString('utf8') ?? '';
}

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

export interface SeenOk {
  readonly affectedRows?: number | string | null;
  readonly insertId?: number | string | null;
  readonly status: readonly string[];
  readonly warnings: number;
  readonly info?: string;
}

export function readOk(payload: Buffer): SeenOk {
  const cursor = new Cursor(payload);
  cursor.u8();
  const affectedRows = cursor.int();
  const insertId = cursor.int();
  const status = statusNames(cursor.u16());
  const warnings = cursor.u16();
  const rest = payload.subarray(cursor.at);
  const info = rest.length === 0 ? {} : { info: rest.toString('utf8') };
  return { affectedRows, insertId, status, warnings, ...info };
}

export function readEof(payload: Buffer): SeenOk {
  if (payload.length !== 5) throw new Error(`an EOF packet of ${payload.length} bytes`);
  return { status: statusNames(payload.readUInt16LE(3)), warnings: payload.readUInt16LE(1) };
}

export interface SeenColumn {
  readonly db: string;
  readonly table: string;
  readonly orgTable: string;
  readonly name: string;
  readonly orgName: string;
  readonly type: string;
  readonly charset: number;
  readonly length: number;
  readonly flags: readonly string[];
  readonly decimals: number;
  readonly packetHex: string;
}

export function readColumn(payload: Buffer): SeenColumn {
  const cursor = new Cursor(payload);
  if (cursor.text() !== 'def') throw new Error('a column definition without its catalog');
  const [db, table, orgTable, name, orgName] = [
    cursor.text(),
    cursor.text(),
    cursor.text(),
    cursor.text(),
    cursor.text(),
  ];
  cursor.u8();
  const charset = cursor.u16();
  const length = cursor.u32();
  const type = typeName(cursor.u8());
  const flags = columnFlagNames(cursor.u16());
  const decimals = cursor.u8();
  return {
    db,
    table,
    orgTable,
    name,
    orgName,
    type,
    charset,
    length,
    flags,
    decimals,
    packetHex: payload.toString('hex'),
  };
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
