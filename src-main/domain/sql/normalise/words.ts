/** Every word that Vitess 24 knows as a keyword (go/vt/sqlparser/keywords.go): a name that is one of them is printed in backticks. */
const list = `
_armscii8 _ascii _big5 _binary _cp1250 _cp1251 _cp1256 _cp1257 _cp850 _cp852 _cp866 _cp932 _dec8 _eucjpms _euckr
_gb18030 _gb2312 _gbk _geostd8 _greek _hebrew _hp8 _keybcs2 _koi8r _koi8u _latin1 _latin2 _latin5 _latin7 _macce
_macroman _sjis _swe7 _tis620 _ucs2 _ujis _utf16 _utf16le _utf32 _utf8 _utf8mb3 _utf8mb4 accessible action add
adddate after against algorithm all alter always analyze and any any_value array as asc ascii asensitive
auto_increment autoextend_size avg avg_row_length before begin between bigint binary binlog bit bit_and bit_or
bit_xor blob bool boolean both by byte call cancel cascade cascaded case cast catalog_name change channel char
character charset check checksum class_origin cleanup coalesce code collate collation column column_format
column_name columns comment commit committed compact complete compressed compression condition connection consistent
constraint constraint_catalog constraint_name constraint_schema continue convert copy count create cross csv
cume_dist curdate current current_date current_time current_timestamp current_user cursor cursor_name curtime
cutover_threshold data database databases date date_add date_sub datetime day day_hour day_microsecond day_minute
day_second deallocate dec decimal declare default definer delay_key_write delayed delete dense_rank desc describe
deterministic directory disable discard disk distinct distinctrow div do double drop dumpfile duplicate dynamic each
else elseif empty enable enclosed encryption end endpoint enforced engine engine_attribute engines enum error errors
escape escaped event events exchange exclusive execute exists exit expansion expire explain export extended extract
extractvalue false fetch fields first first_value fixed float float4 float8 flush following for force force_cutover
foreign format format_bytes format_pico_time found from full fulltext function general generated geomcollection
geometry geometrycollection get get_lock glength global grant grants group group_concat grouping groups
gtid_executed gtid_subset gtid_subtract handler hash having header high_priority hosts hour hour_microsecond
hour_minute hour_second if ignore import in index indexes infile inner inout inplace insensitive insert
insert_method instant int int1 int2 int3 int4 int8 integer interval into invisible invoker io_after_gtids is
is_free_lock is_used_lock isclosed isolation iterate join json json_array json_array_append json_array_insert
json_arrayagg json_contains json_contains_path json_depth json_extract json_insert json_keys json_length json_merge
json_merge_patch json_merge_preserve json_object json_objectagg json_overlaps json_pretty json_quote json_remove
json_replace json_schema_valid json_schema_validation_report json_search json_set json_storage_free
json_storage_size json_table json_type json_unquote json_valid json_value key key_block_size keys keyspaces kill lag
language last last_insert_id last_value lateral launch lead leading leave left less level like limit linear lines
linestring list load local localtime localtimestamp locate lock locked log logs long longblob longtext loop
low_priority ltrim manifest manual master master_bind match max max_rows maxvalue mediumblob mediumint mediumtext
member memory merge message_text microsecond mid middleint min min_rows minute minute_microsecond minute_second mod
mode modifies modify month multilinestring multipoint multipolygon mutex mysql_errno name names natural nchar nested
next no no_write_to_binlog none not now nowait nth_value ntile null nulls numeric numpoints of off offset on only
open optimize optimizer_costs option optionally or order ordinality out outer outfile over overwrite pack_keys
parallel parser partial partition partitioning partitions password path percent_rank plan plugins point pointn
polygon position postpone preceding precision prepare primary privileges procedure processlist profile profiles
ps_current_thread_id ps_thread_id purge qualify quarter queries query range rank ratio read read_write reads real
rebuild recursive redundant references regexp regexp_instr regexp_like regexp_replace regexp_substr relay relaylog
release release_all_locks release_lock remove rename reorganize repair repeat repeatable replace replica replicas
require resignal respect restrict retry return returning revert revoke right rlike rollback rollup row row_format
row_number rows rtrim s3 savepoint schema schema_name schemas second second_microsecond secondary_engine_attribute
security select sensitive separator sequence serializable session set share shared show signal signed simple skip
slave slow smallint snapshot some spatial specific sql sql_big_result sql_buffer_result sql_cache
sql_calc_found_rows sql_no_cache sql_small_result sql_tsi_day sql_tsi_hour sql_tsi_microsecond sql_tsi_minute
sql_tsi_month sql_tsi_quarter sql_tsi_second sql_tsi_week sql_tsi_year sqlexception sqlstate sqlwarning srid ssl
st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_centroid st_dimension st_endpoint st_envelope
st_exteriorring st_geohash st_geomcollfromtext st_geomcollfromtxt st_geomcollfromwkb st_geometrycollectionfromtext
st_geometrycollectionfromwkb st_geometryfromtext st_geometryfromwkb st_geometryn st_geometrytype st_geomfromgeojson
st_geomfromtext st_geomfromwkb st_interiorringn st_isclosed st_isempty st_issimple st_latfromgeohash st_latitude
st_length st_linefromtext st_linefromwkb st_linestringfromtext st_linestringfromwkb st_longfromgeohash st_longitude
st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb st_mpolyfromtext st_mpolyfromwkb
st_multilinestringfromtext st_multilinestringfromwkb st_multipointfromtext st_multipointfromwkb
st_multipolygonfromtext st_multipolygonfromwkb st_numgeometries st_numinteriorring st_numinteriorrings st_numpoints
st_pointfromgeohash st_pointfromtext st_pointfromwkb st_pointn st_polyfromtext st_polyfromwkb st_polygonfromtext
st_polygonfromwkb st_startpoint st_x st_y start starting startpoint stats_auto_recalc stats_persistent
stats_sample_pages status std stddev stddev_pop stddev_samp storage stored straight_join stream subclass_origin
subdate subpartition subpartitions substr substring sum sysdate system table table_name tables tablesample
tablespace temporary temptable terminated text than then throttle time timestamp timestampadd timestampdiff tinyblob
tinyint tinytext to trace traditional trailing transaction transactions tree trigger triggers trim true truncate
unbounded uncommitted undefined undo unicode union unique unknown unlock unresolved unsigned unthrottle update
updatexml upgrade usage use user user_resources using utc_date utc_time utc_timestamp validation value values
var_pop var_samp varbinary varchar varcharacter variables variance varying vector vexplain vgtid_executed view
vindex vindexes virtual visible vitess vitess_keyspaces vitess_metadata vitess_migration vitess_migrations
vitess_replication_status vitess_shards vitess_tablets vitess_target vitess_throttled_apps vitess_throttler vschema
vstream vtexplain wait_for_executed_gtid_set wait_until_sql_thread_after_gtids warnings week weight_string when
where while window with without work write xor year year_month zerofill
`;

export const vitessWords: ReadonlySet<string> = new Set(list.trim().split(/\s+/));

/** Those of them that no unquoted name can be (sql.y: all but `non_reserved_keyword`). */
const reserved = `
_armscii8 _ascii _big5 _binary _cp1250 _cp1251 _cp1256 _cp1257 _cp850 _cp852 _cp866 _cp932 _dec8 _eucjpms _euckr
_gb18030 _gb2312 _gbk _geostd8 _greek _hebrew _hp8 _keybcs2 _koi8r _koi8u _latin1 _latin2 _latin5 _latin7 _macce
_macroman _sjis _swe7 _tis620 _ucs2 _ujis _utf16 _utf16le _utf32 _utf8 _utf8mb3 _utf8mb4 add all alter analyze and
as asc between binary both by call case cast change character check collate column condition constraint continue
convert create cross cume_dist curdate current_date current_time current_timestamp current_user curtime database
databases declare default delete dense_rank desc describe distinct distinctrow div drop else elseif empty escape
exists exit explain extract false first_value float4 float8 for force foreign from fulltext generated group having
high_priority if ignore in index inner inout insert interval into is join json_length json_table key kill lag
last_value lateral lead leading left like limit linear localtime localtimestamp lock low_priority match maxvalue mod
natural next no_write_to_binlog not now nth_value ntile null of off on optimizer_costs or order out outer outfile
over partition percent_rank postpone primary range rank read recursive regexp release rename replace revert right
rlike row row_number rows savepoint schema schemas select separator set show signal spatial sql_big_result sql_cache
sql_calc_found_rows sql_no_cache sql_small_result sql_tsi_microsecond sqlexception sqlstate sqlwarning stored
straight_join substr substring sysdate table then to trailing true undo union unique unlock update use using
utc_date utc_time utc_timestamp values virtual vstream when where window with write xor
`;

export const vitessReserved: ReadonlySet<string> = new Set(reserved.trim().split(/\s+/));
