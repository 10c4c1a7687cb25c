import type { query } from '../rpc';
import type { BackendAccess } from './backend-access';
import { askRows } from './schema-tables';

const VIEWS = 0;
const TABLES = 1;
const ALL = 2;

/** Names in one message. */
const BATCH = 100;

/** The CREATE statements of tables and views by name (query.GetSchemaRequest; table_type UDFS gives none). */
export async function streamSchema(
  backend: BackendAccess,
  type: number,
  names: readonly string[],
): Promise<query.IGetSchemaResponse[]> {
  const wanted = [...backend.schema.tables.values()].filter(
    ({ name, view }) =>
      (type === ALL || (type === VIEWS && view) || (type === TABLES && !view)) &&
      (names.length === 0 || names.includes(name)),
  );
  const connection = await backend.streams.take();
  const messages: query.IGetSchemaResponse[] = [];
  try {
    for (let from = 0; from < wanted.length; from += BATCH) {
      const tableDefinition: { [name: string]: string } = {};
      for (const { name, view } of wanted.slice(from, from + BATCH)) {
        const rows = await askRows(
          connection,
          `show create ${view ? 'view' : 'table'} \`${name.replaceAll('`', '``')}\``,
        );
        Object.defineProperty(tableDefinition, name, { value: rows[0]?.[1] ?? '', enumerable: true });
      }
      messages.push({ tableDefinition });
    }
  } catch (error) {
    connection.dirty = true;
    throw error;
  } finally {
    backend.streams.give(connection);
  }
  return messages;
}
