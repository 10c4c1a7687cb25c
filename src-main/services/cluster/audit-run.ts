import type { DisposableBag } from '../../domain/kernel';
import { listed, recordAudit } from '../audit';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import type { StartOptions } from './cluster';

/** Records the life of one run of a cluster in the workspace's audit log. */
export interface AuditedRun {
  /** Everything runs. From here on the run's end is recorded, too. */
  started(): Promise<void>;
  reloaded(outcome: { readonly reloaded: readonly string[]; readonly restart: readonly string[] }): Promise<void>;
}

/** @param bag what the run ends with; the record of its end comes last when this is called first */
export function auditRun(
  { workspace, ports }: Pick<StartOptions, 'workspace' | 'ports'>,
  engine: 'embedded' | 'vitess',
  bag: DisposableBag,
): AuditedRun {
  const { dir } = workspace.paths;
  let runs = false;
  bag.add({
    dispose: async () => {
      if (!runs) return;
      runs = false;
      await recordAudit(dir, { what: 'cluster.stopped', summary: 'The cluster was stopped.', facts: {} }, ports.clock);
    },
  });
  return {
    started: async () => {
      runs = true;
      await recordAudit(
        dir,
        {
          what: 'cluster.started',
          summary: startedSentence(workspace, engine),
          facts: startedFacts(workspace, engine),
        },
        ports.clock,
      );
    },
    reloaded: async ({ reloaded, restart }) => {
      if (reloaded.length + restart.length === 0) return;
      const facts = { reloaded: listed(reloaded).items, needRestart: listed(restart).items };
      await recordAudit(
        dir,
        { what: 'cluster.reloaded', summary: 'The running cluster took over changed files.', facts },
        ports.clock,
      );
    },
  };
}

function startedSentence(workspace: Workspace, engine: 'embedded' | 'vitess'): string {
  if (engine === 'vitess') return 'The cluster was started on Vitess’s own programs.';
  const modes = new Set(workspace.topology.gateways.map((gateway) => fidelityOf(workspace, gateway).mode));
  return `The cluster was started${modes.size > 0 ? ` in ${[...modes].join(' and ')} mode` : ''}.`;
}

const startedFacts = (workspace: Workspace, engine: 'embedded' | 'vitess') => ({
  engine,
  gateways: workspace.topology.gateways.map((gateway) => {
    const { mode, version } = fidelityOf(workspace, gateway);
    return { name: gateway.name, fidelity: mode, vitess: version };
  }),
  tablets: workspace.topology.tablets.map(({ alias, acl }) => ({ alias, acl: acl.file ?? null })),
});
