/*
 * Names of flags, in the spelling of version 23 and later. Extracted as facts from what the programs list at v22.0.3, on
 * the 23.0 release branch and on the main branch of 27 March 2026 (24.0), with the deprecated ones they hide. Which
 * version knows which, and how 22 spells them, is in flag-versions.ts.
 */

/** Flags of vtgate, vttablet and vtctld. */
export const everyProgram = `
  alsologtostderr bind-address catch-sigpipe config-file config-file-not-found-handling config-name config-path
  config-persistence-min-interval config-type consul-auth-static-file datadog-agent-host datadog-agent-port
  datadog-trace-debug-mode emit-stats grpc-auth-mode grpc-auth-mtls-allowed-substrings
  grpc-auth-static-client-creds grpc-auth-static-password-file grpc-bind-address grpc-ca grpc-cert
  grpc-compression grpc-crl grpc-dial-concurrency-limit grpc-enable-optional-tls grpc-enable-orca-metrics
  grpc-enable-tracing grpc-initial-conn-window-size grpc-initial-window-size grpc-keepalive-time
  grpc-keepalive-timeout grpc-key grpc-max-connection-age grpc-max-connection-age-grace grpc-max-message-size
  grpc-port grpc-prometheus grpc-server-ca grpc-server-initial-conn-window-size grpc-server-initial-window-size
  grpc-server-keepalive-enforcement-policy-min-time grpc-server-keepalive-enforcement-policy-permit-without-stream
  grpc-server-keepalive-time grpc-server-keepalive-timeout help jaeger-agent-host keep-logs keep-logs-by-mtime
  lameduck-period lock-timeout log_backtrace_at log_dir log-err-stacks log-format log-level log-rotate-max-size
  log-structured logtostderr max-stack-size mysql-server-version onclose-timeout onterm-timeout opentsdb-uri
  pid-file port pprof pprof-http purge-logs-interval remote-operation-timeout security-policy service-map
  sql-max-length-errors sql-max-length-ui stats-backend stats-combine-dimensions stats-common-tags
  stats-drop-variables stats-emit-period stderrthreshold table-refresh-interval tablet-grpc-ca tablet-grpc-cert
  tablet-grpc-crl tablet-grpc-key tablet-grpc-server-name tablet-protocol topo-consul-lock-delay
  topo-consul-lock-session-checks topo-consul-lock-session-ttl topo-consul-watch-poll-duration topo-etcd-lease-ttl
  topo-etcd-tls-ca topo-etcd-tls-cert topo-etcd-tls-key topo-global-root topo-global-server-address
  topo-implementation topo-read-concurrency topo-zk-auth-file topo-zk-base-timeout topo-zk-max-concurrency
  topo-zk-tls-ca topo-zk-tls-cert topo-zk-tls-key tracer tracing-enable-logging tracing-sampling-rate
  tracing-sampling-type v version vmodule
`;

/** Flags of vtgate and vttablet. */
export const vtgateAndVttablet = `
  log-queries-to-file querylog-emit-on-any-condition-met querylog-filter-tag querylog-format querylog-mode
  querylog-row-threshold querylog-sample-rate querylog-time-threshold redact-debug-ui-queries
  srv-topo-cache-refresh srv-topo-cache-ttl srv-topo-timeout statsd-address statsd-sample-rate
`;

/** Flags of vtgate and vtctld. */
export const vtgateAndVtctld = `
  cell tablet-refresh-interval tablet-refresh-known-tablets tablet-url-template
`;

/** Flags of vtctld alone. */
export const vtctldOnly = `
  action-timeout disable-active-reparents proxy-tablets schema-change-check-interval schema-change-controller
  schema-change-dir schema-change-replicas-timeout schema-change-user tablet-health-keep-alive
  vtctld-sanitize-log-messages
`;
