const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Functions that tell the time, with an optional precision. */
export const timeCalls = words(
  'now sysdate curtime curdate current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp',
);

type Arity = (many: number) => boolean;

const exactly =
  (...counts: number[]): Arity =>
  (many) =>
    counts.includes(many);
const atLeast =
  (least: number): Arity =>
  (many) =>
    many >= least;
const pairsAfter =
  (first: number): Arity =>
  (many) =>
    many > first && (many - first) % 2 === 0;

const table: readonly (readonly [arity: Arity, names: string])[] = [
  [exactly(0), 'release_all_locks ps_current_thread_id'],
  [
    exactly(1),
    'is_free_lock is_used_lock release_lock json_pretty json_storage_free json_storage_size json_quote json_depth json_valid ' +
      'json_type json_unquote format_bytes format_pico_time ps_thread_id',
  ],
  [exactly(1, 2), 'json_keys json_length wait_for_executed_gtid_set'],
  [
    exactly(2),
    'get_lock json_schema_valid json_schema_validation_report json_overlaps extractvalue gtid_subset gtid_subtract point',
  ],
  [exactly(2, 3), 'locate regexp_like'],
  [exactly(3), 'updatexml'],
  [exactly(4), 'insert'],
  [atLeast(0), 'left right database schema json_array'],
  [atLeast(1), 'if mod replace linestring polygon multipoint multilinestring multipolygon'],
  [atLeast(2), 'interval json_contains json_extract json_merge json_merge_patch json_merge_preserve json_remove'],
  [atLeast(3), 'json_contains_path json_search'],
  [(many) => many % 2 === 0, 'json_object'],
  [pairsAfter(1), 'json_array_append json_array_insert json_insert json_replace json_set'],
  [(many) => many >= 2 && many <= 6, 'regexp_instr'],
  [(many) => many >= 3 && many <= 6, 'regexp_replace'],
  [(many) => many >= 2 && many <= 5, 'regexp_substr'],
];

/** Functions with a rule of their own in Vitess's grammar that look like any other: printed in lower case; and how many arguments they take. */
export const dedicatedCalls: ReadonlyMap<string, Arity> = new Map(
  table.flatMap(([arity, names]) => names.split(' ').map((name) => [name, arity] as const)),
);

/** Short names of the functions that make a geometry from text or bytes. */
const geometries: Readonly<Record<string, string>> = {
  geom: 'geometry',
  geometry: 'geometry',
  geomcoll: 'geometrycollection',
  geometrycollection: 'geometrycollection',
  point: 'point',
  mpoint: 'multipoint',
  multipoint: 'multipoint',
  line: 'linestring',
  linestring: 'linestring',
  mline: 'multilinestring',
  multilinestring: 'multilinestring',
  poly: 'polygon',
  polygon: 'polygon',
  mpoly: 'multipolygon',
  multipolygon: 'multipolygon',
};

/** The name under which Vitess prints a function that makes a geometry; null for other functions. */
export function geometryMaker(name: string): string | null {
  if (name === 'st_geomcollfromtxt') return 'st_geometrycollectionfromtext';
  const [, made = '', from = ''] = /^st_(\w+?)from(text|wkb)$/.exec(name) ?? [];
  const long = Object.hasOwn(geometries, made) ? geometries[made] : undefined;
  return long === undefined ? null : `st_${long}from${from}`;
}

/** Functions that Vitess prints under another name or in another form. */
export const otherSyntax =
  /^(?:st_.*|endpoint|startpoint|isclosed|glength|numpoints|pointn|geometrycollection|geomcollection|weight_string|json_value|json_table|wait_until_sql_thread_after_gtids)$/;
