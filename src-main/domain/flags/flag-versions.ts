/** The releases that can be exported for and checked against. */
export const vitessMajors = ['22', '23', '24'] as const;
export type VitessMajor = (typeof vitessMajors)[number];

/** The programs whose flags are known. */
export const vitessPrograms = ['vtgate', 'vttablet', 'vtctld'] as const;
export type VitessProgram = (typeof vitessPrograms)[number];

/** First release of those that came after 22. */
export const introduced: Readonly<Record<string, '23' | '24'>> = {
  'binlog-dump-authorized-users': '24',
  'clone-from-primary': '24',
  'clone-from-tablet': '24',
  'clone-restart-wait-timeout': '24',
  'datadog-trace-debug-mode': '23',
  'db-clone-password': '24',
  'db-clone-use-ssl': '24',
  'db-clone-user': '24',
  'enable-binlog-dump': '24',
  'external-decompressor-use-manifest': '24',
  'grpc-enable-orca-metrics': '23',
  'init-tablet-type-lookup': '24',
  'log-format': '24',
  'log-level': '24',
  'log-structured': '24',
  'mysql-clone-enabled': '24',
  'query-throttler-config-refresh-interval': '23',
  'querylog-emit-on-any-condition-met': '23',
  'querylog-time-threshold': '23',
  'restore-with-clone': '24',
  'reuse-port': '24',
  'skip-user-metrics': '23',
  'vtgate-balancer-mode': '24',
  'xtrabackup-should-drain': '23',
};

/** Last release that knows it, of those that are gone since. */
export const lastKnown: Readonly<Record<string, '22' | '23'>> = { 'grpc-send-session-in-streaming': '23' };

/** Flags that are still taken but do nothing, or will soon do nothing. */
export interface Retirement {
  readonly from: VitessMajor;
  readonly effect: 'ignored' | 'deprecated';
  /** What to write instead; null: nothing, leave it out. */
  readonly instead: string | null;
  readonly why: string;
}

const glog: Retirement = {
  from: '24',
  effect: 'deprecated',
  instead: 'log-structured',
  why: 'it has an effect only with --log-structured=false, since the log is structured by default',
};

export const retired: Readonly<Record<string, Retirement>> = {
  alsologtostderr: glog,
  'enable-balancer': {
    from: '24',
    effect: 'deprecated',
    instead: 'vtgate-balancer-mode',
    why: 'the balancer is chosen by its mode',
  },
  'grpc-send-session-in-streaming': {
    from: '22',
    effect: 'deprecated',
    instead: null,
    why: 'the session is sent anyway',
  },
  'legacy-replication-lag-algorithm': {
    from: '24',
    effect: 'deprecated',
    instead: null,
    why: 'the older algorithm is off by default and will go',
  },
  log_backtrace_at: glog,
  log_dir: glog,
  logtostderr: glog,
  stderrthreshold: glog,
  'twopc-enable': { from: '22', effect: 'ignored', instead: null, why: 'two-phase commit is always possible' },
  v: glog,
  vmodule: glog,
  'watch-replication-stream': {
    from: '24',
    effect: 'ignored',
    instead: 'track-schema-versions',
    why: 'the schema is tracked by another flag',
  },
};

/** Flags whose older spelling stood beside the new one in 22: both are taken there. */
export const bothSpellingsIn22: ReadonlySet<string> = new Set([
  'enable-consolidator',
  'enable-consolidator-replicas',
  'enable-tx-throttler',
  'tx-throttler-config',
  'tx-throttler-healthcheck-cells',
]);

/** Release after which a flag of older guides was gone, by its name with dashes. Only what existed from 15 on. */
export const removedBefore22: Readonly<Record<string, { readonly after: string; readonly instead?: string }>> = {
  'binlog-host': { after: '21' },
  'binlog-password': { after: '21' },
  'binlog-port': { after: '21' },
  'binlog-ssl-ca': { after: '21' },
  'binlog-ssl-cert': { after: '21' },
  'binlog-ssl-key': { after: '21' },
  'binlog-ssl-server-name': { after: '21' },
  'binlog-user': { after: '21' },
  'buffer-implementation': { after: '17' },
  'disable-replication-manager': { after: '15' },
  'durability-policy': { after: '16' },
  'enable-lag-throttler': { after: '17' },
  'gate-query-cache-lfu': { after: '17', instead: 'gate-query-cache-memory' },
  'gate-query-cache-size': { after: '17', instead: 'gate-query-cache-memory' },
  'gh-ost-path': { after: '21' },
  'healthcheck-dial-concurrency': { after: '20', instead: 'grpc-dial-concurrency-limit' },
  'init-populate-metadata': { after: '15' },
  'pitr-gtid-lookup-timeout': { after: '21' },
  'pt-osc-path': { after: '21' },
  'queryserver-config-query-cache-lfu': { after: '17', instead: 'queryserver-config-query-cache-memory' },
  'queryserver-config-query-cache-size': { after: '17', instead: 'queryserver-config-query-cache-memory' },
  'queryserver-config-query-pool-waiter-cap': { after: '18' },
  'queryserver-config-schema-change-signal-interval': { after: '16' },
  'queryserver-config-stream-pool-waiter-cap': { after: '18' },
  'queryserver-config-txpool-waiter-cap': { after: '18' },
  'queryserver-enable-settings-pool': { after: '20' },
  'schema-change-signal-user': { after: '17' },
  'throttle-check-as-check-self': { after: '17' },
  'throttle-metrics-query': { after: '17' },
  'throttle-metrics-threshold': { after: '17' },
  'throttle-threshold': { after: '17' },
  'throttler-config-via-topo': { after: '17' },
  'topo-k8s-context': { after: '17' },
  'topo-k8s-kubeconfig': { after: '17' },
  'topo-k8s-namespace': { after: '17' },
  'twopc-coordinator-address': { after: '20' },
  'use-super-read-only': { after: '16' },
  'vreplication-healthcheck-retry-delay': { after: '18' },
  'vreplication-healthcheck-timeout': { after: '18' },
  'vreplication-healthcheck-topology-refresh': { after: '18' },
  'vreplication-tablet-type': { after: '18' },
  'vtctl-healthcheck-retry-delay': { after: '15' },
  'vtctl-healthcheck-timeout': { after: '15' },
  'vtctl-healthcheck-topology-refresh': { after: '16' },
  'vtctld-addr': { after: '16' },
  'vtctld-show-topology-crud': { after: '15' },
  'vtgate-protocol': { after: '20' },
};

/**
 * Names that no release of the last years has had, with the flag that does what is meant: those of the analysis of 2016
 * that named flags before they were written and of older guides (vitess-behaviour §§3.6, 11, numbers 49 and 50), and those
 * that mysqld has for the same thing.
 */
export const neverExisted: Readonly<Record<string, string | null>> = {
  'default-authentication-plugin': null,
  'mysql-default-auth-method': null,
  'require-secure-transport': 'mysql-server-require-secure-transport',
  'ssl-ca': 'mysql-server-ssl-ca',
  'ssl-cert': 'mysql-server-ssl-cert',
  'ssl-crl': 'mysql-server-ssl-crl',
  'ssl-key': 'mysql-server-ssl-key',
  'tablet-client-ca': 'grpc-ca',
  'tablet-client-cert': 'tablet-grpc-cert',
  'tablet-client-key': 'tablet-grpc-key',
  'tablet-server-ca': 'tablet-grpc-ca',
  'tablet-server-cert': 'grpc-cert',
  'tablet-server-key': 'grpc-key',
  'throttler-client-grpc-ca': 'tablet-manager-grpc-ca',
  'throttler-client-grpc-cert': 'tablet-manager-grpc-cert',
  'throttler-client-grpc-crl': 'tablet-manager-grpc-crl',
  'throttler-client-grpc-key': 'tablet-manager-grpc-key',
  'throttler-client-grpc-server-name': 'tablet-manager-grpc-server-name',
  'tls-version': 'mysql-server-tls-min-version',
};
