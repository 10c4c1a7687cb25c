import type { BackendConnection, RowSink } from './backend-connection';
import { VtError } from './vt-error';

/** Modes under which MySQL splits a text into tokens in another way than the statement reader does. */
const READING_MODES = ['NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES'] as const;

/** Client character sets in which a quote or a backslash is never part of another character. */
const SAFE_CHARSETS = /^(?:utf8|utf8mb3|utf8mb4|ascii|binary|latin1)$/;

/** Runs a statement of ours and returns the first row as texts. */
export async function askRow(connection: BackendConnection, sql: string): Promise<(string | null)[]> {
  let first: (string | null)[] = [];
  const sink: RowSink = {
    columns: () => undefined,
    row: ({ lengths, values }) => {
      let at = 0;
      if (first.length === 0)
        first = (lengths ?? []).map((length) => {
          if (length < 0) return null;
          at += length;
          return Buffer.from((values ?? new Uint8Array()).subarray(at - length, at)).toString('utf8');
        });
      return true;
    },
  };
  await connection.run(sql, sink);
  return first;
}

/**
 * Asks MySQL itself whether a connection still reads statements as the access check does. `SET sql_mode` or `SET NAMES`
 * could make a quoted name out of a string, or end a string earlier, so that MySQL would see tables that nobody was asked
 * about. A connection that fails this must not be used again; returns whether it commits by itself. Throws VtError
 * INVALID_ARGUMENT.
 */
export async function demandSameReading(connection: BackendConnection): Promise<{ readonly autocommit: boolean }> {
  const [mode, charset, autocommit] = await askRow(
    connection,
    'select @@session.sql_mode, @@session.character_set_client, @@session.autocommit',
  );
  const modes = (mode ?? '').split(',');
  const wrong = READING_MODES.filter((name) => modes.includes(name));
  if (wrong.length > 0) {
    connection.dirty = true;
    throw new VtError(
      'INVALID_ARGUMENT',
      `sql_mode ${wrong.join(',')} changes how statements are read and is not allowed`,
    );
  }
  if (!SAFE_CHARSETS.test(charset ?? '')) {
    connection.dirty = true;
    throw new VtError(
      'INVALID_ARGUMENT',
      `character_set_client ${charset ?? ''} changes how statements are read and is not allowed`,
    );
  }
  return { autocommit: autocommit === '1' };
}
