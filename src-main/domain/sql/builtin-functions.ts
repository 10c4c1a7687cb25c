/**
 * Functions that MySQL 8.0 to 9.x and MariaDB 10.11 bring along and that read no table. Any other name may be a
 * stored or loadable function, which runs with the rights of its definer. Left out on purpose: LOAD_FILE (reads
 * files), MariaDB's NEXTVAL, LASTVAL and SETVAL (read and write sequences).
 */
const names = `
abs acos adddate addtime aes_decrypt aes_encrypt any_value ascii asin asymmetric_decrypt asymmetric_derive
asymmetric_encrypt asymmetric_sign asymmetric_verify atan atan2 avg benchmark bin bin_to_uuid bit_and bit_count
bit_length bit_or bit_xor cast ceil ceiling char char_length character_length charset chr coalesce coercibility
collation column_add column_check column_create column_delete column_exists column_get column_json column_list
compress concat concat_ws connection_id conv convert convert_tz cos cot count crc32 crc32c create_asymmetric_priv_key
create_asymmetric_pub_key create_dh_parameters create_digest cume_dist curdate current_date current_role current_time
current_timestamp current_user curtime database date date_add date_format date_sub datediff day dayname dayofmonth
dayofweek dayofyear decode decode_histogram decode_oracle default degrees dense_rank des_decrypt des_encrypt elt encode
encrypt exp export_set extract extractvalue field find_in_set first_value floor format format_bytes format_pico_time
found_rows from_base64 from_days from_unixtime geomcollection geometrycollection get_format get_lock greatest group_concat
grouping gtid_subset gtid_subtract hex hour icu_version if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr
interval is_free_lock is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_used_lock is_uuid isnull json_array
json_array_append json_array_insert json_array_intersect json_arrayagg json_compact json_contains json_contains_path
json_depth json_detailed json_equals json_exists json_extract json_insert json_keys json_length json_loose json_merge
json_merge_patch json_merge_preserve json_normalize json_object json_objectagg json_overlaps json_pretty json_query
json_quote json_remove json_replace json_schema_valid json_schema_validation_report json_search json_set
json_storage_free json_storage_size json_table json_type json_unquote json_valid json_value kdf lag last_day
last_insert_id last_value lcase lead least left length lengthb linestring ln localtime localtimestamp locate log log10
log2 lower lpad ltrim make_set makedate maketime master_pos_wait match max mbrcontains mbrcoveredby mbrcovers
mbrdisjoint mbrequal mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin md5 median microsecond mid min minute
mod month monthname multilinestring multipoint multipolygon name_const natural_sort_key now nth_value ntile nullif nvl nvl2
oct octet_length old_password ord password percent_rank percentile_cont percentile_disc period_add period_diff pi point
polygon position pow power ps_current_thread_id ps_thread_id quarter quote radians rand random_bytes rank regexp_instr
regexp_like regexp_replace regexp_substr release_all_locks release_lock repeat replace reverse right round
row_count row_number rownum rpad rtrim schema sec_to_time second session_user sformat sha sha1 sha2 sign sin sleep soundex
source_pos_wait space sqrt st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer
st_buffer_strategy st_centroid st_collect st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint
st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_frechetdistance st_geohash
st_geomcollfromtext st_geomcollfromtxt st_geomcollfromwkb st_geometrycollectionfromtext st_geometrycollectionfromwkb
st_geometryfromtext st_geometryfromwkb st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext st_geomfromwkb
st_hausdorffdistance st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple
st_isvalid st_latfromgeohash st_latitude st_length st_linefromtext st_linefromwkb st_lineinterpolatepoint
st_lineinterpolatepoints st_linestringfromtext st_linestringfromwkb st_longfromgeohash st_longitude st_makeenvelope
st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb st_mpolyfromtext st_mpolyfromwkb
st_multilinestringfromtext st_multilinestringfromwkb st_multipointfromtext st_multipointfromwkb
st_multipolygonfromtext st_multipolygonfromwkb st_numgeometries st_numinteriorring st_numinteriorrings st_numpoints
st_overlaps st_pointatdistance st_pointfromgeohash st_pointfromtext st_pointfromwkb st_pointn st_pointonsurface st_polyfromtext
st_polyfromwkb st_polygonfromtext st_polygonfromwkb st_relate st_simplify st_srid st_startpoint st_swapxy st_symdifference
st_touches st_transform st_union st_validate st_within st_x st_y statement_digest statement_digest_text std stddev
stddev_pop stddev_samp str_to_date strcmp string_to_vector subdate substr substrb substring substring_index subtime sum
sys_guid sysdate system_user tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64
to_char to_days to_seconds to_vector trim trim_oracle truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml
upper user utc_date utc_time utc_timestamp uuid uuid_short uuid_to_bin validate_password_strength values var_pop
var_samp variance vec_distance vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext vector_dim vector_to_string version
wait_for_executed_gtid_set week weekday weekofyear weight_string wsrep_last_seen_gtid wsrep_last_written_gtid year
yearweek
`;

const known = new Set(names.split(/\s+/).filter((name) => name !== ''));

/** Whether a function of that name (any case) comes with the server and reads no table. */
export const isBuiltinFunction = (name: string): boolean => known.has(name) || known.has(name.toLowerCase());

/** Functions that are only themselves when the bracket follows at once; otherwise MySQL looks for a stored one (MySQL manual 11.2.5). */
const glued = new Set(
  `adddate bit_and bit_or bit_xor cast count curdate curtime date_add date_sub extract group_concat max mid min now position
  session_user std stddev stddev_pop stddev_samp subdate substr substring sum sysdate system_user trim variance var_pop
  var_samp`.split(/\s+/),
);

/** Whether the function of that lower-case name must be written without backticks and without a gap before its bracket. */
export const mustBeGlued = (lower: string): boolean => glued.has(lower);
