import type { RunSummary, TestPart } from '../../contract/areas/test';
import type { Workspace } from '../workspace/load-workspace';
import { gatewayTrust } from './default-suite';
import type { SavedPasswords } from './saved-password';
import type { SuiteFile } from './suite-files';
import { testAuthorities, testCallers, testCertificates, testGateways } from './test-choices';

/** Statements offered beside the statement field; more would be a list to search in. */
const MOST_STATEMENTS = 600;

/** Everything the Test screen shows without asking. Names of passwords, never passwords. */
export function testView(
  workspace: Workspace,
  passwords: SavedPasswords,
  suites: readonly SuiteFile[],
  runs: readonly RunSummary[],
  now: Date,
  outdated: boolean,
): TestPart {
  const [first] = workspace.suites;
  const known = gatewayTrust(workspace);
  return {
    callers: testCallers(workspace, passwords, now),
    gateways: testGateways(workspace),
    certificates: testCertificates(workspace, now),
    authorities: testAuthorities(workspace),
    defaultTrust: first?.gatewayTrust ?? known.trust,
    defaultName: first?.gatewayName ?? known.name,
    statements: workspace.suites
      .flatMap(({ tables }) =>
        tables.flatMap(({ name: table, read, write, admin }) => [
          { table, role: 'read' as const, sql: read },
          { table, role: 'write' as const, sql: write },
          { table, role: 'admin' as const, sql: admin },
        ]),
      )
      .slice(0, MOST_STATEMENTS),
    suites: suites.map(({ file, suite }) => ({
      name: suite.name,
      file,
      callers: suite.callers.length,
      tables: suite.tables.length,
    })),
    adminByDefault: workspace.topology.backends.every(({ kind }) => kind === 'managed'),
    runs: [...runs],
    outdated,
  };
}
