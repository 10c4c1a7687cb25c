import { readResult } from '../../../support/mysql-wire/seen-result';
import { parseError, type RawClient } from '../../../support/mysql-wire/raw-client';

/** Values of the rows of one statement, or its error. */
export type Answer =
  | { readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly errno: number; readonly sqlstate: string; readonly message: string }
  | { readonly closed: true };

/** Asks one statement as text. `deprecateEof`: whether the client set that flag, which it does by default. */
export async function ask(client: RawClient, sql: string, deprecateEof = true): Promise<Answer> {
  client.send(0, Buffer.concat([Buffer.of(3), Buffer.from(sql)]));
  const seen = await readResult(client, deprecateEof);
  if ('closed' in seen) return { closed: true };
  if ('err' in seen) return seen.err;
  return { rows: 'rows' in seen ? seen.rows.map(valuesOf) : [] };
}

/** Sends a command of one byte with what follows, and tells whether the answer is OK. */
export async function command(
  client: RawClient,
  number: number,
  rest: Buffer,
): Promise<Answer | { readonly ok: true }> {
  client.send(0, Buffer.concat([Buffer.of(number), rest]));
  const answer = await client.read();
  if (answer === null) return { closed: true };
  return answer.payload[0] === 0xff ? parseError(answer.payload) : { ok: true };
}

/** Texts of a row of the text protocol; values of a recording's questions are shorter than 64 KiB. */
function valuesOf(payload: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  for (let at = 0; at < payload.length;) {
    const first = payload[at]!;
    at += 1;
    if (first === 0xfb) {
      values.push(null);
      continue;
    }
    const length = first === 0xfc ? payload.readUInt16LE(at) : first;
    if (first === 0xfc) at += 2;
    values.push(payload.toString('utf8', at, at + length));
    at += length;
  }
  return values;
}
