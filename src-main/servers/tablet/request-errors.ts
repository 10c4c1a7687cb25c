import { goQuote, type VtCode } from '../../domain/kernel';
import type { query } from '../rpc';
import type { BindVariables } from './bind-variables';
import { BackendError, codeOfMysqlError, VtError } from './vt-error';

/** An error as it leaves the tablet. */
export interface AnsweredError {
  readonly code: VtCode;
  readonly message: string;
  /** MySQL's number, or null when MySQL did not say it. */
  readonly errno: number | null;
}

const printable = (bytes: Buffer): string =>
  [...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (character === '"' || character === '\\') return `\\${character}`;
      if (byte === 10) return '\\n';
      if (byte === 13) return '\\r';
      if (byte === 9) return '\\t';
      return byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');

const typeName = (type: number): string => bindTypeNames.get(type) ?? String(type);
const bindTypeNames: ReadonlyMap<number, string> = new Map([
  [257, 'INT8'],
  [770, 'UINT8'],
  [259, 'INT16'],
  [772, 'UINT16'],
  [263, 'INT32'],
  [776, 'UINT32'],
  [265, 'INT64'],
  [778, 'UINT64'],
  [1035, 'FLOAT32'],
  [1036, 'FLOAT64'],
  [18, 'DECIMAL'],
  [6163, 'TEXT'],
  [10260, 'BLOB'],
  [6165, 'VARCHAR'],
  [10262, 'VARBINARY'],
  [6167, 'CHAR'],
  [10264, 'BINARY'],
  [2061, 'TIMESTAMP'],
  [2062, 'DATE'],
  [2063, 'TIME'],
  [2064, 'DATETIME'],
  [28, 'TUPLE'],
  [4128, 'HEXNUM'],
  [4129, 'HEXVAL'],
  [4130, 'BITNUM'],
]);

const valueText = ({ type, value }: Pick<query.Value, 'type' | 'value'>): string =>
  [type === 0 ? '' : `type:${typeName(type)}`, value.length === 0 ? '' : `value:"${printable(value)}"`]
    .filter((part) => part !== '')
    .join(' ');

/** `Sql: "…", BindVars: {a: "type:INT64 value:\"1\""…}`: keys sorted, nothing between pairs (queryAsString). */
function queryText(sql: string, variables: BindVariables, limit: number | null, redacted: boolean): string {
  if (redacted) return `Sql: ${goQuote(sql)}, BindVars: {[REDACTED]}`;
  const texts = new Map<string, string>();
  for (const [name, variable] of Object.entries(variables)) {
    const items = variable.values.map((value) => ` values:{${valueText(value)}}`).join('');
    texts.set(name, `${valueText(variable)}${items}`);
  }
  // vttablet adds the row limit to the map it was given; without bind variables it has a map of its own.
  if (limit !== null && texts.size > 0) texts.set('#maxLimit', `type:INT64 value:"${limit}"`);
  const pairs = [...texts.keys()].sort().map((name) => `${name}: ${goQuote(texts.get(name) ?? '')}`);
  return `Sql: ${goQuote(sql)}, BindVars: {${pairs.join('')}}`;
}

/** What the text of an error is made of besides the error. */
export interface ErrorSurroundings {
  readonly sql: string;
  readonly variables: BindVariables;
  /** Immediate user name, or null without one. */
  readonly user: string | null;
  /** The `#maxLimit` that vttablet would have bound, or null. */
  readonly maxLimit: number | null;
  readonly terse: boolean;
}

/**
 * The code and the text of an error (go/vt/vttablet/tabletserver/tabletserver.go, convertAndLogError; vitess-behaviour
 * §3.4 step 1). Errors of our own making that are neither VtError nor BackendError come out as UNKNOWN.
 */
export function answerError(error: unknown, around: ErrorSurroundings): AnsweredError {
  const caller = around.user === null ? '' : ` (CallerID: ${around.user})`;
  if (error instanceof BackendError) {
    const { errno, sqlState } = error;
    const code = codeOfMysqlError(errno, error.message);
    const terse = around.terse && Object.keys(around.variables).length > 0 && code !== 'FAILED_PRECONDITION';
    const text = terse ? '' : `${error.message} `;
    const statement = queryText(around.sql, around.variables, around.maxLimit, terse);
    return { code, errno, message: `${text}(errno ${errno}) (sqlstate ${sqlState})${caller}: ${statement}` };
  }
  if (error instanceof VtError)
    return { code: error.code, errno: null, message: error.plain ? error.message : `${error.message}${caller}` };
  return { code: 'UNKNOWN', errno: null, message: `internal error: ${(error as Error).message}${caller}` };
}

const MESSAGE_BYTES = 7680;

/** A message short enough for gRPC's trailers (go/vt/vterrors/grpc.go, truncateError). */
export function truncated(message: string): string {
  if (message.length * 3 <= MESSAGE_BYTES || Buffer.byteLength(message) <= MESSAGE_BYTES) return message;
  const cut = Buffer.from(message)
    .subarray(0, MESSAGE_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  return `${cut} [...] [remainder of the error is truncated because gRPC has a size limit on errors.]`;
}
