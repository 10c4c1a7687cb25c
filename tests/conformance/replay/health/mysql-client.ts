import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

const flags: readonly (readonly [number, string])[] = [
  [1, 'IN_TRANS'],
  [2, 'AUTOCOMMIT'],
  [8, 'MORE_RESULTS_EXISTS'],
  [16, 'NO_GOOD_INDEX_USED'],
  [32, 'NO_INDEX_USED'],
  [64, 'CURSOR_EXISTS'],
  [128, 'LAST_ROW_SENT'],
  [256, 'DB_DROPPED'],
  [512, 'NO_BACKSLASH_ESCAPES'],
  [1024, 'METADATA_CHANGED'],
  [2048, 'QUERY_WAS_SLOW'],
  [4096, 'PS_OUT_PARAMS'],
  [8192, 'IN_TRANS_READONLY'],
  [16384, 'SESSION_STATE_CHANGED'],
];

/** What a client got, as the recordings write it. */
export type Got =
  | { readonly ok: { affectedRows: number; insertId: number; status: readonly string[]; warnings: number } }
  | { readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly err: { readonly errno: number; readonly sqlstate: string; readonly message: string } }
  | { readonly connectionClosed: true };

/** A MySQL client (mysql2) that tells everything it gets. */
export class ReplayClient {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
    connection.on('error', () => undefined);
  }

  static async connect(port: number, user: string, foundRows: boolean): Promise<ReplayClient> {
    return new ReplayClient(
      await createConnection({
        host: '127.0.0.1',
        port,
        user,
        password: '',
        database: 'commerce',
        rowsAsArray: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
        dateStrings: true,
        typeCast: (field, next) => (field.type === 'GEOMETRY' ? next() : field.string()),
        flags: [foundRows ? '+FOUND_ROWS' : '-FOUND_ROWS'],
      }),
    );
  }

  query(sql: string): Promise<Got> {
    return this.#got(this.#connection.query(sql));
  }

  execute(sql: string, parameters: readonly (string | null)[]): Promise<Got> {
    return this.#got(this.#connection.execute(sql, [...parameters]));
  }

  end(): void {
    this.#connection.destroy();
  }

  async #got(work: Promise<[unknown, unknown]>): Promise<Got> {
    try {
      const [result] = await work;
      if (Array.isArray(result)) return { rows: result as RowDataPacket[] as unknown as (string | null)[][] };
      const { affectedRows, insertId, warningStatus, serverStatus } = result as ResultSetHeader & {
        serverStatus: number;
      };
      const status = flags.filter(([bit]) => (serverStatus & bit) !== 0).map(([, name]) => name);
      return { ok: { affectedRows, insertId: Number(insertId), status, warnings: warningStatus } };
    } catch (error) {
      const { errno, sqlState, sqlMessage, code } = error as {
        errno?: number;
        sqlState?: string;
        sqlMessage?: string;
        code?: string;
      };
      if (sqlMessage === undefined || code === 'PROTOCOL_CONNECTION_LOST') return { connectionClosed: true };
      return { err: { errno: errno ?? 0, sqlstate: sqlState ?? '', message: sqlMessage } };
    }
  }
}
