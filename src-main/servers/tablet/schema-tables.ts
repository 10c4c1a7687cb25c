import type { KnownTables } from '../../domain/sql';
import type { BackendConnection, RowSink } from './backend-connection';

/** What one table looks like from outside; a change of it is announced on health streams. */
export interface SchemaTable {
  readonly name: string;
  readonly view: boolean;
  readonly sequence: boolean;
  readonly created: string;
}

/** The tables of the tablet's database, as the statement reader asks for them. */
export class SchemaTables implements KnownTables {
  constructor(readonly tables: ReadonlyMap<string, SchemaTable> = new Map()) {}

  has(name: string): boolean {
    return this.tables.has(name);
  }

  isSequence(name: string): boolean {
    return this.tables.get(name)?.sequence === true;
  }

  /** Names that were added, dropped or changed since `before`. */
  changedSince(before: SchemaTables): string[] {
    const names = new Set([...this.tables.keys(), ...before.tables.keys()]);
    return [...names]
      .filter((name) => {
        const [a, b] = [this.tables.get(name), before.tables.get(name)];
        return (
          a === undefined ||
          b === undefined ||
          a.created !== b.created ||
          a.view !== b.view ||
          a.sequence !== b.sequence
        );
      })
      .sort();
  }
}

/** All rows of a statement of ours as texts. */
export async function askRows(connection: BackendConnection, sql: string): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  const sink: RowSink = {
    columns: () => undefined,
    row: ({ lengths, values }) => {
      const bytes = Buffer.from(values ?? new Uint8Array());
      let at = 0;
      rows.push(
        (lengths ?? []).map((length) => {
          if (length < 0) return null;
          at += length;
          return bytes.toString('utf8', at - length, at);
        }),
      );
      return true;
    },
  };
  await connection.run(sql, sink);
  return rows;
}

/** Reads the tables of the connection's database. */
export async function readSchema(connection: BackendConnection): Promise<SchemaTables> {
  const rows = await askRows(
    connection,
    'select table_name, table_type, table_comment, create_time from information_schema.tables where table_schema = database()',
  );
  return new SchemaTables(
    new Map(
      rows.map(([name, type, comment, created]) => [
        name ?? '',
        { name: name ?? '', view: type === 'VIEW', sequence: comment === 'vitess_sequence', created: created ?? '' },
      ]),
    ),
  );
}
