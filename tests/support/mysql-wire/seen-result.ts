import type { RawClient } from './raw-client';
import { parseError } from './raw-client';
import { Cursor, readColumn, readEof, readOk } from './read-packets';

export function seenOk(payload: Buffer) {
  const { affectedRows, insertId, status, warnings } = readOk(payload);
  return { affectedRows: Number(affectedRows), insertId: BigInt(insertId ?? 0), status, warnings };
}

export function seenColumn(payload: Buffer) {
  const { db, table, orgTable, name, orgName, type, charset, length, flags, decimals, packetHex } = readColumn(payload);
  const sorted = [...flags].sort();
  return { seen: [db, table, orgTable, name, orgName, type, charset, length, sorted, decimals], hex: packetHex };
}

export interface SeenSet {
  readonly columns: ReturnType<typeof seenColumn>[];
  readonly eofAfterColumns?: ReturnType<typeof readEof>;
  readonly rows: Buffer[];
  readonly end: ReturnType<typeof seenOk> | ReturnType<typeof readEof>;
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
  const eofAfterColumns = deprecateEof ? {} : { eofAfterColumns: readEof((await client.expect()).payload) };
  const rows: Buffer[] = [];
  for (;;) {
    const { payload } = await client.expect();
    if (payload[0] === 0xff) return { err: parseError(payload) };
    if (payload[0] === 0xfe && payload.length < (deprecateEof ? 0xffffff : 9)) {
      const end = deprecateEof ? seenOk(payload) : readEof(payload);
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
      readEof((await client.expect()).payload);
      eofs += 1;
    }
    return list;
  };
  const paramDefs = await definitions(params);
  return { statementId, params, columns, paramDefs, columnDefs: await definitions(columns), eofs };
}
