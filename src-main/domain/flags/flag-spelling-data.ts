/** Flags that take no value after a blank: `--name` or `--name=false`. */
export const switches = `
  allow-kill-statement alsologtostderr backup-storage-compress catch-sigpipe clone-from-primary
  datadog-trace-debug-mode db-allprivs-use-ssl db-app-use-ssl db-appdebug-use-ssl db-clone-use-ssl
  db-conn-query-info db-dba-use-ssl db-erepl-use-ssl db-filtered-use-ssl db-repl-use-ssl disable-active-reparents
  emit-stats enable-balancer enable-binlog-dump enable-buffer enable-buffer-dry-run enable-consolidator
  enable-consolidator-replicas enable-direct-ddl enable-hot-row-protection enable-hot-row-protection-dry-run
  enable-online-ddl enable-partial-keyspace-migration enable-per-workload-table-metrics
  enable-replication-reporter enable-set-var enable-system-settings enable-transaction-limit
  enable-transaction-limit-dry-run enable-tx-throttler enable-views enforce-strict-trans-tables
  enforce-tableacl-config external-decompressor-use-manifest filecustomrules-watch grpc-enable-optional-tls
  grpc-enable-orca-metrics grpc-enable-tracing grpc-prometheus grpc-send-session-in-streaming
  grpc-server-keepalive-enforcement-policy-permit-without-stream grpc-use-effective-callerid
  grpc-use-effective-groups grpc-use-static-authentication-callerid heartbeat-enable help init-tablet-type-lookup
  legacy-replication-lag-algorithm log-err-stacks log-queries log-structured logtostderr
  mysql-allow-clear-text-without-tls mysql-clone-enabled mysql-server-drain-onterm
  mysql-server-multi-query-protocol mysql-server-pool-conn-read-buffers mysql-server-require-secure-transport
  mysql-shell-should-drain mysql-shell-speedup-restore no-scatter normalize-queries pprof-http proxy-protocol
  proxy-tablets querylog-emit-on-any-condition-met queryserver-config-annotate-queries
  queryserver-config-enable-table-acl-dry-run queryserver-config-passthrough-dmls
  queryserver-config-schema-change-signal queryserver-config-strict-table-acl queryserver-config-terse-errors
  queryserver-enable-online-ddl queryserver-enable-views redact-debug-ui-queries restore-from-backup
  restore-with-clone reuse-port s3-backup-force-path-style s3-backup-tls-skip-verify-cert sanitize-log-messages
  schema-change-signal skip-user-metrics tablet-refresh-known-tablets tracing-enable-logging track-schema-versions
  track-udfs transaction-limit-by-component transaction-limit-by-principal transaction-limit-by-subcomponent
  transaction-limit-by-username twopc-enable tx-throttler-dry-run unmanaged version vreplication-enable-http-log
  vreplication-store-compressed-gtid vstream-dynamic-packet-size vtctld-sanitize-log-messages
  vtgate-config-terse-errors warn-sharded-only watch-replication-stream xtrabackup-should-drain
`;

/** Flags that version 22 already spells with dashes; every other one has underscores there. */
export const dashedIn22 = `
  allow-kill-statement balancer-keyspaces balancer-vtgate-cells bind-address
  binlog-in-memory-decompressor-max-size builtinbackup-file-read-buffer-size builtinbackup-file-write-buffer-size
  builtinbackup-incremental-restore-path catch-sigpipe compression-engine-name compression-level config-file
  config-file-not-found-handling config-name config-path config-persistence-min-interval config-type
  consolidator-query-waiter-cap consolidator-stream-query-size consolidator-stream-total-size datadog-agent-host
  datadog-agent-port db-credentials-file db-credentials-server db-credentials-vault-addr db-credentials-vault-path
  db-credentials-vault-role-mountpoint db-credentials-vault-role-secretidfile db-credentials-vault-roleid
  db-credentials-vault-timeout db-credentials-vault-tls-ca db-credentials-vault-tokenfile db-credentials-vault-ttl
  disk-write-dir disk-write-interval disk-write-timeout enable-balancer enable-consolidator
  enable-consolidator-replicas enable-partial-keyspace-migration enable-per-workload-table-metrics
  enable-tx-throttler enable-views enforce-tableacl-config external-compressor external-compressor-extension
  external-decompressor grpc-dial-concurrency-limit grpc-send-session-in-streaming grpc-use-effective-groups
  grpc-use-static-authentication-callerid jaeger-agent-host lameduck-period lock-timeout
  manifest-external-decompressor max-stack-size mycnf-file mysql-server-drain-onterm mysql-server-keepalive-period
  mysql-server-multi-query-protocol mysql-server-pool-conn-read-buffers mysql-shell-backup-location
  mysql-shell-dump-flags mysql-shell-flags mysql-shell-load-flags mysql-shell-should-drain
  mysql-shell-speedup-restore mysql-shutdown-timeout planner-version pprof-http query-log-stream-handler
  query-timeout querylog-buffer-size querylog-filter-tag querylog-format querylog-mode querylog-row-threshold
  querylog-sample-rate queryserver-config-acl-exempt-acl queryserver-config-annotate-queries
  queryserver-config-enable-table-acl-dry-run queryserver-config-idle-timeout queryserver-config-max-result-size
  queryserver-config-message-postpone-cap queryserver-config-olap-transaction-timeout
  queryserver-config-passthrough-dmls queryserver-config-pool-conn-max-lifetime queryserver-config-pool-size
  queryserver-config-query-cache-memory queryserver-config-query-pool-max-idle-count
  queryserver-config-query-pool-timeout queryserver-config-query-timeout queryserver-config-schema-change-signal
  queryserver-config-schema-reload-time queryserver-config-stream-buffer-size
  queryserver-config-stream-pool-max-idle-count queryserver-config-stream-pool-size
  queryserver-config-stream-pool-timeout queryserver-config-strict-table-acl queryserver-config-terse-errors
  queryserver-config-transaction-cap queryserver-config-transaction-timeout queryserver-config-truncate-error-len
  queryserver-config-txpool-max-idle-count queryserver-config-txpool-timeout queryserver-config-warn-result-size
  queryserver-enable-views redact-debug-ui-queries restore-from-backup-allowed-engines restore-to-pos
  restore-to-timestamp retry-count schema-change-reload-timeout schema-version-max-age-seconds
  semi-sync-monitor-interval sql-max-length-errors sql-max-length-ui table-acl-config
  table-acl-config-reload-interval table-refresh-interval tablet-filter-tags tablet-path tracing-enable-logging
  tracing-sampling-rate tracing-sampling-type track-udfs transaction-log-stream-handler truncate-error-len
  tx-throttler-config tx-throttler-default-priority tx-throttler-dry-run tx-throttler-healthcheck-cells
  tx-throttler-tablet-types tx-throttler-topo-refresh-interval vreplication-enable-http-log
  vreplication-parallel-insert-workers vstream-binlog-rotation-threshold vtgate-config-terse-errors
  warming-reads-concurrency warming-reads-percent warming-reads-query-timeout
`;
