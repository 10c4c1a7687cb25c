/*
 * Names of flags, in the spelling of version 23 and later. Extracted as facts from what the programs list at v22.0.3, on
 * the 23.0 release branch and on the main branch of 27 March 2026 (24.0), with the deprecated ones they hide. Which
 * version knows which, and how 22 spells them, is in flag-versions.ts.
 */

/** Flags of vttablet alone. */
export const vttabletOnly = `
  app-idle-timeout app-pool-size binlog-in-memory-decompressor-max-size binlog-player-grpc-ca
  binlog-player-grpc-cert binlog-player-grpc-crl binlog-player-grpc-key binlog-player-grpc-server-name
  binlog-player-protocol clone-from-primary clone-from-tablet clone-restart-wait-timeout compression-engine-name
  compression-level consolidator-query-waiter-cap consolidator-stream-query-size consolidator-stream-total-size
  db-allprivs-password db-allprivs-use-ssl db-allprivs-user db-app-password db-app-use-ssl db-app-user
  db-appdebug-password db-appdebug-use-ssl db-appdebug-user db-charset db-clone-password db-clone-use-ssl
  db-clone-user db-conn-query-info db-connect-timeout-ms db-credentials-file db-credentials-server
  db-credentials-vault-addr db-credentials-vault-path db-credentials-vault-role-mountpoint
  db-credentials-vault-role-secretidfile db-credentials-vault-roleid db-credentials-vault-timeout
  db-credentials-vault-tls-ca db-credentials-vault-tokenfile db-credentials-vault-ttl db-dba-password
  db-dba-use-ssl db-dba-user db-erepl-password db-erepl-use-ssl db-erepl-user db-filtered-password
  db-filtered-use-ssl db-filtered-user db-flags db-flavor db-host db-port db-repl-password db-repl-use-ssl
  db-repl-user db-server-name db-socket db-ssl-ca db-ssl-ca-path db-ssl-cert db-ssl-key db-ssl-mode
  db-tls-min-version dba-idle-timeout dba-pool-size degraded-threshold disk-write-dir disk-write-interval
  disk-write-timeout enable-consolidator enable-consolidator-replicas enable-hot-row-protection
  enable-hot-row-protection-dry-run enable-per-workload-table-metrics enable-replication-reporter
  enable-transaction-limit enable-transaction-limit-dry-run enable-tx-throttler enforce-strict-trans-tables
  enforce-tableacl-config external-compressor external-compressor-extension external-decompressor
  external-decompressor-use-manifest filecustomrules filecustomrules-watch gc-check-interval
  gc-purge-check-interval health-check-interval heartbeat-enable heartbeat-interval heartbeat-on-demand-duration
  hot-row-protection-concurrent-transactions hot-row-protection-max-global-queue-size
  hot-row-protection-max-queue-size init-db-name-override init-keyspace init-shard init-tablet-type
  init-tablet-type-lookup init-tags init-timeout lock-tables-timeout log-queries manifest-external-decompressor
  max-concurrent-online-ddl migration-check-interval mycnf-bin-log-path mycnf-data-dir mycnf-error-log-path
  mycnf-file mycnf-general-log-path mycnf-innodb-data-home-dir mycnf-innodb-log-group-home-dir
  mycnf-master-info-file mycnf-mysql-port mycnf-pid-file mycnf-relay-log-index-path mycnf-relay-log-info-path
  mycnf-relay-log-path mycnf-secure-file-priv mycnf-server-id mycnf-slow-log-path mycnf-socket-file mycnf-tmp-dir
  mysql-clone-enabled mysql-shell-backup-location mysql-shell-dump-flags mysql-shell-flags mysql-shell-load-flags
  mysql-shell-should-drain mysql-shell-speedup-restore mysql-shutdown-timeout mysqlctl-mycnf-template
  mysqlctl-socket pool-hostname-resolve-interval publish-retry-interval query-log-stream-handler
  query-throttler-config-refresh-interval queryserver-config-acl-exempt-acl queryserver-config-annotate-queries
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
  queryserver-enable-online-ddl queryserver-enable-views relay-log-max-items relay-log-max-size
  replication-connect-retry restore-concurrency restore-from-backup restore-from-backup-allowed-engines
  restore-from-backup-ts restore-to-pos restore-to-timestamp restore-with-clone retain-online-ddl-tables
  sanitize-log-messages schema-change-reload-timeout schema-version-max-age-seconds semi-sync-monitor-interval
  serving-state-grace-period shard-sync-retry-delay shutdown-grace-period skip-user-metrics
  stream-health-buffer-size table-acl-config table-acl-config-reload-interval table-gc-lifecycle tablet-config
  tablet-hostname tablet-path throttle-tablet-types topocustomrule-cell topocustomrule-path track-schema-versions
  transaction-limit-by-component transaction-limit-by-principal transaction-limit-by-subcomponent
  transaction-limit-by-username transaction-limit-per-user transaction-log-stream-handler twopc-abandon-age
  twopc-enable tx-throttler-config tx-throttler-default-priority tx-throttler-dry-run
  tx-throttler-healthcheck-cells tx-throttler-tablet-types tx-throttler-topo-refresh-interval unhealthy-threshold
  unmanaged vreplication-copy-phase-duration vreplication-copy-phase-max-innodb-history-list-length
  vreplication-copy-phase-max-mysql-replication-lag vreplication-enable-http-log vreplication-experimental-flags
  vreplication-heartbeat-update-interval vreplication-max-time-to-retry-on-error vreplication-net-read-timeout
  vreplication-net-write-timeout vreplication-parallel-insert-workers vreplication-replica-lag-tolerance
  vreplication-retry-delay vreplication-store-compressed-gtid vstream-binlog-rotation-threshold
  vstream-dynamic-packet-size vstream-packet-size vttablet-skip-buildinfo-tags wait-for-backup-interval
  watch-replication-stream xbstream-restore-flags xtrabackup-backup-flags xtrabackup-prepare-flags
  xtrabackup-root-path xtrabackup-should-drain xtrabackup-stream-mode xtrabackup-stripe-block-size
  xtrabackup-stripes xtrabackup-user
`;

/** Flags of vttablet and vtctld. */
export const vttabletAndVtctld = `
  azblob-backup-account-key-file azblob-backup-account-name azblob-backup-buffer-size azblob-backup-container-name
  azblob-backup-parallelism azblob-backup-storage-root backup-engine-implementation backup-storage-block-size
  backup-storage-compress backup-storage-implementation backup-storage-number-blocks
  builtinbackup-file-read-buffer-size builtinbackup-file-write-buffer-size builtinbackup-incremental-restore-path
  builtinbackup-mysqld-timeout builtinbackup-progress ceph-backup-storage-config file-backup-storage-root
  gcs-backup-storage-bucket gcs-backup-storage-root s3-backup-aws-endpoint s3-backup-aws-min-partsize
  s3-backup-aws-region s3-backup-aws-retries s3-backup-force-path-style s3-backup-log-level
  s3-backup-server-side-encryption s3-backup-storage-bucket s3-backup-storage-root s3-backup-tls-skip-verify-cert
  tablet-dir tablet-manager-grpc-ca tablet-manager-grpc-cert tablet-manager-grpc-concurrency
  tablet-manager-grpc-connpool-size tablet-manager-grpc-crl tablet-manager-grpc-key
  tablet-manager-grpc-server-name tablet-manager-protocol
`;
