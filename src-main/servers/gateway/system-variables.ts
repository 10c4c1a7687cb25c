/** What vtgate does when a session sets a system variable (go/vt/sysvars/sysvars.go; recordings of real vtgate). */
export type VariableTreatment = 'gateway' | 'ignored' | 'connection' | 'read-only' | 'unsupported' | 'unknown';

const list = (names: string): readonly string[] => names.split(/\s+/).filter((name) => name !== '');

/** Kept in the gateway's session. */
const inGateway = list(`
  autocommit client_found_rows skip_query_plan_cache tx_read_only transaction_read_only sql_select_limit
  transaction_mode ddl_strategy workload charset names session_uuid migration_context enable_system_settings
  read_after_write_gtid read_after_write_timeout session_track_gtids query_timeout transaction_timeout
`);

/** Those of them that `DEFAULT` may be assigned to. */
const withDefault = new Set(
  list(`
  autocommit client_found_rows skip_query_plan_cache tx_read_only transaction_read_only sql_select_limit
  charset names enable_system_settings
`),
);

/** Accepted and without effect: the first group at once, the second after a look that changes nothing. */
const ignored = list(`
  big_tables bulk_insert_buffer_size debug default_storage_engine default_tmp_storage_engine innodb_strict_mode
  innodb_support_xa innodb_table_locks innodb_tmpdir join_buffer_size keep_files_on_create lc_messages long_query_time
  low_priority_updates max_delayed_threads max_insert_delayed_threads multi_range_count net_buffer_length new
  query_cache_type query_cache_wlock_invalidate query_prealloc_size sql_buffer_result transaction_alloc_block_size
  wait_timeout

  binlog_format block_encryption_mode character_set_client character_set_connection character_set_database
  character_set_filesystem character_set_results character_set_server collation_connection collation_database
  collation_server completion_type div_precision_increment interactive_timeout lc_time_names lock_wait_timeout
  max_allowed_packet max_error_count max_execution_time max_join_size max_length_for_sort_data max_sort_length
  max_user_connections net_read_timeout net_retry_count net_write_timeout session_track_schema
  session_track_state_change session_track_system_variables session_track_transaction_info sql_auto_is_null
  version_tokens_session
`);

/** Travel as a hint with each statement (MySQL manual, "Variable-Setting Hint Syntax"). */
const asHint = list(`
  end_markers_in_json eq_range_index_dive_limit foreign_key_checks group_concat_max_len max_heap_table_size
  max_seeks_for_key optimizer_prune_level optimizer_search_depth optimizer_switch range_alloc_block_size
  range_optimizer_max_mem_size read_buffer_size read_rnd_buffer_size sort_buffer_size sql_big_selects sql_mode
  sql_safe_updates tmp_table_size unique_checks updatable_views_with_limit
`);

/** Held by the MySQL connection: they travel as SET with the statements of the session. */
const onConnection = list(`
  default_week_format explicit_defaults_for_timestamp information_schema_stats_expiry innodb_lock_wait_timeout
  max_tmp_tables min_examined_row_limit old_passwords optimizer_trace optimizer_trace_features optimizer_trace_limit
  optimizer_trace_max_mem_size optimizer_trace_offset parser_max_mem_size profiling profiling_history_size
  query_alloc_block_size show_create_table_verbosity show_old_temporals sql_notes sql_quote_show_create sql_warnings
  time_zone transaction_isolation transaction_prealloc_size tx_isolation
`);

const readOnly = list('version version_comment socket');
const unsupported = list(`
  audit_log_read_buffer_size auto_increment_increment auto_increment_offset binlog_direct_non_transactional_updates
  binlog_row_image binlog_rows_query_log_events innodb_ft_enable_stopword innodb_ft_user_stopword_table
  max_points_in_geometry max_sp_recursion_depth myisam_repair_threads myisam_sort_buffer_size myisam_stats_method
  ndb_allow_copying_alter_table ndb_autoincrement_prefetch_sz ndb_blob_read_batch_bytes ndb_blob_write_batch_bytes
  ndb_deferred_constraints ndb_force_send ndb_fully_replicated ndb_index_stat_enable ndb_index_stat_option
  ndb_join_pushdown ndb_log_bin ndb_log_exclusive_reads ndb_row_checksum ndb_use_exact_count ndb_use_transactions
  ndbinfo_max_bytes ndbinfo_max_rows ndbinfo_show_hidden ndbinfo_table_prefix old_alter_table preload_buffer_size
  rbr_exec_mode sql_log_off thread_pool_high_priority_connection thread_pool_prio_kickup_timer
  transaction_write_set_extraction
`);

/** Variables of which `'on'` and `'off'` mean 1 and 0 even as strings. */
const booleans = new Set(
  list(`
  end_markers_in_json foreign_key_checks profiling show_create_table_verbosity show_old_temporals sql_big_selects
  sql_notes sql_quote_show_create sql_safe_updates sql_warnings unique_checks updatable_views_with_limit
`),
);

const treatments = new Map<string, VariableTreatment>([
  ...ignored.map((name) => [name, 'ignored'] as const),
  ...[...asHint, ...onConnection].map((name) => [name, 'connection'] as const),
  ...inGateway.map((name) => [name, 'gateway'] as const),
  ...readOnly.map((name) => [name, 'read-only'] as const),
  ...unsupported.map((name) => [name, 'unsupported'] as const),
]);

const hints = new Set(asHint);

/** Looked up by lower-case name. */
export const variableTreatment = (name: string): VariableTreatment => treatments.get(name) ?? 'unknown';

/** Whether a variable can travel as a hint (SET_VAR) with a statement, so that no connection need be set for it. */
export const travelsAsHint = (name: string): boolean => hints.has(name);

export const isBooleanVariable = (name: string): boolean => booleans.has(name);

/** Whether `SET x = DEFAULT` is accepted for a variable of the gateway. */
export const hasDefault = (name: string): boolean => withDefault.has(name);

const readInGateway = new Set(
  list(`
  autocommit client_found_rows skip_query_plan_cache sql_select_limit transaction_mode ddl_strategy workload session_uuid
  enable_system_settings read_after_write_gtid read_after_write_timeout query_timeout version version_comment socket
  migration_context session_track_gtids transaction_timeout
`),
);

/** Whether a variable's value is the gateway's own business, unless its global value is meant. */
export const isGatewayVariable = (name: string): boolean => readInGateway.has(name);
