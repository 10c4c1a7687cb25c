import type { LongData } from './packets/stmt-send-long-data';
import type { ParameterType } from './packets/stmt-execute';
import { MysqlError } from './types';

/** MySQL's default of max_prepared_stmt_count, here for each connection. */
const mostStatements = 16_382;

const noLongData: ReadonlyMap<number, Buffer> = new Map();

/** A value that arrives in pieces; memory grows with its bytes, however small the pieces are. */
class GrowingValue {
  #buffer = Buffer.alloc(0);
  length = 0;

  append(piece: Buffer): void {
    const length = this.length + piece.length;
    if (length > this.#buffer.length) {
      const roomy = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(roomy, 0, 0, this.length);
      this.#buffer = roomy;
    }
    piece.copy(this.#buffer, this.length);
    this.length = length;
  }

  get value(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}

/** A statement that a client prepared. */
export class Statement {
  types: readonly ParameterType[] = [];
  /** What COM_STMT_SEND_LONG_DATA could not tell, since it has no answer; the next execution does. */
  failed: MysqlError | null = null;
  readonly ahead = new Map<number, GrowingValue>();

  constructor(
    readonly id: number,
    readonly sql: string,
    readonly parameterCount: number,
  ) {}
}

/** The prepared statements of one connection. */
export class Statements {
  readonly #byId = new Map<number, Statement>();
  #lastId = 0;
  #longDataBytes = 0;
  #textLength = 0;

  /** `maxKept`: bytes of values sent ahead, and characters of text, that are kept over all statements together. */
  constructor(readonly maxKept: number) {}

  /** Throws MysqlError 1461 when there are too many, or too much text of them. */
  add(sql: string, parameterCount: number): Statement {
    if (this.#byId.size >= mostStatements || this.#textLength + sql.length > this.maxKept) {
      throw new MysqlError(
        1461,
        '42000',
        `Can't create more than max_prepared_stmt_count statements (current value: ${mostStatements})`,
      );
    }
    this.#textLength += sql.length;
    this.#lastId = (this.#lastId + 1) >>> 0;
    const statement = new Statement(this.#lastId, sql, parameterCount);
    this.#byId.set(statement.id, statement);
    return statement;
  }

  find(id: number): Statement | undefined {
    return this.#byId.get(id);
  }

  close(id: number): void {
    const statement = this.#byId.get(id);
    if (statement === undefined) return;
    this.dropLongData(statement);
    this.#textLength -= statement.sql.length;
    this.#byId.delete(id);
  }

  clear(): void {
    this.#byId.clear();
    this.#longDataBytes = 0;
    this.#textLength = 0;
  }

  /** Throws MysqlError 1153 when the pieces of all statements grow beyond the limit. */
  append(statement: Statement, piece: LongData): void {
    if (this.#longDataBytes + piece.data.length > this.maxKept) {
      throw new MysqlError(1153, '08S01', "Got a packet bigger than 'max_allowed_packet' bytes");
    }
    this.#longDataBytes += piece.data.length;
    const value = statement.ahead.get(piece.parameter) ?? new GrowingValue();
    value.append(piece.data);
    statement.ahead.set(piece.parameter, value);
  }

  /** The values sent ahead; they count for one execution. */
  takeLongData(statement: Statement): ReadonlyMap<number, Buffer> {
    if (statement.ahead.size === 0) return noLongData;
    const values = new Map([...statement.ahead].map(([parameter, { value }]) => [parameter, value]));
    this.dropLongData(statement);
    return values;
  }

  dropLongData(statement: Statement): void {
    for (const { length } of statement.ahead.values()) this.#longDataBytes -= length;
    statement.ahead.clear();
    statement.failed = null;
  }
}
