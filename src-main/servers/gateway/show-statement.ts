import {
  columnTypes,
  emptyResult,
  ownField,
  ownResult,
  ownRow,
  renamed,
  rowTexts,
  withContent,
  type StatementResult,
} from './result';
import type { Router } from './router';
import { aliasText } from './tablet-link';
import type { GatewaySession } from './session';
import { isSystemSchema, unknownDatabase } from './target';

/** Longer texts are forwarded as they are: no SHOW that is meant needs more, and a search in them could take long. */
const longestRead = 4096;

/** `like 'x%'` as a test, case-insensitive as MySQL's is for names; null without LIKE. */
function likeTest(sql: string): ((name: string) => boolean) | null {
  const pattern = /\blike\s+(['"])((?:[^\\]|\\.)*?)\1[\s;]*$/is.exec(sql)?.[2];
  if (pattern === undefined) return null;
  const source = pattern
    .replace(/\\([%_])/g, '\\u0000$1')
    .replace(/[.*+?^${}()|[\]]/g, '\\$&')
    .replace(/%/g, '.*')
    .replace(/_/g, '.')
    .replace(/\\u0000(\.\*|\.)/g, (_, wild: string) => (wild === '.*' ? '%' : '_'));
  const expression = new RegExp(`^${source}$`, 'is');
  return (name) => expression.test(name);
}

const filtered = (column: string, names: readonly string[], sql: string): StatementResult => {
  const test = likeTest(sql);
  return ownResult(
    [column],
    names.filter((name) => test === null || test(name)).map((name) => [name]),
  );
};

const emptyWarnings: StatementResult = {
  ...emptyResult,
  fields: [ownField('Level'), ownField('Code', columnTypes.unsigned16), ownField('Message')],
};

/** Seconds since the epoch as Go's RFC 3339 in UTC; nothing for a tablet that was never primary. */
const termStart = (seconds: bigint): string =>
  seconds <= 0n ? '' : new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');

/** What vtgate answers to SHOW without a tablet; null when the statement is to be forwarded. */
export function showLocally(sql: string, session: GatewaySession, router: Router): StatementResult | null {
  if (sql.length > longestRead) return null;
  const text = sql.replace(/\/\*[^!][\s\S]*?\*\//g, ' ').trim();
  const words = text.toLowerCase().split(/\s+/).slice(1);
  const subject = words[0] === 'full' || words[0] === 'session' || words[0] === 'global' ? words[1] : words[0];
  const { keyspaces } = router;
  switch (subject?.replace(/;$/, '')) {
    case 'databases':
    case 'schemas':
      return filtered('Database', [...keyspaces, 'information_schema', 'mysql', 'sys', 'performance_schema'], text);
    case 'keyspaces':
    case 'vitess_keyspaces':
      return filtered('Database', keyspaces, text);
    case 'vitess_shards':
      return filtered('Shards', router.shards, text);
    case 'vitess_target':
      return session.target.shard === null ? ownResult(['Target'], [[session.targetString]]) : null;
    case 'vitess_tablets': {
      const columns = ['Cell', 'Keyspace', 'Shard', 'TabletType', 'State', 'Alias', 'Hostname', 'PrimaryTermStartTime'];
      const rows = router.tablets
        .filter(({ health }) => !health.gone)
        .map(({ alias, keyspace, shard, type, health, tablet }) => [
          alias.cell,
          keyspace,
          shard,
          type.toUpperCase(),
          health.serving ? 'SERVING' : 'NOT_SERVING',
          aliasText(alias),
          tablet.host,
          termStart(health.primaryTermStart),
        ]);
      // LIKE is about host names (go/vt/vtgate/executor.go, ShowTablets).
      const test = likeTest(text);
      return ownResult(columns, test === null ? rows : rows.filter(([, , , , , , host = '']) => test(host)));
    }
    case 'warnings':
    case 'errors':
      return emptyWarnings;
    default:
      return null;
  }
}

/** SHOW kinds whose last FROM or IN names a database. */
const namesDatabase = /^\s*show\s+(?:full\s+|extended\s+)*(tables|table\s+status|triggers|events|open\s+tables)\b/i;
const columnsOf = /^\s*show\s+(?:full\s+|extended\s+)*(?:columns|fields|index|indexes|keys)\s+(?:from|in)\s+\S+/i;
const fromDatabase = /\b(?:from|in)\s+(?:`([^`]+)`|([A-Za-z0-9_$]+))/i;

/**
 * Takes `from ks` out of a SHOW, since MySQL knows the database behind a keyspace by another name. Returns the text and
 * the keyspace that was named, or null. Throws VT05003 for a database that is none.
 */
export function withoutDatabase(
  sql: string,
  router: Router,
): { readonly sql: string; readonly keyspace: string | null } {
  if (sql.length > longestRead) return { sql, keyspace: null };
  const named = namesDatabase.exec(sql) ?? columnsOf.exec(sql);
  if (named === null) return { sql, keyspace: null };
  const behind = named[0].length;
  const found = fromDatabase.exec(sql.slice(behind));
  if (found === null) return { sql, keyspace: null };
  const database = found[1] ?? (found[2] as string);
  if (isSystemSchema(database)) return { sql, keyspace: null };
  if (!router.hasKeyspace(database)) throw unknownDatabase(database);
  const start = behind + found.index;
  return { sql: `${sql.slice(0, start)}${sql.slice(start + found[0].length)}`, keyspace: database };
}

/** Answers of MySQL in which vtgate puts its own words: the keyspace's name and its version. */
export function dressShow(
  sql: string,
  result: StatementResult,
  keyspace: string,
  serverVersion: string,
): StatementResult {
  const first = result.fields[0];
  if (first === undefined) return result;
  if (/^\s*show\s+(?:full\s+)?tables\b/i.test(sql) && first.name.startsWith('Tables_in_') && !fromSystemSchema(sql)) {
    const name = first.name.replace(/^Tables_in_\S+/, `Tables_in_${keyspace}`);
    return withContent(result, { fields: [renamed(first, name), ...result.fields.slice(1)] });
  }
  if (/^\s*show\s+(?:session\s+|local\s+)?variables\b/i.test(sql)) {
    const rows = result.rows.map((row) => {
      const [name, value] = rowTexts(row);
      return name === 'version' && value !== serverVersion ? ownRow([name, serverVersion]) : row;
    });
    return withContent(result, { rows });
  }
  return result;
}

const fromSystemSchema = (sql: string): boolean => {
  const found = fromDatabase.exec(sql);
  return found !== null && isSystemSchema(found[1] ?? (found[2] as string));
};
