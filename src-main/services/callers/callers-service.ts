import { GatehouseError, type Clock } from '../../domain/kernel';
import { estimateEntropyBits, type ImportOutcome, type ImportPolicy } from '../../domain/users';
import type { CallersPart, ImportReport } from '../../contract/areas/callers';
import type { BackendTables } from '../access/backend-tables';
import type { ClusterControl } from '../cluster/cluster-control';
import type { WorkspaceDocument } from '../document/workspace-document';
import { callersView } from './callers-view';
import { addClaimed, removeClaimed, type NewClaim } from './claimed-names';
import { openEntryKeys } from './entry-key';
import { KnownPasswords } from './known-passwords';
import { reachOf } from './reach';
import { RotationStore } from './rotation-store';
import { Rotations } from './rotations';
import type { SignInLog } from './sign-in-log';
import { UsersEditor, type EntryRef } from './users-editor';

export interface CallersServiceOptions {
  readonly document: WorkspaceDocument;
  readonly cluster: ClusterControl;
  readonly signIns: SignInLog;
  readonly backends: Pick<BackendTables, 'of'>;
  readonly clock: Clock;
}

/** For how long a password is shown. */
const REVEAL_SECONDS = 30;

/** The callers of one open workspace: what the page shows of them, edits of the draft, imports and rotations. */
export class CallersService {
  readonly editor: UsersEditor;
  readonly rotations: Rotations;
  readonly #listeners = new Set<() => void>();
  readonly #endings: (() => void)[];
  #clusterSeen: string;

  private constructor(
    readonly options: CallersServiceOptions,
    readonly passwords: KnownPasswords,
    rotations: RotationStore,
    keys: Awaited<ReturnType<typeof openEntryKeys>>,
  ) {
    const { document, cluster, signIns, clock } = options;
    this.editor = new UsersEditor(document, passwords, keys);
    this.rotations = new Rotations({
      document,
      cluster,
      editor: this.editor,
      passwords,
      keys,
      signIns,
      store: rotations,
      clock,
    });
    this.#clusterSeen = this.#clusterNow();
    this.#endings = [
      signIns.onChanged(() => this.#changed()),
      cluster.onChanged(() => {
        // Its rates change every two seconds; only what is in force matters here.
        const now = this.#clusterNow();
        if (now === this.#clusterSeen) return;
        this.#clusterSeen = now;
        this.#changed();
      }),
    ];
  }

  static async open(options: CallersServiceOptions): Promise<CallersService> {
    const { document } = options;
    const [rotations, keys] = await Promise.all([
      RotationStore.open(document.applied.paths),
      openEntryKeys(document.secrets),
    ]);
    const service = new CallersService(options, new KnownPasswords(document.secrets), rotations, keys);
    await service.rotations.prune();
    return service;
  }

  /** Tells of what changes beside the draft: sign-ins, rotations, what runs. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  dispose(): void {
    for (const end of this.#endings) end();
    this.#listeners.clear();
  }

  /** What the page shows. */
  view(): Promise<CallersPart> {
    const { document, signIns, backends, clock } = this.options;
    this.passwords.refresh();
    const now = clock.now();
    return callersView({
      workspace: document.draft,
      findings: document.draftFindings,
      passwords: this.passwords,
      keys: this.editor.keys,
      signIns,
      rotations: this.rotations.states(),
      reach: reachOf(document.draft, backends, now),
      now,
    });
  }

  /** What immediate callers may do, predicted from the draft. */
  reach(callers: readonly { readonly username: string; readonly groups: readonly string[] }[]): {
    tables: string[];
    rows: string[];
  } {
    const reach = reachOf(this.options.document.draft, this.options.backends, this.options.clock.now());
    return { tables: [...reach.tables], rows: reach.rows(callers) };
  }

  async reveal(ref: EntryRef): Promise<{ password: string; seconds: number }> {
    return { password: await this.editor.reveal(ref), seconds: REVEAL_SECONDS };
  }

  /** How strong a password is, for the hash of caching_sha2_password, which is not salted. */
  async strength(password: string): Promise<{ bits: number; verdict: 'weak' | 'enough' | 'strong' }> {
    const bits = Math.floor(await estimateEntropyBits(password));
    return { bits, verdict: bits < 80 ? 'weak' : bits < 128 ? 'enough' : 'strong' };
  }

  async previewImport(file: string, text: string, existing: ImportPolicy, hashClear: boolean): Promise<ImportReport> {
    return reportOf(await this.editor.previewImport(file, text, existing, hashClear));
  }

  async import(file: string, text: string, existing: ImportPolicy, hashClear: boolean): Promise<ImportReport> {
    return reportOf(await this.editor.import(file, text, existing, hashClear));
  }

  addClaimed(claim: NewClaim): Promise<string> {
    return addClaimed(this.options.document, claim);
  }

  async removeClaimed(id: string): Promise<void> {
    const claimed = (await this.view()).claimed.find((candidate) => candidate.id === id);
    if (claimed === undefined)
      throw new GatehouseError({ code: 'callers.no-such-caller', summary: 'No test claims this name any more.' });
    await removeClaimed(this.options.document, claimed.name, claimed.tests);
  }

  async startRotation(...parameters: Parameters<Rotations['start']>): Promise<{ id: string }> {
    return { id: await this.#told(this.rotations.start(...parameters)) };
  }

  testRotation(...parameters: Parameters<Rotations['test']>): Promise<void> {
    return this.#told(this.rotations.test(...parameters));
  }

  watchRotation(id: string): Promise<void> {
    return this.#told(this.rotations.watch(id));
  }

  finishRotation(...parameters: Parameters<Rotations['finish']>): Promise<void> {
    return this.#told(this.rotations.finish(...parameters));
  }

  cancelRotation(id: string): Promise<void> {
    return this.#told(this.rotations.cancel(id));
  }

  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      this.#changed();
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #clusterNow(): string {
    const { state } = this.options.cluster;
    return state.kind === 'running'
      ? `running ${state.since.toISOString()} ${fingerprint(state.cluster.workspace)}`
      : state.kind;
  }
}

let nextNumber = 1;
const numbers = new WeakMap<object, number>();

/** The same for the same object: a reload puts another workspace into force. */
function fingerprint(workspace: object): number {
  const known = numbers.get(workspace) ?? nextNumber++;
  numbers.set(workspace, known);
  return known;
}

const LINES_SHOWN = 2_000;

const reportOf = ({ kind, lines }: ImportOutcome): ImportReport => ({
  kind,
  users: new Set(lines.flatMap(({ user, outcome }) => (['refused', 'kept'].includes(outcome) ? [] : (user ?? []))))
    .size,
  lines: lines.slice(0, LINES_SHOWN).map((line) => ({ ...line, notes: [...line.notes] })),
});
