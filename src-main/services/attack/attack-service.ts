import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttackMessage, AttackModel, AttackResultData, AttackRunState } from '../../contract/areas/attack';
import type { TraceData } from '../../contract/areas/test';
import {
  acceptedText,
  scoreAttacks,
  type AttackCard,
  type AttackResult,
  type PerformedAttack,
} from '../../domain/attacks';
import { GatehouseError, type Clock } from '../../domain/kernel';
import { writeFileAtomic, type Unlocker } from '../../servers/store';
import { recordAudit } from '../audit';
import { fileHashes } from '../cluster/reload';
import type { WorkspaceDocument } from '../document/workspace-document';
import type { ServicePorts } from '../ports';
import { Broadcast } from '../test/broadcast';
import type { RunList } from '../test/run-list';
import { newRunId } from '../test/run-store';
import type { TaskRunner } from '../test/test-service';
import { ACCEPTED_ATTACKS, type Workspace } from '../workspace/load-workspace';
import { attackedEntry } from './audit-entry';
import { planAttacks } from './families';
import { openGround } from './ground';
import { attackJunit } from './junit';
import { performAttacks } from './lab';
import { LastAttacks } from './last-attacks';
import type { PlannedAttack } from './planned';
import { attackDocument, attackText, type AttackReport } from './report';

/** Milliseconds between two messages of a run. */
const BATCH_MS = 100;

const idle: AttackRunState = {
  ...{ state: 'idle', done: 0, total: 0, at: null, milliseconds: 0, detail: '' },
  failure: null,
};

export interface AttackServiceOptions {
  readonly document: WorkspaceDocument;
  readonly runs: RunList;
  readonly ports: ServicePorts & { readonly clock: Clock };
  readonly unlocker: Unlocker;
  readonly mysqld?: () => string | undefined;
}

/** A result with the attack as it was then: other files may plan another one, or none, in its place. */
interface MadeResult {
  readonly card: AttackCard;
  readonly result: AttackResult;
  readonly files: string;
}

/** One hash over the files that attacks are performed with. */
const filesOf = (workspace: Workspace): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(fileHashes(workspace)).sort()))
    .digest('hex');

/** What the page gets of a result. */
const shown = ({ trace, ...result }: AttackResult): AttackResultData => ({ ...result, traced: trace !== null });

/**
 * Attacks on one open workspace. They are performed on a ground of their own from the applied files; what runs of the
 * workspace goes on undisturbed.
 */
export class AttackService {
  readonly #broadcast = new Broadcast<AttackMessage>();
  readonly #last: LastAttacks;
  readonly #end: () => void;
  #planned: { readonly of: unknown; readonly attacks: readonly PlannedAttack[] } | null = null;
  #results = new Map<string, MadeResult>();
  #run: AttackRunState = idle;
  #abort: AbortController | null = null;
  #working: Promise<unknown> = Promise.resolve();
  #dirty = new Map<string, AttackResultData | null>();

  constructor(readonly options: AttackServiceOptions) {
    this.#last = new LastAttacks(options.document.applied.paths.state);
    this.#end = options.document.onChanged(() => this.#changed());
  }

  /** Reads what an earlier session left. */
  async start(): Promise<void> {
    const last = await this.#last.read();
    if (last === null) return;
    this.#results = new Map(
      last.results.flatMap(([id, result, files, kept]) => {
        const card = kept ?? this.planned.find((attack) => attack.card.id === id)?.card;
        return card === undefined ? [] : [[id, { card, result, files }]];
      }),
    );
    this.#run = { ...idle, state: 'finished', at: last.at, milliseconds: last.milliseconds };
  }

  get running(): boolean {
    return this.#abort !== null;
  }

  /** Everything that can be tried on the applied version. */
  get planned(): readonly PlannedAttack[] {
    const { applied, secrets } = this.options.document;
    if (this.#planned?.of !== applied)
      this.#planned = {
        of: applied,
        attacks: planAttacks({
          workspace: applied,
          now: this.options.ports.clock.now(),
          hasSecret: (name) => secrets.get(name) !== undefined,
        }),
      };
    return this.#planned.attacks;
  }

  watch(signal?: AbortSignal): AsyncGenerator<AttackMessage, void, void> {
    return this.#broadcast.watch(() => ({ kind: 'model', model: this.model() }), signal);
  }

  model(): AttackModel {
    const { applied, draft } = this.options.document;
    const now = filesOf(applied);
    const planned = this.planned.map(({ card }) => card);
    const ids = new Set(planned.map(({ id }) => id));
    const made = [...this.#results.values()];
    const gone = made.map(({ card }) => card).filter(({ id }) => !ids.has(id));
    return {
      cards: [...planned, ...gone],
      results: Object.fromEntries(made.map(({ card, result }) => [card.id, shown(result)])),
      gone: gone.map(({ id }) => id),
      earlier: made.filter(({ files }) => files !== now).map(({ card }) => card.id),
      accepted: Object.fromEntries(applied.acceptedAttacks),
      acceptedInDraft: Object.fromEntries(draft.acceptedAttacks),
      unmatched: [...draft.acceptedAttacks.keys()].filter((id) => !ids.has(id)),
      score: this.#score(),
      run: this.#run,
    };
  }

  /**
   * Begins a run and returns how many attacks it has; `task` shows it in the status bar. Throws GatehouseError
   * `attack.running` and `attack.nothing`; a ground that cannot be made is told in the run's state.
   */
  run(ids: readonly string[] | undefined, task: TaskRunner): number {
    if (this.#abort !== null)
      throw new GatehouseError({ code: 'attack.running', summary: 'Attacks are under way. Stop them first.' });
    const wanted = ids === undefined ? null : new Set(ids);
    const chosen = this.planned.filter(({ card }) => wanted === null || wanted.has(card.id));
    // Attacks with no place here are told of, not performed: they are no part of the progress.
    const total = chosen.filter(({ card }) => card.notHere === null).length;
    if (chosen.length === 0) throw new GatehouseError({ code: 'attack.nothing', summary: 'There is nothing to try.' });
    const abort = new AbortController();
    this.#abort = abort;
    const at = this.options.ports.clock.now().toISOString();
    this.#run = { ...idle, state: 'opening', total, at };
    this.#flush();
    this.#working = task(
      'Attacks',
      (report) => this.#perform(chosen, wanted === null, abort, report),
      () => abort.abort(),
    ).catch(() => undefined);
    return total;
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** The connection of an attack, kept among the runs so that it can be looked at and reported like any test. */
  async trace(id: string): Promise<TraceData> {
    const trace = this.#results.get(id)?.result.trace ?? null;
    const card = this.planned.find((attack) => attack.card.id === id)?.card;
    if (trace === null || card === undefined)
      throw new GatehouseError({ code: 'attack.trace', summary: 'This attack left no trace of hops.' });
    const runId = newRunId(this.options.ports.clock.now());
    const data: TraceData = { ...trace, runId };
    await this.options.runs.keep({
      schema: 1,
      kind: 'single',
      summary: {
        ...{ id: runId, kind: 'single', at: trace.startedAt, title: `${card.title}, ${card.aim}`, detail: trace.sql },
        ...{ verdict: trace.verdict, asExpected: null, milliseconds: trace.milliseconds, cancelled: false },
      },
      trace: data,
    });
    return data;
  }

  /** Writes into the draft that an attack may get through, or with null that it may not. */
  async accept(id: string, reason: string | null): Promise<void> {
    const { document } = this.options;
    const accepted = new Map(document.draft.acceptedAttacks);
    if (reason === null) accepted.delete(id);
    else accepted.set(id, reason);
    await document.edit(reason === null ? 'Accept an attack no longer' : 'Accept an attack', async (dir) => {
      const file = join(dir, 'tests', ACCEPTED_ATTACKS);
      if (accepted.size === 0) await rm(file, { force: true });
      else await writeFileAtomic(file, acceptedText(accepted), 0o644);
    });
  }

  /** The last results as a report. */
  report(format: 'text' | 'json' | 'junit'): { readonly text: string; readonly name: string } {
    const report: AttackReport = {
      workspace: this.options.document.applied.topology.name,
      at: this.#run.at ?? '',
      milliseconds: this.#run.milliseconds,
      performed: this.#performed(),
      accepted: this.options.document.applied.acceptedAttacks,
      score: this.#score(),
    };
    if (report.performed.length === 0)
      throw new GatehouseError({ code: 'attack.nothing', summary: 'Nothing has been tried yet.' });
    const name = `gatehouse-attacks-${report.at.replaceAll(/[-:TZ.]/g, '').slice(0, 14)}`;
    switch (format) {
      case 'text':
        return { text: attackText(report), name: `${name}.txt` };
      case 'json':
        return { text: `${JSON.stringify(attackDocument(report, true), null, 2)}\n`, name: `${name}.json` };
      case 'junit':
        return { text: attackJunit(report), name: `${name}.xml` };
    }
  }

  /** Stops what runs and lets go of everything; resolves when nothing of it is at work. */
  async dispose(): Promise<void> {
    this.#end();
    this.stop();
    await this.#working;
  }

  async #perform(
    chosen: readonly PlannedAttack[],
    whole: boolean,
    abort: AbortController,
    report: (progress: { readonly done?: number; readonly total?: number }) => void,
  ): Promise<void> {
    const { document, ports, unlocker, mysqld } = this.options;
    const begun = performance.now();
    const files = filesOf(document.applied);
    const named = mysqld?.();
    const timer = setInterval(() => {
      this.#run = { ...this.#run, milliseconds: performance.now() - begun };
      this.#flush();
      report({ done: this.#run.done, total: this.#run.total });
    }, BATCH_MS);
    let state: AttackRunState['state'] = 'finished';
    let failure: AttackRunState['failure'] = null;
    try {
      const ground = await openGround({
        ...{ dir: document.dir, ports, unlocker, signal: abort.signal },
        ...(named === undefined ? {} : { mysqld: named }),
        onStep: ({ text }) => (this.#run = { ...this.#run, detail: text }),
      });
      try {
        if (whole) this.#results = new Map();
        this.#run = { ...this.#run, state: 'running', detail: '' };
        if (whole) this.#tellAll();
        const performed = await performAttacks(ground, chosen, {
          signal: abort.signal,
          onBegin: (id) => this.#dirty.set(id, null),
          onResult: ({ card, result }) => {
            this.#results.set(card.id, { card, result, files });
            this.#dirty.set(card.id, shown(result));
            if (card.notHere === null) this.#run = { ...this.#run, done: this.#run.done + 1 };
          },
        });
        await recordAudit(
          document.dir,
          attackedEntry(scoreAttacks(performed, document.applied.acceptedAttacks), {
            ...{ fidelity: null, vitess: null, groups: [] },
            only: whole
              ? null
              : chosen
                  .map(({ card }) => card.id)
                  .join(', ')
                  .slice(0, 1_000),
          }),
          ports.clock,
        );
      } finally {
        await ground.close();
      }
    } catch (error) {
      state = abort.signal.aborted ? 'cancelled' : 'failed';
      if (state === 'failed')
        failure =
          error instanceof GatehouseError
            ? error.failure
            : { code: 'attack.run', summary: 'The attacks could not go on.', detail: String(error) };
    } finally {
      clearInterval(timer);
      this.#abort = null;
    }
    this.#run = { ...this.#run, state, milliseconds: performance.now() - begun, detail: '', failure };
    this.#tellAll();
    const { at, milliseconds } = this.#run;
    const results = [...this.#results].map(([id, made]) => [id, made.result, made.files, made.card] as const);
    if (state !== 'failed') await this.#last.write({ at: at ?? '', milliseconds, results });
  }

  /** What the last runs performed; it stays what it was when other files are applied. */
  #performed(): PerformedAttack[] {
    const order = new Map(this.planned.map(({ card }, index) => [card.id, index]));
    const at = ({ card }: PerformedAttack): number => order.get(card.id) ?? order.size;
    return [...this.#results.values()].map(({ card, result }) => ({ card, result })).sort((a, b) => at(a) - at(b));
  }

  #score(): AttackModel['score'] {
    return scoreAttacks(this.#performed(), this.options.document.applied.acceptedAttacks);
  }

  #changed(): void {
    if (this.#abort === null) this.#tellAll();
  }

  #tellAll(): void {
    this.#dirty.clear();
    if (this.#broadcast.watched) this.#broadcast.send({ kind: 'model', model: this.model() });
  }

  #flush(): void {
    const results = [...this.#dirty];
    this.#dirty = new Map();
    if (this.#broadcast.watched)
      this.#broadcast.send({ kind: 'results', results, score: this.#score(), run: this.#run });
  }
}
