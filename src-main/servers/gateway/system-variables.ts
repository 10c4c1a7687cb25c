/** What vtgate does when a session sets a system variable (go/vt/sysvars/sysvars.go; recordings of real vtgate). */
export type VariableTreatment = 'gateway' | 'ignored' | 'connection' | 'read-only' | 'unsupported' | 'unknown';

const list = (names: string): readonly string[] => names.split(/\s+/).filter((name) => name !== '');

/** Kept in the gateway's session. */
const inGateway = list(`
  autocommit client_found_rows skip_query_plan_cache transaction_mode workload ddl_strategy migration_context
  read_after_write_gtid read_after_write_timeout session_track_gtids query_timeout sql_select_limit
  enable_system_settings charset names tx_read_only transaction_read_only transaction_timeout
`);

/** Accepted and without effect. */
const ignored = list(`
  big_tables binlog_direct_non_transactional_updates character_set_client character_set_connection
  character_set_database character_set_filesystem character_set_results character_set_server collation_connection
  collation_database collation_server completion_type connect_timeout debug debug_sync default_storage_engine
  default_tmp_storage_engine explicit_defaults_for_timestamp flush flush_time gtid_executed_compression_period
  init_connect init_file init_slave innodb_buffer_pool_size innodb_commit_concurrency interactive_timeout
  lc_messages lc_time_names local_infile lock_wait_timeout log_error_verbosity low_priority_updates
  max_allowed_packet max_binlog_size max_connect_errors max_connections max_delayed_threads max_error_count
  max_insert_delayed_threads max_join_size max_length_for_sort_data max_points_in_geometry max_prepared_stmt_count
  max_seeks_for_key max_sort_length max_sp_recursion_depth max_tmp_tables max_user_connections net_buffer_length
  net_read_timeout net_retry_count net_write_timeout old_passwords optimizer_prune_level optimizer_search_depth
  preload_buffer_size profiling_history_size pseudo_slave_mode query_alloc_block_size query_cache_limit
  query_cache_min_res_unit query_cache_size query_cache_type query_cache_wlock_invalidate query_prealloc_size
  range_alloc_block_size read_buffer_size read_rnd_buffer_size require_secure_transport session_track_schema
  session_track_state_change session_track_system_variables session_track_transaction_info slow_launch_time
  slow_query_log sql_auto_is_null storage_engine sync_binlog table_definition_cache table_open_cache
  thread_cache_size transaction_alloc_block_size transaction_prealloc_size transaction_write_set_extraction
  updatable_views_with_limit wait_timeout binlog_format binlog_row_image div_precision_increment sql_notes
`);

/** Held by the MySQL connection: they travel as SET with the statements of the session. */
const onConnection = list(`
  sql_mode time_zone foreign_key_checks unique_checks innodb_lock_wait_timeout transaction_isolation sql_safe_updates
  sql_warnings group_concat_max_len optimizer_switch sort_buffer_size tmp_table_size max_heap_table_size
  default_week_format information_schema_stats_expiry end_markers_in_json eq_range_index_dive_limit profiling
  show_create_table_verbosity block_encryption_mode join_buffer_size max_execution_time min_examined_row_limit
  optimizer_trace optimizer_trace_features optimizer_trace_limit optimizer_trace_max_mem_size optimizer_trace_offset
  parser_max_mem_size bulk_insert_buffer_size new range_optimizer_max_mem_size show_old_temporals sql_big_selects
  sql_buffer_result sql_quote_show_create internal_tmp_disk_storage_engine max_write_lock_count
  cte_max_recursion_depth log_slow_extra long_query_time tx_isolation
`);

const readOnly = list('version version_comment socket');
const unsupported = list(`
  auto_increment_increment auto_increment_offset old_alter_table audit_log_read_buffer_size ndbinfo_max_bytes
  ndbinfo_max_rows ndbinfo_show_hidden default_authentication_plugin binlog_rows_query_log_events
`);

const treatments = new Map<string, VariableTreatment>([
  ...ignored.map((name) => [name, 'ignored'] as const),
  ...onConnection.map((name) => [name, 'connection'] as const),
  ...inGateway.map((name) => [name, 'gateway'] as const),
  ...readOnly.map((name) => [name, 'read-only'] as const),
  ...unsupported.map((name) => [name, 'unsupported'] as const),
]);

/** Looked up by lower-case name. */
export const variableTreatment = (name: string): VariableTreatment => treatments.get(name) ?? 'unknown';
