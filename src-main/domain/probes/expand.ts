import type { FidelityMode } from '../fidelity/fidelity';
import type { Cell } from './cell';
import type { Expectation, PasswordChoice, ProbeCaller, ProbeRole, Suite, Transport } from './suite';

const ROLES: readonly ProbeRole[] = ['read', 'write', 'admin'];
const allow: Expectation = { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null };
const deny: Expectation = { verdict: 'deny', stoppedAt: 'tablet', code: null, sqlState: null, message: null };

const verifies = (transport: Transport): boolean =>
  ['mysql-tls-verified', 'mysql-mutual-tls', 'grpc-tls', 'grpc-mutual-tls'].includes(transport);
const presents = (transport: Transport): boolean => transport === 'mysql-mutual-tls' || transport === 'grpc-mutual-tls';

/**
 * Every cell of a suite: the access matrix (callers × their transports × tables × roles, denied unless listed) and the
 * combinations of the admission tests that hold in the mode of the gateway in question.
 */
export function expandSuite(suite: Suite, modeOf: (gateway: string) => FidelityMode): Cell[] {
  const cells: Cell[] = [];
  const callers = new Map(suite.callers.map((caller) => [caller.name, caller]));
  const base = (
    caller: ProbeCaller,
    transport: Transport,
    password: PasswordChoice,
    certificate: string | null,
    name: string | null,
    trust: string | null,
  ) => ({
    suite: suite.name,
    caller,
    transport,
    password,
    certificate: presents(transport) ? (certificate ?? caller.certificate) : null,
    trust: verifies(transport) ? (trust ?? suite.gatewayTrust) : null,
    serverName: name ?? suite.gatewayName,
  });

  for (const caller of suite.callers)
    for (const transport of caller.transports) {
      const common = base(caller, transport, 'right', null, null, null);
      const allowed = suite.allow.get(caller.name);
      const head = `${suite.name}/access/${caller.name}/${transport}`;
      for (const table of suite.tables)
        for (const role of ROLES) {
          const listed = allowed?.[role].includes(table.name) ?? false;
          // Written out: a matrix has hundreds of thousands of these, and copying by `...` takes several times as long.
          cells.push({
            suite: common.suite,
            caller,
            transport,
            password: common.password,
            certificate: common.certificate,
            trust: common.trust,
            serverName: common.serverName,
            id: `${head}/${table.name}/${role}`,
            sql: table[role],
            table: table.name,
            role,
            expected: listed ? allow : deny,
          });
        }
    }

  for (const test of suite.admissions)
    for (const name of test.callers) {
      const caller = callers.get(name);
      if (caller === undefined || (test.mode !== null && test.mode !== modeOf(caller.gateway))) continue;
      for (const transport of test.transports)
        for (const password of test.passwords)
          for (const certificate of test.certificates) {
            const variant = [transport, password, ...(certificate === null ? [] : [certificate])].join('/');
            cells.push({
              ...base(caller, transport, password, certificate, test.serverName, test.trust),
              id: `${suite.name}/admission/${test.name}/${name}/${variant}`,
              sql: test.sql,
              table: null,
              role: null,
              expected: test.expect,
            });
          }
    }
  return cells;
}

/** Whether an outcome is what was expected: only what the expectation states is compared. */
export function meets(
  outcome: {
    readonly verdict: string;
    readonly stoppedAt: string | null;
    readonly code: number | null;
    readonly sqlState: string | null;
    readonly message: string | null;
  },
  expected: Expectation,
): boolean {
  return (
    outcome.verdict === expected.verdict &&
    (expected.stoppedAt === null || outcome.stoppedAt === expected.stoppedAt) &&
    (expected.code === null || outcome.code === expected.code) &&
    (expected.sqlState === null || outcome.sqlState === expected.sqlState) &&
    (expected.message === null || outcome.message === expected.message)
  );
}
