import type { FidelityRule } from '../rule';

/** Where the gateway's sessions part between the modes (vitess-behaviour §§2.3, 3.4; errors.json, mysql-protocol.json). */
export const gatewayRules: readonly FidelityRule[] = [
  {
    id: 'mysql-commit-after-loss',
    title: 'COMMIT after MySQL lost the transaction',
    behaviour: {
      vitess: 'The statement that finds the loss fails; COMMIT is then answered with OK, though nothing was committed.',
      hardened: 'Everything but ROLLBACK is refused with VT09032 until ROLLBACK is said.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/transaction-loss.test.ts',
  },
  {
    id: 'mysql-settings-not-as-hints',
    title: 'Session variables that MySQL takes as hints',
    behaviour: {
      vitess: 'They travel as SET_VAR hints inside each statement; a value that MySQL does not know is ignored there.',
      hardened: 'They travel as settings of the connection, which the tablet checks and MySQL confirms.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/transaction-loss.test.ts',
  },
  {
    id: 'mysql-flags-of-streams',
    title: 'Status flags of statements under workload olap',
    behaviour: {
      vitess: 'An OK packet shows the flags of before the statement, so that BEGIN seems to have begun nothing.',
      hardened: 'The flags are those of the session as it is.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/transaction-loss.test.ts',
  },
  {
    id: 'mysql-reset-forgets',
    title: 'What COM_RESET_CONNECTION leaves',
    behaviour: {
      vitess: 'User variables and statements of PREPARE stay, so that the next user of a pooled connection has them.',
      hardened: 'They are forgotten, as in MySQL.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/vitess-sessions.test.ts',
  },
  {
    id: 'mysql-constants-asked',
    title: 'SELECT without tables',
    behaviour: {
      vitess: 'What the gateway can compute is answered by the gateway itself; no tablet hears of it.',
      hardened:
        'A tablet looks at it as at every statement, and MySQL answers: a query log line more, its types of columns.',
    },
    source: 'measured',
    test: 'tests/wire/gateway/session.test.ts',
  },
  {
    id: 'mysql-settings-checked',
    title: 'Settings of a connection that are no SET statement',
    behaviour: {
      '24.0-recorded': 'Refused with a text that begins with [BUG], as INTERNAL or INVALID_ARGUMENT.',
      '24.0.4': 'Refused as INVALID_ARGUMENT, and under strict a subquery in such a setting too.',
    },
    source: 'release notes',
    test: 'tests/wire/tablet/transactions.test.ts',
  },
];
