import type { RawClient } from './raw-client';
import { parseError } from './raw-client';
import { columnFlagNames, statusNames, typeName } from './recorded-names';

/** Reads answers off the wire and tells them in the words of mysql-protocol.json. Shares no code with the server. */

class Cursor {
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

  int(): number | bigint {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.#le(3);
    const value = this.payload.readBigUInt64LE(this.at);
    this.at += 8;
    return value;
  }

  bytes(): Buffer {
    const length = Number(this.int());
    this.at += length;
    return this.payload.subarray(this.at - length, this.at);
  }

  text = (): string => this.bytes().toString('utf8');
}

export function seenOk(payload: Buffer) {
  const cursor = new Cursor(payload);
  cursor.u8();
  const affectedRows = Number(cursor.int());
  const insertId = BigInt(cursor.int());
  return { affectedRows, insertId, status: statusNames(cursor.u16()), warnings: cursor.u16() };
}

export function seenEof(payload: Buffer) {
  if (payload.length !== 5) throw new Error(`an EOF packet of ${payload.length} bytes`);
  return { warnings: payload.readUInt16LE(1), status: statusNames(payload.readUInt16LE(3)) };
}

export function seenColumn(payload: Buffer) {
  const cursor = new Cursor(payload);
  if (cursor.text() !== 'def') throw new Error('no catalog');
  const names = [cursor.text(), cursor.text(), cursor.text(), cursor.text(), cursor.text()];
  cursor.u8();
  const charset = cursor.u16();
  const length = cursor.u32();
  const type = typeName(cursor.u8());
  const flags = columnFlagNames(cursor.u16()).sort();
  return { seen: [...names, type, charset, length, flags, cursor.u8()], hex: payload.toString('hex') };
}

export interface SeenSet {
  readonly columns: ReturnType<typeof seenColumn>[];
  readonly eofAfterColumns?: ReturnType<typeof seenEof>;
  readonly rows: Buffer[];
  readonly end: ReturnType<typeof seenOk> | ReturnType<typeof seenEof>;
  readonly endAs: string;
}

export type Seen =
  | { readonly ok: ReturnType<typeof seenOk> }
  | { readonly err: ReturnType<typeof parseError> }
  | { readonly closed: true }
  | SeenSet;

/** One result of a command: OK, ERR or a result set. */
export async function readResult(client: RawClient, deprecateEof: boolean): Promise<Seen> {
  const first = await client.read();
  if (first === null) return { closed: true };
  if (first.payload[0] === 0xff) return { err: parseError(first.payload) };
  if (first.payload[0] === 0x00) return { ok: seenOk(first.payload) };
  const count = Number(new Cursor(first.payload).int());
  const columns: ReturnType<typeof seenColumn>[] = [];
  for (let index = 0; index < count; index += 1) columns.push(seenColumn((await client.expect()).payload));
  const eofAfterColumns = deprecateEof ? {} : { eofAfterColumns: seenEof((await client.expect()).payload) };
  const rows: Buffer[] = [];
  for (;;) {
    const { payload } = await client.expect();
    if (payload[0] === 0xff) return { err: parseError(payload) };
    if (payload[0] === 0xfe && payload.length < (deprecateEof ? 0xffffff : 9)) {
      const end = deprecateEof ? seenOk(payload) : seenEof(payload);
      return { columns, ...eofAfterColumns, rows, end, endAs: deprecateEof ? 'OK(0xfe)' : 'EOF' };
    }
    rows.push(payload);
  }
}

/** All results of a command. */
export async function readResults(client: RawClient, deprecateEof: boolean): Promise<Seen[]> {
  const results: Seen[] = [];
  for (;;) {
    const result = await readResult(client, deprecateEof);
    results.push(result);
    const status = 'ok' in result ? result.ok.status : 'end' in result ? result.end.status : [];
    if (!status.includes('MORE_RESULTS_EXISTS')) return results;
  }
}

export interface SeenPrepared {
  readonly statementId: number;
  readonly params: number;
  readonly columns: number;
  readonly paramDefs: ReturnType<typeof seenColumn>[];
  readonly columnDefs: ReturnType<typeof seenColumn>[];
  readonly eofs: number;
}

export async function readPrepared(client: RawClient, deprecateEof: boolean): Promise<SeenPrepared | Seen> {
  const { payload } = await client.expect();
  if (payload[0] === 0xff) return { err: parseError(payload) };
  const statementId = payload.readUInt32LE(1);
  const columns = payload.readUInt16LE(5);
  const params = payload.readUInt16LE(7);
  let eofs = 0;
  const definitions = async (count: number) => {
    const list: ReturnType<typeof seenColumn>[] = [];
    for (let index = 0; index < count; index += 1) list.push(seenColumn((await client.expect()).payload));
    if (count > 0 && !deprecateEof) {
      seenEof((await client.expect()).payload);
      eofs += 1;
    }
    return list;
  };
  const paramDefs = await definitions(params);
  return { statementId, params, columns, paramDefs, columnDefs: await definitions(columns), eofs };
}
