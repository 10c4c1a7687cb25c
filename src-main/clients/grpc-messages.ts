import type { Answer } from './attempt';
import { Status } from './grpc-open';
import { MessageWriter, readMessage, readPackedSigned } from './protobuf';

/** Who is claimed in a request. */
export type ClaimedCaller = { readonly principal: string; readonly groups: readonly string[] } | null;

/** proto/vtrpc.proto CallerID: 1 principal, 4 groups; null when nobody is claimed. */
export function callerMessage(claimed: ClaimedCaller): Buffer | null {
  if (claimed === null) return null;
  const caller = new MessageWriter().bytes(1, claimed.principal);
  for (const group of claimed.groups) caller.bytes(4, Buffer.from(group));
  return caller.finish();
}

/** proto/vtgate.proto Session: 4 autocommit, 5 target_string. */
export const sessionMessage = (target: string): Buffer => new MessageWriter().varint(4, 1).bytes(5, target).finish();

/** Throws the Status of a proto/vtrpc.proto RPCError: 2 message, 3 code. */
export function throwError(error: number | Buffer | undefined): void {
  if (!Buffer.isBuffer(error)) return;
  const fields = readMessage(error);
  throw new Status(Number(fields.get(3)?.[0] ?? 2), String(fields.get(2)?.[0] ?? ''), false);
}

/** proto/query.proto QueryResult: 1 *fields {1 name}, 2 rows_affected, 4 *rows. */
export function readQueryResult(result: number | Buffer | undefined, keep: number): Answer {
  if (!Buffer.isBuffer(result)) return { rows: 0, affected: 0, table: null };
  const fields = readMessage(result);
  const rows = (fields.get(4) ?? []).filter((row) => Buffer.isBuffer(row));
  const columns = (fields.get(1) ?? [])
    .filter((field) => Buffer.isBuffer(field))
    .map((field) => String(readMessage(field).get(1)?.[0] ?? ''));
  const table =
    keep > 0 && (columns.length > 0 || rows.length > 0) ? { columns, rows: rows.slice(0, keep).map(readRow) } : null;
  const affected = columns.length > 0 ? null : Number(fields.get(2)?.[0] ?? 0);
  return { rows: rows.length, affected, table };
}

/** proto/query.proto Row: 1 lengths (packed sint64, -1 = NULL), 2 values concatenated. */
function readRow(bytes: Buffer): (string | null)[] {
  const row = readMessage(bytes);
  const [lengths] = row.get(1) ?? [];
  const [values] = row.get(2) ?? [];
  const data = Buffer.isBuffer(values) ? values : Buffer.alloc(0);
  const texts: (string | null)[] = [];
  let at = 0;
  for (const length of Buffer.isBuffer(lengths) ? readPackedSigned(lengths) : []) {
    texts.push(length < 0 ? null : data.toString('utf8', at, at + length));
    if (length > 0) at += length;
  }
  return texts;
}
