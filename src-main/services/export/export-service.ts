import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExportProofData, ExportsPart, ExportVersionData } from '../../contract/areas/exports';
import { credentialsFile, emulatedFor, exportReadme, startLine } from '../../domain/exports';
import { vitessMajors, type VitessMajor } from '../../domain/flags';
import { GatehouseError, type Failure } from '../../domain/kernel';
import type { Unlocker } from '../../servers/store';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { ServicePorts } from '../ports';
import { requireSound, type Workspace } from '../workspace/load-workspace';
import { MANIFEST } from './export-folder';
import { DEFAULT_TOPO, planExport, type ExportPlan } from './plan-export';
import { proofLine, proofSentence, proofState, type ProofState } from './proof';
import { runProof } from './run-proof';
import { loadForExport, writeExport, type ExportOptions, type ExportReport } from './write-export';

/** Shows long work in the status bar; the app's own. */
export type TaskRunner = <T>(
  title: string,
  work: (
    report: (progress: { readonly done?: number; readonly total?: number; readonly detail?: string }) => void,
  ) => Promise<T>,
  cancel: () => void,
) => Promise<T>;

export interface ExportServiceOptions {
  readonly document: Pick<WorkspaceDocument, 'dir' | 'applied' | 'secrets'>;
  readonly ports: ServicePorts;
  readonly unlocker: Unlocker;
  /** The mysqld that the user named, if any. */
  readonly mysqld?: () => string | undefined;
}

const octal = (mode: number): string => `0${mode.toString(8)}`;

/** Exports of one open workspace: what they would be, their proof, and the writing. Always of the applied version. */
export class ExportService {
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  #proving: VitessMajor | null = null;
  /** What was made last, of which applied version and state of the proofs. */
  #made: { readonly applied: Workspace; readonly part: Promise<ExportsPart> } | null = null;

  constructor(readonly options: ExportServiceOptions) {}

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What the page shows; made once for each applied version, since edits of the draft change nothing here. */
  async view(): Promise<ExportsPart> {
    const { applied } = this.options.document;
    if (this.#made?.applied !== applied) this.#made = { applied, part: this.#make() };
    return { ...(await this.#made.part), proving: this.#proving };
  }

  /** Runs the tests in vitess mode. Rejects with GatehouseError; `export.busy` while they run already. */
  async prove(version: VitessMajor, task: TaskRunner): Promise<ExportProofData> {
    if (this.#proving !== null)
      throw new GatehouseError({ code: 'export.busy', summary: `The tests run already, for ${this.#proving}.` });
    this.#proving = version;
    this.#changed();
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.#abort.signal]);
    const mysqld = this.options.mysqld?.();
    try {
      const proof = await task(
        `Tests as Vitess ${emulatedFor(version)}`,
        (report) =>
          runProof({
            dir: this.options.document.dir,
            version,
            ports: this.options.ports,
            unlocker: this.options.unlocker,
            signal,
            ...(mysqld === undefined ? {} : { mysqld }),
            onStep: ({ text }) => report({ detail: text }),
            onCell: (done, total) => report({ done, total, detail: '' }),
          }),
        () => abort.abort(),
      ).catch((error: unknown) => {
        if (signal.aborted)
          throw new GatehouseError({ code: 'export.cancelled', summary: 'The run was stopped; nothing was proved.' });
        throw error;
      });
      return proofData({ kind: 'current', proof }, version);
    } finally {
      this.#proving = null;
      this.#made = null;
      this.#changed();
    }
  }

  /** Writes the folder; see `writeExport`. A relative path begins beside the workspace. */
  async write(options: Omit<ExportOptions, 'dir' | 'secrets'>): Promise<ExportReport> {
    const { dir, secrets } = this.options.document;
    const out = options.out.replace(/^~(?=$|[\\/])/, homedir());
    return writeExport({ ...options, out: resolve(dirname(dir), out), dir, secrets });
  }

  /** Text of a file as it would be written; secret ones are refused with `export.secret`. */
  async fileText(version: VitessMajor, path: string): Promise<string> {
    const { workspace, plan } = await this.#plan(version);
    const program = plan.programs.find(({ file }) => file === path);
    if (program !== undefined) return `${program.flags.join('\n')}\n`;
    const state = await proofState(workspace, version);
    if (path === 'README.txt')
      return exportReadme({
        version,
        topology: workspace.topology,
        programs: plan.programs,
        files: filesOf(workspace, plan).map(({ path: name, mode }) => ({ path: name, mode: Number.parseInt(mode, 8) })),
        missing: [],
        proof: proofSentence(state, version),
        differences: plan.differences,
        topo: DEFAULT_TOPO,
      });
    const entry = plan.entries.find((candidate) => candidate.path === path);
    if (entry === undefined || entry.mode !== 0o644)
      throw new GatehouseError({
        code: 'export.secret',
        summary: entry === undefined ? `${path} is made when it is written.` : `${path} is secret and not shown here.`,
      });
    return readFile(join(workspace.paths.dir, path), 'utf8');
  }

  dispose(): void {
    this.#abort.abort();
    this.#listeners.clear();
  }

  async #plan(version: VitessMajor): Promise<{ workspace: Workspace; plan: ExportPlan }> {
    const workspace = requireSound(await loadForExport(this.options.document.dir, version));
    return { workspace, plan: planExport(workspace, { version, place: this.#folder(version), topo: DEFAULT_TOPO }) };
  }

  /** Beside the workspace. */
  #folder(version: VitessMajor): string {
    const { dir } = this.options.document;
    return join(dirname(dir), `${basename(dir)}-vitess-${version}`);
  }

  async #make(): Promise<ExportsPart> {
    const made = await Promise.all(vitessMajors.map((version) => this.#version(version)));
    return {
      versions: Object.fromEntries(made.map((one) => [one.version, one])) as ExportsPart['versions'],
      proving: null,
    };
  }

  async #version(version: VitessMajor): Promise<ExportVersionData> {
    const folder = this.#folder(version);
    try {
      const { workspace, plan } = await this.#plan(version);
      return {
        version,
        fault: null,
        folder,
        programs: plan.programs.map(({ program, name, file, flags }) => ({
          program,
          name,
          file,
          flags: [...flags],
          start: startLine(program, file),
        })),
        files: filesOf(workspace, plan),
        differences: [...plan.differences],
        flagFindings: plan.flagFindings.map(({ program, code, level, message, remedy }) => ({
          program,
          code,
          level,
          message,
          remedy,
        })),
        proof: proofData(await proofState(workspace, version), version),
      };
    } catch (error) {
      return {
        version,
        fault: failureOf(error),
        folder,
        programs: [],
        files: [],
        differences: [],
        flagFindings: [],
        proof: proofData({ kind: 'none' }, version),
      };
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const failureOf = (error: unknown): Failure =>
  error instanceof GatehouseError
    ? error.failure
    : { code: 'export.failed', summary: 'The export cannot be planned.', detail: String(error) };

/** Everything that would be written with keys, in the order of the paths. */
function filesOf({ topology }: Workspace, plan: ExportPlan): ExportVersionData['files'] {
  return [
    ...topology.backends
      .filter(({ kind }) => kind === 'external')
      .map(({ name }) => ({ path: credentialsFile(name), kind: 'database-password' as const, mode: '0600' })),
    ...plan.entries.map(({ path, kind, mode }) => ({ path, kind, mode: octal(mode) })),
    ...plan.programs.map(({ file }) => ({ path: file, kind: 'flags' as const, mode: '0644' })),
    { path: 'README.txt', kind: 'readme' as const, mode: '0644' },
    { path: MANIFEST, kind: 'proof' as const, mode: '0644' },
  ].sort((a, b) => a.path.localeCompare(b.path));
}

function proofData(state: ProofState, version: VitessMajor): ExportProofData {
  const proof = 'proof' in state ? state.proof : null;
  return {
    state: state.kind,
    line: proof === null ? null : proofLine(proof),
    emulated: proof?.emulated ?? emulatedFor(version),
    cells: proof?.cells ?? 0,
    asExpected: proof?.asExpected ?? 0,
    failing: proof?.failing ?? [],
    files: proof?.files ?? null,
  };
}

/** A finished export as the page lists it. */
export const writtenData = (report: ExportReport) => ({
  dir: report.dir,
  files: report.files.map(({ path, kind, mode }) => ({ path, kind, mode: octal(mode) })),
  missing: [...report.missing],
  left: [...report.left],
  warnings: [...report.warnings],
});
