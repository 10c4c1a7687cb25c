import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  tourStepIds,
  tourTestIds,
  type Breakage,
  type TourPart,
  type TourResult,
  type TourStepId,
} from '../../contract/areas/tour';
import { GatehouseError, type Clock } from '../../domain/kernel';
import { findMysqld } from '../../servers/backend';
import type { CallersService } from '../callers/callers-service';
import type { ClusterControl } from '../cluster/cluster-control';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { ServicePorts } from '../ports';
import type { TestService } from '../test/test-service';
import { breakDraft } from './breakages';
import { TourSample, tourTests } from './tour-sample';
import { firstState, readTourState, writeTourState, type TourState } from './tour-state';

/** Steps that the following ones stand on. */
const required: ReadonlySet<TourStepId> = new Set(['backend', 'trust', 'guard', 'start', 'prove']);

/** What the history calls the versions that the steps apply. */
const notes: Partial<Record<TourStepId, string>> = {
  backend: 'Tour: backend chosen',
  trust: 'Tour: certificates and links',
  callers: 'Tour: callers',
  guard: 'Tour: one table guarded',
};

export interface TourServiceOptions {
  readonly document: WorkspaceDocument;
  readonly cluster: ClusterControl;
  readonly callers: CallersService;
  readonly test: TestService;
  readonly ports: ServicePorts;
  readonly clock: Clock;
  readonly samplesDir: string;
}

/**
 * The tour of one workspace: every step makes an edit of the draft and applies it, starts the cluster, or runs tests over
 * real connections. How far it came is kept with the workspace.
 */
export class TourService {
  readonly #sample: TourSample;
  readonly #listeners = new Set<() => void>();
  #state: TourState | null;
  #busy: string | null = null;
  #found: { found: string | null; path: string | null; advice: string | null } = {
    found: null,
    path: null,
    advice: null,
  };

  private constructor(
    readonly options: TourServiceOptions,
    state: TourState | null,
  ) {
    this.#sample = new TourSample(options.samplesDir);
    this.#state = state;
  }

  /** The tour of the workspace as it was left; none where none was begun. */
  static async open(options: TourServiceOptions): Promise<TourService> {
    const tour = new TourService(options, await readTourState(options.document.dir));
    if (tour.#state !== null && !tour.#state.done.includes('backend')) await tour.look();
    return tour;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What the page shows; null: this workspace has no tour. */
  view(): TourPart | null {
    const state = this.#state;
    if (state === null) return null;
    const { document, cluster } = this.options;
    const gateways = cluster.cluster?.addresses.gateways ?? [];
    return {
      step: state.step,
      done: state.done,
      skipped: state.skipped,
      left: state.left,
      finished: state.finished,
      busy: this.#busy,
      backend: this.#found,
      certificates: [...document.draft.files.keys(), ...document.draft.certificates.keys()].filter((path) =>
        path.endsWith('-cert.pem'),
      ).length,
      user: document.draft.users.size > 0,
      addresses: gateways.flatMap(({ name, mysql, grpc }) => [
        ...(mysql === null
          ? []
          : [{ gateway: name, protocol: 'MySQL' as const, address: `${mysql.host}:${mysql.port}` }]),
        ...(grpc === null ? [] : [{ gateway: name, protocol: 'gRPC' as const, address: `${grpc.host}:${grpc.port}` }]),
      ]),
      broken: state.broken,
      results: state.results,
    };
  }

  /** Begins the tour in this workspace, which must be empty. */
  async begin(): Promise<void> {
    this.#state = firstState;
    await this.#keep(firstState);
    await this.look();
  }

  /** Looks for a MySQL on this machine. */
  async look(): Promise<void> {
    const found = await findMysqld({ os: this.options.ports.os, extra: [process.env['GATEHOUSE_MYSQLD']] });
    this.#found = found.ok
      ? { found: `${found.value.vendor} ${found.value.version}`, path: found.value.path, advice: null }
      : { found: null, path: null, advice: found.failure.summary };
    this.#changed();
  }

  /** Does the work of a step and shows the next one. */
  work(step: TourStepId): Promise<void> {
    return this.#busyWith(step, async (state) => {
      this.#inOrder(state, step);
      switch (step) {
        case 'backend':
          if (this.#found.found === null) await this.look();
          if (this.#found.found === null)
            throw new GatehouseError({ code: 'tour.no-mysql', summary: this.#found.advice ?? 'No MySQL was found.' });
          await this.#apply(step, (dir, done) => this.#stage(dir, done, ['schema.sql']));
          break;
        case 'trust':
          await this.#apply(step, async (dir, done) => {
            await this.#sample.makeCertificates(dir, this.options.clock);
            await this.#stage(dir, done, []);
          });
          break;
        case 'callers':
          await this.#addUser();
          break;
        case 'guard':
          await this.#apply(step, (dir, done) => this.#stage(dir, done, ['acl.json', 'tests/reference.json']));
          break;
        case 'start':
          await this.options.cluster.start();
          break;
        case 'prove':
          await this.#running();
          return this.#next(await this.#runFour(state), step);
        case 'break':
        case 'take':
          break;
      }
      return this.#next(state, step);
    });
  }

  /** Goes on without the work of an optional step. */
  skip(step: TourStepId): Promise<void> {
    return this.#busyWith(step, async (state) => {
      if (required.has(step))
        throw new GatehouseError({ code: 'tour.required', summary: 'The next steps stand on this one.' });
      // The gateways of the claimed names belong to the steps that follow.
      if (step === 'callers') await this.#apply(step, (dir, done) => this.#stage(dir, done, []));
      const after = tourStepIds[tourStepIds.indexOf(step) + 1] ?? step;
      return { ...state, step: after, skipped: [...new Set([...state.skipped, step])] };
    });
  }

  show(step: TourStepId): Promise<void> {
    return this.#change((state) => ({ ...state, step, left: false }));
  }
  leave(): Promise<void> {
    return this.#change((state) => ({ ...state, left: true }));
  }
  resume(): Promise<void> {
    return this.#change((state) => ({ ...state, left: false }));
  }
  finish(): Promise<void> {
    return this.#change((state) => ({
      ...state,
      finished: true,
      left: true,
      done: [...new Set([...state.done, 'take' as const])],
    }));
  }

  /** Takes the work of the last step that was done back, and shows that step. */
  undo(): Promise<void> {
    return this.#busyWith('undo', async (state) => {
      const last = [...tourStepIds].reverse().find((step) => state.done.includes(step) || state.skipped.includes(step));
      if (last === undefined) throw new GatehouseError({ code: 'tour.nothing', summary: 'No step was done yet.' });
      if (state.broken !== null) await this.#mend(state);
      const done = state.done.filter((step) => step !== last);
      const skipped = state.skipped.filter((step) => step !== last);
      if (last === 'start') await this.options.cluster.stop();
      if (['backend', 'trust', 'callers', 'guard'].includes(last)) {
        await this.options.cluster.stop();
        await this.options.document.edit('Undo Step of Tour', async (dir) => {
          const before = new Set([...done, ...skipped]);
          if (last === 'backend') await rm(join(dir, 'schema.sql'), { force: true });
          if (last === 'trust') await rm(join(dir, 'pki'), { recursive: true, force: true });
          if (last === 'callers') await rm(join(dir, 'users.json'), { force: true });
          if (last === 'guard')
            for (const path of ['acl.json', 'tests/reference.json']) await rm(join(dir, path), { force: true });
          await this.#sample.writeTopology(dir, before, done.includes('callers'));
        });
        await this.options.document.apply('Tour: a step taken back');
      }
      return { ...state, done, skipped, step: last, broken: null, ...(last === 'prove' ? { results: [] } : {}) };
    });
  }

  /** Breaks one thing for real, applies it, and runs the four tests again. */
  break(what: Breakage): Promise<void> {
    return this.#busyWith('break', async (state) => {
      await this.#running();
      const mended = state.broken === null ? state : await this.#mend(state);
      await this.options.document.edit('Break It', (dir) => breakDraft(dir, what, this.options.clock));
      await this.#applyDraft('Tour: something broken on purpose');
      return { ...(await this.#runFour(mended)), broken: what };
    });
  }

  /** Takes back what was broken and runs the four tests again. */
  mend(): Promise<void> {
    return this.#busyWith('mend', async (state) => {
      await this.#running();
      return this.#runFour(await this.#mend(state));
    });
  }

  async #mend(state: TourState): Promise<TourState> {
    const versions = await this.options.document.history();
    const broken = versions.findIndex(({ note }) => note === 'Tour: something broken on purpose');
    const before = versions[broken + 1];
    if (broken === -1 || before === undefined)
      throw new GatehouseError({ code: 'tour.history', summary: 'The version before is not in the history.' });
    await this.options.document.restore(before.number);
    await this.#applyDraft('Tour: mended');
    return { ...state, broken: null };
  }

  async #running(): Promise<void> {
    if (this.options.cluster.cluster === null) await this.options.cluster.start();
  }

  async #addUser(): Promise<void> {
    const { document, callers } = this.options;
    const state = this.#require();
    await document.edit('Tour: callers', async (dir) => {
      await this.#sample.writeTopology(dir, new Set([...state.done, ...state.skipped, 'callers']), true);
      await this.#sample.writeNoUsers(dir);
    });
    // A users file without users is refused, so both edits are applied together.
    await callers.editor.addUser('users.json', 'myuser1', {
      userData: 'myuser1',
      groups: [],
      sourceHost: '',
      forms: ['native', 'sha2'],
      password: { kind: 'generate', bits: 128 },
    });
    await this.#applyDraft(notes.callers ?? '');
  }

  /** One edit that brings what `step` brings, applied. */
  async #apply(step: TourStepId, change: (dir: string, done: ReadonlySet<TourStepId>) => Promise<void>): Promise<void> {
    const state = this.#require();
    const done = new Set([...state.done, ...state.skipped, step]);
    await this.options.document.edit(`Tour: ${step}`, (dir) => change(dir, done));
    await this.#applyDraft(notes[step] ?? 'Tour');
  }

  async #stage(dir: string, done: ReadonlySet<TourStepId>, files: readonly string[]): Promise<void> {
    await this.#sample.writeTopology(dir, done, this.options.document.draft.users.size > 0);
    for (const path of files) await this.#sample.copy(dir, path);
  }

  async #applyDraft(note: string): Promise<void> {
    const { document, cluster } = this.options;
    if (document.changedFiles.length > 0) await document.apply(note);
    if (cluster.cluster === null) return;
    const { restart } = await cluster.reload();
    if (restart.length > 0) await cluster.restart();
  }

  /** The four tests, one after another, over real connections. */
  async #runFour(state: TourState): Promise<TourState> {
    const results: TourResult[] = [];
    for (const id of tourTestIds) {
      const trace = await this.options.test.cell(tourTests[id]);
      results.push({
        id,
        verdict: trace.verdict,
        asExpected: trace.asExpected === true,
        stoppedAt: trace.stoppedAt,
        protection: trace.protection,
        // What is expected is what the whole cluster gave.
        changed: trace.asExpected !== true,
        runId: trace.runId,
      });
      await this.#keep({ ...state, results });
    }
    return { ...state, results };
  }

  #next(state: TourState, step: TourStepId): TourState {
    return {
      ...state,
      done: [...new Set([...state.done, step])],
      skipped: state.skipped.filter((skipped) => skipped !== step),
      // What was made is to be seen before the next step begins.
      step,
    };
  }

  #inOrder(state: TourState, step: TourStepId): void {
    const before = tourStepIds.slice(0, tourStepIds.indexOf(step));
    if (before.every((one) => !required.has(one) || state.done.includes(one))) return;
    throw new GatehouseError({ code: 'tour.order', summary: 'The steps before this one come first.' });
  }

  #require(): TourState {
    if (this.#state !== null) return this.#state;
    throw new GatehouseError({
      code: 'tour.none',
      summary: 'This workspace has no tour. Begin one on the Welcome screen.',
    });
  }

  async #busyWith(what: string, work: (state: TourState) => Promise<TourState>): Promise<void> {
    const state = this.#require();
    if (this.#busy !== null) throw new GatehouseError({ code: 'tour.busy', summary: 'A step is under way.' });
    this.#busy = what;
    this.#changed();
    try {
      await this.#keep(await work(state));
    } finally {
      this.#busy = null;
      this.#changed();
    }
  }

  #change(change: (state: TourState) => TourState): Promise<void> {
    return this.#keep(change(this.#require()));
  }

  async #keep(state: TourState): Promise<void> {
    this.#state = state;
    await writeTourState(this.options.document.dir, state);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
