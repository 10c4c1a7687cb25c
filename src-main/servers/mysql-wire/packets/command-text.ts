import { isUtf8 } from 'node:buffer';
import type { PacketWriter } from '../packet-writer';
import { MysqlError } from '../types';

/**
 * The text behind the command byte of COM_QUERY, COM_STMT_PREPARE and COM_INIT_DB. Text that is not UTF-8 is refused with
 * MysqlError 1300 (MySQL error reference, ER_INVALID_CHARACTER_STRING): read as if it were, other bytes than the client
 * sent would be executed.
 */
export function readCommandText(payload: Buffer): string {
  if (!isUtf8(payload)) {
    const from = firstInvalid(payload);
    const shown = payload.toString('hex', from, Math.min(payload.length, from + 6)).toUpperCase();
    throw new MysqlError(1300, 'HY000', `Invalid utf8mb4 character string: '${shown}'`);
  }
  return payload.toString('utf8', 1);
}

/** Where the longest valid prefix ends, give or take the character at its end. */
function firstInvalid(payload: Buffer): number {
  let good = 0;
  let bad = payload.length;
  while (bad - good > 4) {
    const middle = (good + bad) >>> 1;
    let end = middle;
    while (end > good && (payload[end]! & 0xc0) === 0x80) end -= 1;
    if (end > good && isUtf8(payload.subarray(good, end))) good = end;
    else bad = middle;
  }
  return good;
}

export function writeCommandText(out: PacketWriter, command: number, text: string): void {
  out.begin();
  out.u8(command);
  out.text(text);
  out.end();
}
