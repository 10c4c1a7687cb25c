import { printShow, splitMargins } from '../../domain/sql';
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
import { charsetRows } from './own-charsets';
import { VitessError } from './vitess-error';
import { aliasText } from './tablet-link';
import type { GatewaySession } from './session';
import { gatewayVariable } from './rewrite';
import { isSystemSchema, unknownDatabase, type SessionTarget } from './target';
import type { Vschema } from './vschema';

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

const warningFields = [
  ownField('Level', columnTypes.text, 0),
  ownField('Code', columnTypes.unsigned16, 0x8020),
  ownField('Message', columnTypes.text, 0),
];

const warningsOf = (session: GatewaySession): StatementResult => ({
  ...emptyResult,
  fields: warningFields,
  rows: session.warnings.map(({ code, message }) => ownRow(['Warning', String(code), message])),
});

/** NUM, NOT_NULL, UNSIGNED and NO_DEFAULT_VALUE, as vtgate flags the length of a character. */
const maxLengthFlags = 0x9021;

function charsets(sql: string): StatementResult {
  const like = likeTest(sql);
  const where = /\bwhere\s+`?charset`?\s*=\s*(['"])(.*?)\1/is.exec(sql)?.[2];
  const rows = charsetRows.filter(([name]) => (where === undefined ? (like?.(name) ?? true) : name === where));
  const { fields } = ownResult(['Charset', 'Description', 'Default collation'], []);
  return {
    ...emptyResult,
    fields: [...fields, ownField('Maxlen', columnTypes.unsigned32, maxLengthFlags)],
    rows: rows.map(ownRow),
  };
}

const replicationColumns = [
  ...['Keyspace', 'Shard', 'TabletType', 'Alias', 'Hostname', 'ReplicationSource', 'ReplicationHealth'],
  ...['ReplicationLag', 'ThrottlerStatus'],
];

const engines = ownResult(
  ['Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'],
  [['InnoDB', 'DEFAULT', 'Supports transactions, row-level locking, and foreign keys', 'YES', 'YES', 'YES']],
);

const plugins = ownResult(
  ['Name', 'Status', 'Type', 'Library', 'License'],
  [['InnoDB', 'ACTIVE', 'STORAGE ENGINE', 'NULL', 'GPL']],
);

/** `SHOW VSCHEMA …`: no keyspace here is sharded, so that there are no vindexes. */
function vschema(words: readonly string[], { keyspaces }: Router): StatementResult | null {
  switch (words[1]?.replace(/;$/, '')) {
    case 'keyspaces': {
      const rows = keyspaces.map((keyspace) => [keyspace, 'false', 'unmanaged', '']);
      return ownResult(['Keyspace', 'Sharded', 'Foreign Key', 'Comment'], rows);
    }
    case 'vindexes':
      return ownResult([words[2] === undefined ? 'Keyspace' : 'Columns', 'Name', 'Type', 'Params', 'Owner'], []);
    default:
      return null;
  }
}

/** `SHOW VITESS_METADATA VARIABLES`; the topology has no node for it until something is set. */
function metadata({ metadata: all }: Vschema, test: ((name: string) => boolean) | null): StatementResult {
  if (all.length === 0) throw new VitessError('UNKNOWN', "node doesn't exist: /vitess/global/metadata/");
  return ownResult(
    ['Key', 'Value'],
    all.filter(([name]) => test?.(name) ?? true),
  );
}

/** The keyspace of a `SHOW VSCHEMA TABLES`; null for other statements. Throws VT09005 where none is chosen. */
export function vschemaTablesOf(sql: string, router: Router, target: SessionTarget): string | null {
  if (!/^\s*show\s+vschema\s+tables\s*;?\s*$/i.test(sql)) return null;
  return router.keyspaceOf(isSystemSchema(target.keyspace) ? { ...target, keyspace: '' } : target);
}

export const tableList = (tables: readonly string[]): StatementResult =>
  ownResult(
    ['Tables'],
    tables.map((table) => [table]),
  );

/** Seconds since the epoch as Go's RFC 3339 in UTC; nothing for a tablet that was never primary. */
const termStart = (seconds: bigint): string =>
  seconds <= 0n ? '' : new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');

/** What vtgate answers to SHOW without a tablet; null when the statement is to be forwarded. */
export function showLocally(
  sql: string,
  session: GatewaySession,
  router: Router,
  own: Vschema,
): StatementResult | null {
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
      return warningsOf(session);
    case 'charset':
    case 'character':
      return charsets(text);
    case 'engines':
    case 'storage':
      return engines;
    case 'plugins':
      return plugins;
    case 'vschema':
      return vschema(words, router);
    case 'vitess_replication_status':
      return ownResult(replicationColumns, []);
    case 'vitess_metadata':
      return metadata(own, likeTest(text));
    default:
      return null;
  }
}

/** SHOW kinds whose last FROM or IN names a database. */
const namesDatabase =
  /^\s*show\s+(?:full\s+|extended\s+)*(vitess_migrations|tables|table\s+status|triggers|events|open\s+tables)\b/i;
const columnsOf = /^\s*show\s+(?:full\s+|extended\s+)*(?:columns|fields|index|indexes|keys)\s+(?:from|in)\s+\S+/i;
/** What follows: a FROM or IN further on is part of a WHERE. */
const fromDatabase = /^\s*(?:from|in)\s+(?:`([^`]+)`|([A-Za-z0-9_$]+))/i;

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

const createDatabase = /^\s*show\s+create\s+(?:database|schema)\s+`?([^`\s;]+)/i;

/** A SHOW in vtgate's printing, where it can be printed, and the keyspace named. Throws VT05003 for a database that is none. */
export function printedShow(
  { sql, keyspace }: { readonly sql: string; readonly keyspace: string | null },
  router: Router,
): { readonly sql: string; readonly keyspace: string | null } {
  if (sql.length > longestRead || sql.includes('@')) return { sql, keyspace };
  const database = createDatabase.exec(sql)?.[1];
  if (database !== undefined && !isSystemSchema(database) && router.keyspaceNamed(database) === null)
    throw unknownDatabase(database);
  const { leading, statement, trailing } = splitMargins(sql);
  const printed = printShow(statement, (name) => router.keyspaceNamed(name), { database: null });
  if (printed === null) return { sql, keyspace };
  const [named = keyspace] = printed.keyspaces;
  return { sql: `${leading}${printed.sql}${trailing}`, keyspace: named };
}

/** Variables of which SHOW VARIABLES tells the gateway's value (go/vt/sysvars/sysvars.go, GetInterestingVariables). */
const shownVariables = new Set([
  ...['autocommit', 'client_found_rows', 'sql_select_limit', 'version', 'version_comment', 'sql_mode'],
  ...['foreign_key_checks', 'unique_checks', 'group_concat_max_len', 'sql_safe_updates'],
]);

/** Answers of MySQL in which vtgate puts its own words: the keyspace's name and its version. */
export function dressShow(
  sql: string,
  result: StatementResult,
  keyspace: string,
  session: GatewaySession,
  serverVersion: string,
): StatementResult {
  const first = result.fields[0];
  if (first === undefined) return result;
  if (/^\s*show\s+global\s+vgtid_executed\b/i.test(sql)) return vgtid(result);
  if (/^\s*show\s+(?:full\s+)?tables\b/i.test(sql) && first.name.startsWith('Tables_in_') && !fromSystemSchema(sql)) {
    const name = `Tables_in_${keyspace}`;
    return withContent(result, { fields: [renamed(first, name), ...result.fields.slice(1)] });
  }
  if (/^\s*show\s+(?:session\s+|local\s+|global\s+)?variables\b/i.test(sql)) {
    const rows = result.rows.map((row) => {
      const [name = '', value] = rowTexts(row);
      const own = shownVariables.has(name ?? '') ? gatewayVariable(name ?? '', session, serverVersion) : undefined;
      const shown = own?.replace(/^'(.*)'$/s, '$1');
      return shown !== undefined && shown !== value ? ownRow([name, shown]) : row;
    });
    return withContent(result, { rows });
  }
  return result;
}

const fromSystemSchema = (sql: string): boolean => {
  const named = namesDatabase.exec(sql) ?? columnsOf.exec(sql);
  const found = named === null ? null : fromDatabase.exec(sql.slice(named[0].length));
  return found !== null && isSystemSchema(found[1] ?? (found[2] as string));
};

/** What vtgate makes of the answer to `gtidQuery` for VGTID_EXECUTED: the positions of the shards in one text. */
function vgtid(result: StatementResult): StatementResult {
  const rows = result.rows.map((row) => {
    const [keyspace, gtid, shard] = rowTexts(row);
    const position = gtid === null || gtid === undefined || gtid === '' ? '' : ` gtid:${JSON.stringify(gtid)}`;
    return [keyspace ?? '', `shard_gtids:{keyspace:"${keyspace ?? ''}" shard:"${shard ?? ''}"${position}}`];
  });
  return ownResult(['db_name', 'global vgtid_executed'], rows);
}

/** `SHOW GLOBAL [V]GTID_EXECUTED [FROM ks]`: the query that vtgate sends for it, and the keyspace named; null for others. */
export function gtidQuery(sql: string, router: Router, current: string): { sql: string; keyspace: string } | null {
  const found = /^\s*show\s+global\s+v?gtid_executed(?:\s+(?:from|in)\s+`?([^`\s;]+)`?)?\s*;?\s*$/i.exec(
    sql.slice(0, longestRead),
  );
  if (found === null) return null;
  const keyspace = found[1] ?? current;
  if (!router.hasKeyspace(keyspace)) throw unknownDatabase(keyspace);
  const shard = router.shards.find((one) => one.startsWith(`${keyspace}/`))?.slice(keyspace.length + 1) ?? '';
  return {
    sql: `select '${keyspace}' as db_name, @@global.gtid_executed as gtid_executed, '${shard}' as shard`,
    keyspace,
  };
}
