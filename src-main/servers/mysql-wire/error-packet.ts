import type { ErrorPacket } from './packets/err';
import { MysqlError } from './types';

/**
 * The ERR packet for what a session or a login threw: a MysqlError as it is, anything else as vtgate's 1105
 * `unknown error: …` (go/mysql/sqlerror).
 */
export function errorPacketFor(error: unknown): ErrorPacket {
  if (error instanceof MysqlError) return error;
  return {
    errno: 1105,
    sqlState: 'HY000',
    message: `unknown error: ${error instanceof Error ? error.message : String(error)}`,
  };
}
