import type { FidelityRule } from '../rule';

const test = 'tests/wire/mysql-wire/fidelity-rules.test.ts';
const inClear = 'tests/security/mysql-password-in-clear.test.ts';

/** Where the MySQL listener parts between the modes and versions (vitess-behaviour §§0.2, 2.1-2.3). */
export const mysqlWireRules: readonly FidelityRule[] = [
  {
    id: 'mysql-wire-secure-transport-holds',
    title: 'Secure transport required without a certificate',
    behaviour: {
      vitess: 'The requirement is forgotten when certificate or key are missing: everybody may come in plain text.',
      hardened: 'The requirement holds: every TCP client is refused with 1105.',
    },
    source: 'measured',
    test: inClear,
  },
  {
    id: 'mysql-wire-password-in-clear-refused',
    title: 'A password in clear in the login packet',
    behaviour: {
      vitess: 'A client that names mysql_clear_password or dialog itself may send the password without TLS.',
      hardened: 'It is refused with 2012, as it is after an auth switch.',
    },
    source: 'measured',
    test: inClear,
  },
  {
    id: 'mysql-wire-set-option-one-answer',
    title: 'COM_SET_OPTION with an unknown option',
    behaviour: {
      vitess: 'An ERR packet and an EOF packet behind it, which puts the client out of step.',
      hardened: 'An ERR packet.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'mysql-wire-long-data-silent',
    title: 'COM_STMT_SEND_LONG_DATA for an unknown statement or parameter',
    behaviour: {
      vitess: 'An ERR packet, though the command has no answer: the client takes it for the next answer.',
      hardened: 'No answer; the next execution of the statement reports a wrong parameter with 1210.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'mysql-wire-stmt-reset-stays-open',
    title: 'COM_STMT_RESET of an unknown statement',
    behaviour: {
      vitess: 'Error 2014, and the connection is closed.',
      hardened: 'Error 1243, and the connection stays open.',
    },
    source: 'measured',
    test,
  },
  {
    id: 'mysql-wire-error-among-rows',
    title: 'An error in the middle of a result',
    behaviour: {
      '24.0-recorded': 'The connection is dropped.',
      '24.0.4': 'An ERR packet ends the rows and the connection stays open.',
    },
    source: 'release notes',
    test,
  },
];
