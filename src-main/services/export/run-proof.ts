import { GatehouseError, type Clock } from '../../domain/kernel';
import { emulatedFor } from '../../domain/exports';
import type { VitessMajor } from '../../domain/flags';
import { expandSuite, meets, Predictor, type Cell, type Suite } from '../../domain/probes';
import type { Unlocker } from '../../servers/store';
import { localTraces } from '../cluster/attach';
import { startCluster, type ClusterStep } from '../cluster/cluster';
import type { ServicePorts } from '../ports';
import { ProbeRunner } from '../verify/probe-runner';
import { verify, type VerifiedCell } from '../verify/verify-service';
import { loadWorkspace, requireSound, type Workspace } from '../workspace/load-workspace';
import { WorkspacePaths } from '../workspace/workspace-paths';
import { exportHash, testsHash } from './export-hash';
import { privateCopy } from '../workspace/private-copy';
import { keepProof, type ExportProof } from './proof';

export interface RunProofOptions {
  /** The workspace: its applied files. */
  readonly dir: string;
  readonly version: VitessMajor;
  readonly ports: ServicePorts & { readonly clock: Clock };
  readonly unlocker: Unlocker;
  readonly mysqld?: string;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: ClusterStep) => void;
  readonly onCell?: (done: number, total: number) => void;
}

const keyOf = ({ caller, transport, password, certificate, sql, trust, serverName }: Cell): string =>
  JSON.stringify([caller.name, transport, password, certificate, sql, trust, serverName]);

/**
 * Tests that are written for hardened mode only are run in vitess mode too: where nobody wrote down what Vitess does
 * instead, they would pass here and fail there.
 */
function withHardenedTests(suites: readonly Suite[]): { suites: Suite[]; added: ReadonlySet<string> } {
  const open = suites.map((suite) => {
    const others = new Set(suite.admissions.filter(({ mode }) => mode !== 'hardened').map(({ name }) => name));
    return {
      ...suite,
      admissions: suite.admissions.flatMap((test) =>
        test.mode !== 'hardened' ? [test] : others.has(test.name) ? [] : [{ ...test, mode: null }],
      ),
    };
  });
  const cells = (list: readonly Suite[]): Cell[] => list.flatMap((suite) => expandSuite(suite, () => 'vitess'));
  const covered = cells(suites);
  const ids = new Set(covered.map(({ id }) => id));
  const keys = new Set(covered.map(keyOf));
  const added = cells(open).filter((cell) => !ids.has(cell.id) && !keys.has(keyOf(cell)));
  return { suites: open, added: new Set(added.map(({ id }) => id)) };
}

/**
 * Runs every test of a workspace in vitess mode, as the release that is exported for behaves, over real connections to a
 * cluster of its own, and keeps the result with the hash of the files. What runs of the workspace goes on undisturbed.
 * Rejects with GatehouseError `export.no-tests`, `workspace.*` and those of a start.
 */
export async function runProof(options: RunProofOptions): Promise<ExportProof> {
  const { version, signal } = options;
  const emulated = emulatedFor(version);
  const paths = new WorkspacePaths(options.dir);
  const copy = await privateCopy(paths);
  try {
    const loaded = await loadWorkspace(copy.dir, { fidelity: 'vitess', vitess: emulated });
    if (!loaded.ok) throw new GatehouseError(loaded.failure);
    const applied = requireSound(loaded.value);
    if (applied.suites.length === 0)
      throw new GatehouseError({
        code: 'export.no-tests',
        summary: 'The workspace has no tests, so nothing proves the export. Add tests/*.json, or export without proof.',
      });
    const { suites, added } = withHardenedTests(applied.suites);
    const regular = new Set(applied.suites.flatMap((suite) => expandSuite(suite, () => 'vitess')).map(({ id }) => id));
    const workspace: Workspace = { ...applied, suites };
    const cluster = await startCluster({
      workspace,
      ports: options.ports,
      program: 'Gatehouse (export)',
      unlocker: options.unlocker,
      basePort: 0,
      ...(options.mysqld === undefined ? {} : { mysqld: options.mysqld }),
      ...(signal === undefined ? {} : { signal }),
      ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    });
    try {
      const report = await verify({
        workspace,
        addresses: cluster.addresses,
        secrets: cluster.secrets,
        traces: localTraces(cluster),
        only: (id) => regular.has(id) || added.has(id),
        ...(signal === undefined ? {} : { signal }),
        onCell: (_, done, total) => options.onCell?.(done, total),
      });
      const hardened = hardenedOutcome(
        workspace,
        new ProbeRunner(workspace, cluster.addresses, cluster.secrets),
        options,
      );
      const failing = report.results.filter(({ differences }) => differences.length > 0);
      const proof: ExportProof = {
        schema: 1,
        version,
        emulated,
        ranAt: options.ports.clock.now().toISOString(),
        files: exportHash(applied, version),
        tests: testsHash(applied),
        cells: report.totals.cells,
        asExpected: report.totals.asExpected,
        failing: failing.map((result) => ({
          id: result.cell.id,
          expected: result.cell.expected.verdict,
          actual: result.actual.verdict,
          hardenedOnly: result.differences.includes('expected') && hardened(result),
        })),
      };
      await keepProof(paths, proof);
      return proof;
    } finally {
      await cluster.stop();
    }
  } finally {
    await copy.remove();
  }
}

/** Whether a cell is as expected in hardened mode: what the prediction says, which every run checks against reality. */
function hardenedOutcome(
  workspace: Workspace,
  runner: ProbeRunner,
  options: RunProofOptions,
): (result: VerifiedCell) => boolean {
  const predictor = new Predictor({
    topology: workspace.topology,
    files: new Map([...workspace.certificates, ...workspace.files]),
    users: workspace.users,
    grpcUsers: workspace.grpcUsers,
    acls: workspace.acls,
    queryRules: workspace.queryRules,
    now: options.ports.clock.now(),
    fidelityOf: () => ({ mode: 'hardened', version: workspace.topology.vitess }),
  });
  const cells = new Map(
    workspace.suites.flatMap((suite) => expandSuite(suite, () => 'hardened')).map((cell) => [cell.id, cell]),
  );
  return ({ cell }) => {
    const there = cells.get(cell.id);
    return (
      there !== undefined &&
      meets(predictor.predict(there, { password: runner.passwordFor(there.caller, there.password) }), there.expected)
    );
  };
}
