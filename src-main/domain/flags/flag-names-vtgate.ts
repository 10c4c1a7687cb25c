/*
 * Names of flags, in the spelling of version 23 and later. Extracted as facts from what the programs list at v22.0.3, on
 * the 23.0 release branch and on the main branch of 27 March 2026 (24.0), with the deprecated ones they hide. Which
 * version knows which, and how 22 spells them, is in flag-versions.ts.
 */

/** Flags of vtgate alone. */
export const vtgateOnly = `
  allow-kill-statement allowed-tablet-types balancer-keyspaces balancer-vtgate-cells binlog-dump-authorized-users
  buffer-drain-concurrency buffer-keyspace-shards buffer-max-failover-duration buffer-min-time-between-failovers
  buffer-size buffer-window cells-to-watch dbddl-plugin ddl-strategy default-tablet-type
  discovery-high-replication-lag-minimum-serving discovery-low-replication-lag enable-balancer enable-binlog-dump
  enable-buffer enable-buffer-dry-run enable-direct-ddl enable-online-ddl enable-partial-keyspace-migration
  enable-set-var enable-system-settings enable-views foreign-key-mode gate-query-cache-memory
  gateway-initial-tablet-timeout grpc-send-session-in-streaming grpc-use-effective-callerid
  grpc-use-effective-groups grpc-use-static-authentication-callerid healthcheck-retry-delay healthcheck-timeout
  keyspaces-to-watch legacy-replication-lag-algorithm lock-heartbeat-time max-memory-rows max-payload-size
  message-stream-grace-period min-number-serving-vttablets mysql-allow-clear-text-without-tls
  mysql-auth-server-impl mysql-auth-server-static-file mysql-auth-server-static-string
  mysql-auth-static-reload-interval mysql-auth-vault-addr mysql-auth-vault-path mysql-auth-vault-role-mountpoint
  mysql-auth-vault-role-secretidfile mysql-auth-vault-roleid mysql-auth-vault-timeout mysql-auth-vault-tls-ca
  mysql-auth-vault-tokenfile mysql-auth-vault-ttl mysql-clientcert-auth-method mysql-default-workload
  mysql-ldap-auth-config-file mysql-ldap-auth-config-string mysql-ldap-auth-method mysql-server-bind-address
  mysql-server-drain-onterm mysql-server-flush-delay mysql-server-keepalive-period
  mysql-server-multi-query-protocol mysql-server-pool-conn-read-buffers mysql-server-port
  mysql-server-query-timeout mysql-server-read-timeout mysql-server-require-secure-transport
  mysql-server-socket-path mysql-server-ssl-ca mysql-server-ssl-cert mysql-server-ssl-crl mysql-server-ssl-key
  mysql-server-ssl-server-ca mysql-server-tls-min-version mysql-server-write-timeout
  mysql-slow-connect-warn-threshold mysql-tcp-version no-scatter normalize-queries planner-version proxy-protocol
  query-timeout querylog-buffer-size retry-count reuse-port schema-change-signal stream-buffer-size
  tablet-filter-tags tablet-filters tablet-types-to-wait track-udfs transaction-mode truncate-error-len
  vschema-ddl-authorized-users vtgate-balancer-mode vtgate-config-terse-errors warming-reads-concurrency
  warming-reads-percent warming-reads-query-timeout warn-memory-rows warn-payload-size warn-sharded-only
`;
