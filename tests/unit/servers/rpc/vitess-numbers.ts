/** Names and numbers of Vitess's messages (reference, sections 3.1 to 3.3): `*` is repeated. */
export const messageFields: Readonly<Record<string, string>> = {
  'vtgate.ExecuteRequest': '1 caller_id, 2 session, 3 query, 8 prepared',
  'vtgate.ExecuteResponse': '1 error, 2 session, 3 result',
  'vtgate.ExecuteMultiRequest': '1 caller_id, 2 sql, 3 session',
  'vtgate.ExecuteMultiResponse': '1 error, 2 session, 3 *results',
  'vtgate.ExecuteBatchRequest': '1 caller_id, 2 session, 3 *queries',
  'vtgate.ExecuteBatchResponse': '1 error, 2 session, 3 *results',
  'vtgate.StreamExecuteRequest': '1 caller_id, 2 query, 6 session',
  'vtgate.StreamExecuteResponse': '1 result, 2 session',
  'vtgate.StreamExecuteMultiRequest': '1 caller_id, 2 sql, 3 session',
  'vtgate.StreamExecuteMultiResponse': '1 result, 2 more_results, 3 new_result, 4 session',
  'vtgate.VStreamRequest': '1 caller_id, 2 tablet_type, 3 vgtid, 4 filter, 5 flags',
  'vtgate.VStreamFlags':
    '1 minimize_skew, 2 heartbeat_interval, 3 stop_on_reshard, 4 cells, 5 cell_preference, 6 tablet_order, 7 stream_keyspace_heartbeats, 8 include_reshard_journal_events, 9 *tables_to_copy, 10 exclude_keyspace_from_table_name, 11 transaction_chunk_size',
  'vtgate.VStreamResponse': '1 *events',
  'vtgate.PrepareRequest': '1 caller_id, 2 session, 3 query',
  'vtgate.PrepareResponse': '1 error, 2 session, 3 *fields, 4 params_count',
  'vtgate.CloseSessionRequest': '1 caller_id, 2 session',
  'vtgate.CloseSessionResponse': '1 error',
  'vtgate.Session':
    '1 in_transaction, 2 *shard_sessions, 4 autocommit, 5 target_string, 6 options, 7 transaction_mode, 8 *warnings, 9 *pre_sessions, 10 *post_sessions, 11 last_insert_id, 12 found_rows, 13 user_defined_variables, 14 system_variables, 15 row_count, 16 *savepoints, 17 in_reserved_conn, 18 lock_session, 19 last_lock_heartbeat, 20 read_after_write, 21 DDLStrategy, 22 SessionUUID, 23 enable_system_settings, 24 advisory_lock, 25 query_timeout, 26 prepare_statement, 27 migration_context, 28 error_until_rollback',
  'vtgate.Session.ShardSession':
    '1 target, 2 transaction_id, 3 tablet_alias, 4 reserved_id, 5 read_only, 6 rows_affected',
  'vtgate.PrepareData': '1 prepare_statement, 2 params_count',
  'vtgate.ReadAfterWrite': '1 read_after_write_gtid, 2 read_after_write_timeout, 3 session_track_gtids',
  'query.ExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 transaction_id, 6 options, 7 reserved_id',
  'query.ExecuteResponse': '1 result',
  'query.StreamExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 transaction_id, 7 reserved_id',
  'query.StreamExecuteResponse': '1 result',
  'query.BeginRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 options',
  'query.BeginResponse': '1 transaction_id, 2 tablet_alias, 3 session_state_changes',
  'query.CommitRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id',
  'query.CommitResponse': '1 reserved_id',
  'query.RollbackRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id',
  'query.RollbackResponse': '1 reserved_id',
  'query.PrepareRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id, 5 dtid',
  'query.RollbackPreparedRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id, 5 dtid',
  'query.StartCommitRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id, 5 dtid',
  'query.SetRollbackRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id, 5 dtid',
  'query.CommitPreparedRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 dtid',
  'query.ConcludeTransactionRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 dtid',
  'query.ReadTransactionRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 dtid',
  'query.CreateTransactionRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 dtid, 5 *participants',
  'query.StartCommitResponse': '1 state',
  'query.UnresolvedTransactionsRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 abandon_age',
  'query.ReadTransactionResponse': '1 metadata',
  'query.UnresolvedTransactionsResponse': '1 *transactions',
  'query.BeginExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 reserved_id, 7 *pre_queries',
  'query.BeginExecuteResponse': '1 error, 2 result, 3 transaction_id, 4 tablet_alias, 5 session_state_changes',
  'query.BeginStreamExecuteResponse': '1 error, 2 result, 3 transaction_id, 4 tablet_alias, 5 session_state_changes',
  'query.BeginStreamExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 *pre_queries, 7 reserved_id',
  'query.ReserveExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 transaction_id, 6 options, 7 *pre_queries',
  'query.ReserveStreamExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 transaction_id, 7 *pre_queries',
  'query.ReserveExecuteResponse': '1 error, 2 result, 3 reserved_id, 4 tablet_alias',
  'query.ReserveStreamExecuteResponse': '1 error, 2 result, 3 reserved_id, 4 tablet_alias',
  'query.ReserveBeginExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 *pre_queries, 7 *post_begin_queries',
  'query.ReserveBeginStreamExecuteRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 options, 6 *pre_queries, 7 *post_begin_queries',
  'query.ReserveBeginExecuteResponse':
    '1 error, 2 result, 3 transaction_id, 4 reserved_id, 5 tablet_alias, 6 session_state_changes',
  'query.ReserveBeginStreamExecuteResponse':
    '1 error, 2 result, 3 transaction_id, 4 reserved_id, 5 tablet_alias, 6 session_state_changes',
  'query.ReleaseRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 transaction_id, 5 reserved_id',
  'query.ReleaseResponse': '',
  'query.MessageStreamRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 name',
  'query.MessageStreamResponse': '1 result',
  'query.MessageAckRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 name, 5 *ids',
  'query.MessageAckResponse': '1 result',
  'query.StreamHealthRequest': '',
  // The last one is our own.
  'query.StreamHealthResponse':
    '1 target, 2 serving, 3 primary_term_start_timestamp, 4 realtime_stats, 5 tablet_alias, 1000 backend_vendor',
  'query.RealtimeStats':
    '1 health_error, 2 replication_lag_seconds, 3 binlog_players_count, 4 filtered_replication_lag_seconds, 5 cpu_usage, 6 qps, 7 *table_schema_changed, 8 *view_schema_changed, 9 udfs_changed, 10 tx_unresolved',
  'query.GetSchemaRequest': '1 target, 2 table_type, 3 *table_names',
  'query.GetSchemaResponse': '1 *udfs, 2 table_definition',
  'binlogdata.VStreamRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 position, 5 filter, 6 *table_last_p_ks, 7 options',
  'binlogdata.VStreamRowsRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query, 5 lastpk, 6 options',
  'binlogdata.VStreamTablesRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 options',
  'binlogdata.VStreamResultsRequest': '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 query',
  'binlogdata.BinlogDumpGTIDRequest':
    '1 effective_caller_id, 2 immediate_caller_id, 3 target, 4 binlog_filename, 5 binlog_position, 6 gtid_set, 7 flags',
  'binlogdata.BinlogDumpResponse': '1 raw',
  'vtrpc.CallerID': '1 principal, 2 component, 3 subcomponent, 4 *groups',
  'vtrpc.RPCError': '2 message, 3 code',
  'query.VTGateCallerID': '1 username, 2 *groups',
  'query.Target': '1 keyspace, 2 shard, 3 tablet_type, 4 cell',
  'query.BoundQuery': '1 sql, 2 bind_variables',
  'query.BindVariable': '1 type, 2 value, 3 *values',
  'query.Value': '1 type, 2 value',
  'query.Field':
    '1 name, 2 type, 3 table, 4 org_table, 5 database, 6 org_name, 7 column_length, 8 charset, 9 decimals, 10 flags, 11 column_type',
  'query.Row': '1 *lengths, 2 values',
  'query.QueryResult':
    '1 *fields, 2 rows_affected, 3 insert_id, 4 *rows, 6 info, 7 session_state_changes, 8 insert_id_changed',
  'query.ResultWithError': '1 error, 2 result',
  'query.QueryWarning': '1 code, 2 message',
  'query.ExecuteOptions':
    '4 included_fields, 5 client_found_rows, 6 workload, 8 sql_select_limit, 9 transaction_isolation, 10 skip_query_plan_cache, 11 planner_version, 12 has_created_temp_tables, 13 consolidator, 14 *transaction_access_mode, 15 WorkloadName, 16 priority, 17 authoritative_timeout, 18 fetch_last_insert_id, 19 in_dml_execution, 20 transaction_timeout, 21 no_result',
  'topodata.TabletAlias': '1 cell, 2 uid',
  'topodata.KeyRange': '1 start, 2 end',
  'tableacl.Config': '1 *table_groups',
  'tableacl.TableGroupSpec': '1 name, 2 *table_names_or_prefixes, 3 *readers, 4 *writers, 5 *admins',
  'query.TransactionMetadata': '1 dtid, 2 state, 3 time_created, 4 *participants',
  'query.UDFInfo': '1 name, 2 aggregating, 3 return_type',
};

/** Names and numbers of Vitess's enums. */
export const enumValues: Readonly<Record<string, string>> = {
  'query.Type':
    'NULL_TYPE 0, INT8 257, UINT8 770, INT16 259, UINT16 772, INT24 261, UINT24 774, INT32 263, UINT32 776, INT64 265, UINT64 778, FLOAT32 1035, FLOAT64 1036, TIMESTAMP 2061, DATE 2062, TIME 2063, DATETIME 2064, YEAR 785, DECIMAL 18, TEXT 6163, BLOB 10260, VARCHAR 6165, VARBINARY 10262, CHAR 6167, BINARY 10264, BIT 2073, ENUM 2074, SET 2075, TUPLE 28, GEOMETRY 2077, JSON 2078, EXPRESSION 31, HEXNUM 4128, HEXVAL 4129, BITNUM 4130, VECTOR 2083, RAW 36, ROW_TUPLE 37',
  'vtrpc.Code':
    'OK 0, CANCELED 1, UNKNOWN 2, INVALID_ARGUMENT 3, DEADLINE_EXCEEDED 4, NOT_FOUND 5, ALREADY_EXISTS 6, PERMISSION_DENIED 7, RESOURCE_EXHAUSTED 8, FAILED_PRECONDITION 9, ABORTED 10, OUT_OF_RANGE 11, UNIMPLEMENTED 12, INTERNAL 13, UNAVAILABLE 14, DATA_LOSS 15, UNAUTHENTICATED 16, CLUSTER_EVENT 17, READ_ONLY 18',
  'topodata.TabletType':
    'UNKNOWN 0, PRIMARY 1, MASTER 1, REPLICA 2, RDONLY 3, BATCH 3, SPARE 4, EXPERIMENTAL 5, BACKUP 6, RESTORE 7, DRAINED 8',
  'binlogdata.VEventType':
    'UNKNOWN 0, GTID 1, BEGIN 2, COMMIT 3, ROLLBACK 4, DDL 5, INSERT 6, REPLACE 7, UPDATE 8, DELETE 9, SET 10, OTHER 11, ROW 12, FIELD 13, HEARTBEAT 14, VGTID 15, JOURNAL 16, VERSION 17, LASTPK 18, SAVEPOINT 19, COPY_COMPLETED 20, PREVIOUS_GTIDS 21, ROWS_QUERY 22',
  'vtgate.TransactionMode': 'UNSPECIFIED 0, SINGLE 1, MULTI 2, TWOPC 3',
  'vtgate.CommitOrder': 'NORMAL 0, PRE 1, POST 2, AUTOCOMMIT 3',
  'query.ExecuteOptions.IncludedFields': 'TYPE_AND_NAME 0, TYPE_ONLY 1, ALL 2',
  'query.ExecuteOptions.Workload': 'UNSPECIFIED 0, OLTP 1, OLAP 2, DBA 3',
  'query.ExecuteOptions.TransactionIsolation':
    'DEFAULT 0, REPEATABLE_READ 1, READ_COMMITTED 2, READ_UNCOMMITTED 3, SERIALIZABLE 4, CONSISTENT_SNAPSHOT_READ_ONLY 5, AUTOCOMMIT 6',
  'query.ExecuteOptions.PlannerVersion':
    'DEFAULT_PLANNER 0, V3 1, Gen4 2, Gen4Greedy 3, Gen4Left2Right 4, Gen4WithFallback 5, Gen4CompareV3 6, V3Insert 7',
  'query.ExecuteOptions.TransactionAccessMode': 'CONSISTENT_SNAPSHOT 0, READ_WRITE 1, READ_ONLY 2',
  'query.StartCommitState': 'Unknown 0, Fail 1, Success 2',
  'query.TransactionState': 'UNKNOWN 0, PREPARE 1, ROLLBACK 2, COMMIT 3',
  'query.SchemaTableType': 'VIEWS 0, TABLES 1, ALL 2, UDFS 3',
};

/** Methods that stream their answers; all others are unary. */
export const streaming: Readonly<Record<string, readonly string[]>> = {
  'vtgateservice.Vitess': ['StreamExecute', 'StreamExecuteMulti', 'VStream', 'BinlogDumpGTID'],
  'queryservice.Query': [
    'StreamExecute',
    'BeginStreamExecute',
    'MessageStream',
    'ReserveStreamExecute',
    'ReserveBeginStreamExecute',
    'StreamHealth',
    'VStream',
    'VStreamRows',
    'VStreamTables',
    'VStreamResults',
    'GetSchema',
    'BinlogDumpGTID',
  ],
};

export const methodNames: Readonly<Record<string, readonly string[]>> = {
  'vtgateservice.Vitess': [
    'Execute',
    'ExecuteMulti',
    'ExecuteBatch',
    'StreamExecute',
    'StreamExecuteMulti',
    'VStream',
    'Prepare',
    'CloseSession',
    'BinlogDumpGTID',
  ],
  'queryservice.Query': [
    'Execute',
    'StreamExecute',
    'Begin',
    'Commit',
    'Rollback',
    'Prepare',
    'CommitPrepared',
    'RollbackPrepared',
    'CreateTransaction',
    'StartCommit',
    'SetRollback',
    'ConcludeTransaction',
    'ReadTransaction',
    'UnresolvedTransactions',
    'BeginExecute',
    'BeginStreamExecute',
    'MessageStream',
    'MessageAck',
    'ReserveExecute',
    'ReserveBeginExecute',
    'ReserveStreamExecute',
    'ReserveBeginStreamExecute',
    'Release',
    'StreamHealth',
    'VStream',
    'VStreamRows',
    'VStreamTables',
    'VStreamResults',
    'GetSchema',
    'BinlogDumpGTID',
  ],
};
