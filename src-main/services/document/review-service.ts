import type { DraftChange, FileDiffData, ReviewData, VersionData } from '../../contract/areas/document';
import { wideningSentence, type DescribedChange } from '../../domain/workspace';
import { changedPaths, readLock } from '../../servers/store';
import type { ClusterControl } from '../cluster/cluster-control';
import { gainsOf } from './impact';
import type { FileDiff } from './versions';
import type { ApplyTarget, WorkspaceDocument } from './workspace-document';

/** More cells than this are counted, not sent: nobody reads them one by one. */
const MAX_CELLS = 2_000;

/** The draft's way into force: reviews for the page, and applies that the running cluster takes over. */
export class ReviewService {
  constructor(
    readonly document: WorkspaceDocument,
    readonly cluster: Pick<ClusterControl, 'state' | 'reload' | 'restart' | 'start'>,
  ) {}

  async review(): Promise<ReviewData> {
    const [{ changes, impact, files, effect, flags, suiteFiles, ...rest }, holder] = await Promise.all([
      this.document.review(),
      this.#holder(),
    ]);
    const opens = wideningSentence(gainsOf(impact));
    const running = this.cluster.state.kind === 'running' ? this.cluster.state.cluster : null;
    const counted = await Promise.all((running?.gateways ?? []).map((gateway) => gateway.stats()));
    return {
      revision: rest.revision,
      opens: opens === null ? null : [...opens],
      changes: changes.map(changeData),
      impact: {
        cells: impact.cells.slice(0, MAX_CELLS).map((cell) => ({
          ...cell,
          transports: [...cell.transports],
          file: cell.suite === null ? null : (suiteFiles.get(cell.suite) ?? null),
        })),
        total: impact.cells.length,
        gains: impact.gains,
        loses: impact.loses,
        contradictions: impact.cells.filter(({ contradicts }) => contradicts).length,
      },
      files: files.map((file) => ({ ...file })),
      flags: flags.map(({ program, removed, added }) => ({ program, removed: [...removed], added: [...added] })),
      effect: {
        kind: effect.kind,
        parts: effect.parts.map((part) => ({ ...part })),
        schema: effect.schema,
        running: running !== null,
        connections: counted.reduce((sum, { mysqlConnections }) => sum + mysqlConnections, 0),
        holder,
      },
      blocking: rest.blocking.map((finding) => ({ ...finding })),
      warnings: rest.warnings.map((finding) => ({ ...finding })),
    };
  }

  /** Applies what was reviewed; a draft that has changed since is refused with `document.stale`. */
  async apply(note: string, revision: number): Promise<{ version: number; cells: number }> {
    const { number, cells } = await this.document.apply(note, this.#target(), revision);
    return { version: number, cells: cells.changed };
  }

  async history(): Promise<VersionData[]> {
    const versions = await this.document.history();
    const applied = this.document.appliedFiles;
    let current = true;
    return versions.map(({ number, at, note, origin, changes, cells, files }) => {
      const isCurrent: boolean = current && changedPaths(files, applied).length === 0;
      if (isCurrent) current = false;
      return { number, at, note, origin, changes, cells, files: Object.keys(files).length, current: isCurrent };
    });
  }

  async compare(version: number): Promise<{ changes: DraftChange[]; files: FileDiffData[] }> {
    const { changes, files } = await this.document.compare(version);
    return { changes: changes.map(changeData), files: files.map(fileData) };
  }

  async compareDisk(): Promise<FileDiffData[]> {
    return (await this.document.compareDisk()).map(fileData);
  }

  resolveDisk(choice: 'load' | 'keep'): Promise<void> {
    return this.document.resolveDisk(choice, this.#target());
  }

  /** The cluster as something that takes a version over: by a reload where that is enough, else by a restart. */
  #target(): ApplyTarget {
    const { cluster } = this;
    const runs = cluster.state.kind === 'running';
    return {
      runs,
      take: async (_applied, effect) => {
        if (!runs) return;
        if (effect.kind === 'restart') return cluster.restart();
        const { restart } = await cluster.reload();
        if (restart.length > 0) await cluster.restart();
      },
      putBack: async () => {
        if (!runs) return;
        if (cluster.state.kind === 'running') await cluster.reload();
        else await cluster.start();
      },
    };
  }

  /** Who else runs this workspace's cluster. */
  async #holder(): Promise<string | null> {
    const holder = await readLock(this.document.applied.paths.lock);
    return holder === null || holder.pid === process.pid ? null : `${holder.program} (process ${holder.pid})`;
  }
}

const changeData = ({ id, area, sentence, file, line, side }: DescribedChange): DraftChange => ({
  id,
  area,
  sentence: sentence.map((part) => ({ ...part })),
  file,
  line,
  side,
});
const fileData = (diff: FileDiff): FileDiffData => ({ ...diff });
