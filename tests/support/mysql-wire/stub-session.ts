import {
  MysqlError,
  type BoundParameter,
  type ColumnDefinition,
  type LoggedIn,
  type MysqlSession,
  type OkData,
  type PreparedStatement,
  type ResultWriter,
  type TextRow,
} from '../../../src-main/servers/mysql-wire';

export const autocommit: OkData = { status: 2 };

export const column = (name: string, type = 253, more: Partial<ColumnDefinition> = {}): ColumnDefinition => ({
  schema: '',
  table: '',
  orgTable: '',
  name,
  orgName: '',
  charset: 255,
  columnLength: 0,
  flags: 0,
  decimals: 0,
  type,
  ...more,
});

export const textRow = (...values: (string | Buffer | null)[]): TextRow => {
  const buffers = values.map((value) => (value === null ? null : Buffer.from(value as string)));
  return {
    lengths: buffers.map((value) => value?.length ?? -1),
    values: Buffer.concat(buffers.filter((value) => value !== null)),
  };
};

type Query = (sql: string, out: ResultWriter, signal: AbortSignal) => Promise<void>;

/**
 * A session without a database: it answers what tests ask for and remembers what it was told. `select 'text'` gives one
 * row, everything unknown an OK.
 */
export class StubSession implements MysqlSession {
  readonly calls: string[] = [];
  readonly executed: { sql: string; parameters: readonly BoundParameter[] }[] = [];
  readonly closed: Promise<void>;
  signal: AbortSignal | null = null;
  multiStatements = false;
  #markClosed!: () => void;

  constructor(
    readonly login: LoggedIn,
    private readonly on: StubAnswers = {},
  ) {
    this.closed = new Promise((resolve) => (this.#markClosed = resolve));
  }

  get inTransaction(): boolean {
    return this.on.inTransaction?.(this.login) === true;
  }

  async query(sql: string, out: ResultWriter, signal: AbortSignal): Promise<void> {
    this.calls.push(`query ${sql}`);
    this.signal = signal;
    if (this.on.query !== undefined) return this.on.query(sql, out, signal);
    const literal = /^\s*select '(.*)'\s*$/i.exec(sql)?.[1];
    if (literal !== undefined) {
      await out.columns([column('text')]);
      await out.rows([textRow(literal)]);
      return out.end(autocommit);
    }
    if (/\$\$/.test(sql)) throw new MysqlError(1054, '42S22', "Unknown column '$$' in 'field list'");
    await out.ok(autocommit);
  }

  async initDb(database: string): Promise<OkData> {
    this.calls.push(`initDb ${database}`);
    if (this.on.initDb !== undefined) return this.on.initDb(database);
    if (database === 'nosuch')
      throw new MysqlError(1049, '42000', `VT05003: unknown database '${database}' in vschema`);
    return autocommit;
  }

  async ping(): Promise<OkData> {
    this.calls.push('ping');
    return autocommit;
  }

  async prepare(sql: string): Promise<PreparedStatement> {
    this.calls.push(`prepare ${sql}`);
    if (this.on.prepare !== undefined) return this.on.prepare(sql);
    return { parameterCount: [...sql].filter((char) => char === '?').length, columns: [column('text')] };
  }

  async execute(
    sql: string,
    parameters: readonly BoundParameter[],
    out: ResultWriter,
    signal: AbortSignal,
  ): Promise<void> {
    this.calls.push(`execute ${sql}`);
    this.executed.push({ sql, parameters });
    if (this.on.execute !== undefined) return this.on.execute(sql, parameters, out, signal);
    const values = parameters.map(({ value }) => (value === null ? 'NULL' : Buffer.from(value).toString()));
    await out.columns([column('text')]);
    await out.rows([textRow(values.join(','))]);
    await out.end(autocommit);
  }

  async reset(): Promise<OkData> {
    this.calls.push('reset');
    return { status: 0 };
  }

  async setMultiStatements(on: boolean): Promise<void> {
    this.calls.push(`setMultiStatements ${on}`);
    this.multiStatements = on;
  }

  async close(): Promise<void> {
    this.calls.push('close');
    this.#markClosed();
  }
}

/** Answers that differ from the stub's own. */
export interface StubAnswers {
  readonly inTransaction?: (login: LoggedIn) => boolean;
  readonly query?: Query;
  readonly initDb?: (database: string) => Promise<OkData>;
  readonly prepare?: (sql: string) => Promise<PreparedStatement>;
  readonly execute?: (
    sql: string,
    parameters: readonly BoundParameter[],
    out: ResultWriter,
    signal: AbortSignal,
  ) => Promise<void>;
}
