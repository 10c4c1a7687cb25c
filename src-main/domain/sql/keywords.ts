/** Words that no table, column or alias can be without backticks (MySQL manual 8.4, 11.3, and Vitess's own). */
const reservedWords = `
accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call cascade case
change char character check collate column condition constraint continue convert create cross cube cume_dist
current_date current_time current_timestamp current_user cursor database databases day_hour day_microsecond
day_minute day_second dec decimal declare default delete dense_rank desc describe deterministic distinct
distinctrow div double drop each else elseif empty enclosed escaped exists exit explain false fetch
first_value float float4 float8 for force foreign from fulltext function generated get grant group grouping groups
having high_priority hour_microsecond hour_minute hour_second if ignore in index infile inner inout insensitive
insert int int1 int2 int3 int4 int8 integer interval into io_after_gtids io_before_gtids is iterate join
json_table key keys kill lag last_value lateral lead leading leave left like limit linear lines load localtime
localtimestamp lock long longblob longtext loop low_priority master_bind match maxvalue mediumblob mediumint
mediumtext middleint minute_microsecond minute_second mod modifies natural next not no_write_to_binlog nth_value
ntile null numeric of on optimize optimizer_costs option optionally or order out outer outfile over partition
percent_rank precision primary procedure purge range rank read reads read_write real recursive references regexp
release rename repeat replace require resignal restrict return revoke right rlike row row_number rows schema
schemas second_microsecond select sensitive separator set show signal smallint spatial specific sql sqlexception
sqlstate sqlwarning sql_big_result sql_calc_found_rows sql_small_result ssl starting stored straight_join substr
substring system table tablesample terminated then timestampadd timestampdiff tinyblob tinyint tinytext to
trailing trigger true undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp
values varbinary varchar varcharacter varying virtual when where while window with write xor year_month zerofill
`;

/** Words the grammar gives a meaning in one place and that are ordinary names elsewhere. */
const contextualWords = `
against algorithm always any array ascii at auto_increment begin bit bool boolean btree byte cascaded cast chain charset
checksum close coalesce collation columns comment commit committed concurrent connection consistent copy count
current data datafile date datetime deallocate definer delayed directory disable discard do dual dumpfile duplicate
enable end enforced engine engine_attribute engines enum error errors escape event events every except exchange
exclusive execute expansion export extended extract fields first flush following force_cutover format full
general geometry geomcollection geometrycollection global grants group_concat hash help histogram history hosts
import indexes inplace insert_method instant intersect invisible invoker isolation json json_arrayagg json_objectagg
json_value key_block_size language last less level linestring list local locked logs max_rows member memory merge
min_rows minus mode modify multilinestring multipoint multipolygon names national nchar nested no none nowait
nulls nvarchar off offset oj only open optimizer ordinality over pack_keys page parser partial partitioning partitions
password path persist persist_only plan plugins point polygon position preceding prepare privileges process
processlist profile profiles query quick rebuild redundant relay relaylog remove reorganize repair repeatable replica
replicas replication respect restart retry returning reuse revert rollback rollup routine row_format
s3 savepoint secondary security serializable session share shared signed simple skip slave slow some sounds
sql_buffer_result sql_cache sql_no_cache srid start starts stats_auto_recalc stats_persistent stats_sample_pages
status storage stream string subpartition subpartitions tables tablespace temporary temptable text than throttle
time timestamp transaction triggers trim truncate type unbounded uncommitted undefined unicode unknown unthrottle
upgrade user user_resources utf8mb4 validation value variables vexplain view vindex vindexes visible
vitess_migration vitess_migrations vschema vstream wait warnings weight_string without work x509 xa xml year
`;

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** The kind of the first keyword; everything below is in token-kinds.ts or a character's code. */
export const firstKeyword = 200;

const kinds = new Map<string, number>();
for (const word of [...words(reservedWords), ...words(contextualWords)]) {
  if (!kinds.has(word)) kinds.set(word, firstKeyword + kinds.size);
}
const lastReserved = firstKeyword + new Set(words(reservedWords)).size - 1;
const longest = Math.max(...[...kinds.keys()].map((word) => word.length));

/** The kind of a keyword that the grammar names; a misspelt one fails when the module loads. */
export function keyword(word: string): number {
  const kind = kinds.get(word);
  if (kind === undefined) throw new Error(`no keyword: ${word}`);
  return kind;
}

/** The kinds of keywords separated by blanks. */
export const keywords = (text: string): ReadonlySet<number> => new Set(words(text).map(keyword));

const texts = [...kinds.keys()];

/** The word of a keyword's kind, in lower case; undefined for other kinds. */
export const keywordText = (kind: number): string | undefined =>
  kind < firstKeyword ? undefined : texts[kind - firstKeyword];

/** The kind of an unquoted word: a keyword's, or 1 (a name). */
export function wordKind(word: string): number {
  if (word.length > longest) return 1;
  return kinds.get(word) ?? kinds.get(word.toLowerCase()) ?? 1;
}

/** Whether a token's kind is a word that needs backticks to be a name. */
export const isReserved = (kind: number): boolean => kind >= firstKeyword && kind <= lastReserved;

/** Whether a token can be the name of a table, column or alias. */
export const isName = (kind: number): boolean => kind === 1 || kind === 2 || kind > lastReserved;
