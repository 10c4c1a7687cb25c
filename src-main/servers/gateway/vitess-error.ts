import { grpcGoCodeName, vtCodeName, type VtCode } from '../../domain/kernel';
import { MysqlError } from '../mysql-wire/types';

/** An error number with its SQLSTATE that wins over everything else (Vitess: the state of a vterror). */
export interface MysqlState {
  readonly errno: number;
  readonly sqlState: string;
}

/** States of vterrors as MySQL numbers (go/mysql/sqlerror/sql_error.go). */
export const states = {
  badDb: { errno: 1049, sqlState: '42000' },
  singleStatement: { errno: 1149, sqlState: '42000' },
  accessDenied: { errno: 1045, sqlState: '28000' },
  dropDatabase: { errno: 1008, sqlState: 'HY000' },
  createDatabase: { errno: 1007, sqlState: 'HY000' },
  unknownThread: { errno: 1094, sqlState: 'HY000' },
  packetTooLarge: { errno: 1153, sqlState: '08S01' },
  killDenied: { errno: 1095, sqlState: 'HY000' },
  emptyQuery: { errno: 1065, sqlState: '42000' },
  unknownStatementHandler: { errno: 1243, sqlState: 'HY000' },
  lockOrActiveTransaction: { errno: 1192, sqlState: 'HY000' },
  wrongArguments: { errno: 1210, sqlState: 'HY000' },
  unknownSystemVariable: { errno: 1193, sqlState: 'HY000' },
  wrongTypeForVariable: { errno: 1232, sqlState: '42000' },
  wrongValueForVariable: { errno: 1231, sqlState: '42000' },
  wrongNumberOfColumns: { errno: 1222, sqlState: '21000' },
  dataOutOfRange: { errno: 1690, sqlState: '22003' },
  wrongValue: { errno: 1525, sqlState: 'HY000' },
  readOnlyVariable: { errno: 1238, sqlState: 'HY000' },
  serverShutdown: { errno: 1053, sqlState: '08S01' },
} as const satisfies { readonly [name: string]: MysqlState };

/** An error as Vitess carries it: a code, a complete text, and for some a MySQL number of its own. */
export class VitessError extends Error {
  constructor(
    readonly code: VtCode,
    message: string,
    readonly state: MysqlState | null = null,
  ) {
    super(message);
    this.name = 'VitessError';
  }
}

const byCode: { readonly [code in VtCode]?: MysqlState } = {
  CANCELED: { errno: 1317, sqlState: '70100' },
  DEADLINE_EXCEEDED: { errno: 1317, sqlState: '70100' },
  ABORTED: { errno: 1317, sqlState: '70100' },
  PERMISSION_DENIED: { errno: 1045, sqlState: '28000' },
  UNAUTHENTICATED: { errno: 1045, sqlState: '28000' },
  RESOURCE_EXHAUSTED: { errno: 1203, sqlState: '42000' },
  UNIMPLEMENTED: { errno: 1235, sqlState: '42000' },
  INTERNAL: { errno: 1815, sqlState: 'HY000' },
};

const unknownState: MysqlState = { errno: 1105, sqlState: 'HY000' };
const numberInText = /\(errno ([0-9]*)\) \(sqlstate ([0-9a-zA-Z]{5})\)/;
const tooLarge = /grpc: (?:received|trying to send) message larger than max \(\d+ vs\. \d+\)/;

/** Number and SQLSTATE under which a MySQL client sees a Vitess error (vitess-behaviour §2.5). */
export function mysqlState(code: VtCode, message: string, state: MysqlState | null = null): MysqlState {
  if (state !== null) return state;
  const found = numberInText.exec(message);
  if (found !== null) return { errno: Number(found[1]) || 1105, sqlState: found[2] as string };
  if (code === 'RESOURCE_EXHAUSTED') {
    if (tooLarge.test(message)) return { errno: 1153, sqlState: '42000' };
    if (message.includes('Transaction throttled')) return { errno: 1041, sqlState: 'HY000' };
  }
  return byCode[code] ?? unknownState;
}

/** A Vitess error as an ERR packet's content; other errors stay what they are, the MySQL server words them. */
export function asMysqlError(error: unknown): unknown {
  if (!(error instanceof VitessError)) return error;
  const { errno, sqlState } = mysqlState(error.code, error.message, error.state);
  return new MysqlError(errno, sqlState, error.message);
}

/** Where a tablet's answer comes from, as every text of vtgate begins: `target: ks.0.primary: `. */
export const targetPrefix = (keyspace: string, shard: string, type: string): string =>
  `target: ${keyspace}.${shard}.${type}: `;

/** A gRPC status of a tablet as vtgate words it (go/vt/vttablet/grpctabletconn; vitess-behaviour §3.4). */
export function fromTabletStatus(prefix: string, code: number, message: string): VitessError {
  const name = vtCodeName(code);
  return new VitessError(name, `${prefix}vttablet: rpc error: code = ${grpcGoCodeName(name)} desc = ${message}`);
}

/** An error inside a tablet's response. */
export function fromTabletResponse(prefix: string, code: number, message: string): VitessError {
  return new VitessError(vtCodeName(code), `${prefix}vttablet: ${message}`);
}

/**
 * An error under `--vtgate-config-terse-errors`: vtgate makes a bare text of it, without values of bind variables, so that
 * code and number are lost but for a number that the text holds (vitess-behaviour §2.5).
 */
export const asTerse = (error: unknown): unknown =>
  error instanceof VitessError
    ? new VitessError('UNKNOWN', error.message.replace(/BindVars: \{.*\}/, 'BindVars: {REDACTED}'))
    : error;
