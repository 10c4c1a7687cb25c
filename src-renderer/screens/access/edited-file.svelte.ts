import { asFailure } from '../../bridge/failure';
import type { AppState } from '../../state/app-state.svelte';

/** How long after the last key a text is stored in the draft, beyond the editor's own delay, in ms. */
export const STORE_AFTER_MS = 500;
/** How long an edit's effect may take to arrive before the page goes on without it, in ms. */
const SHOWN_WITHIN_MS = 5_000;

/** A file of the draft as the program's state shows it. */
interface ShownFile {
  readonly path: string;
  readonly text: string;
  readonly version: string;
}

/** What is typed into the text pane and not stored yet. */
interface Typed {
  readonly file: string;
  readonly text: string;
}

/** The text of a file that is edited as a form and as text: what is typed, its storing, and two versions of it. */
export abstract class EditedFile {
  typed = $state.raw<Typed | null>(null);
  /** The file was changed elsewhere while something is typed. */
  conflict = $state(false);
  #base: string | null = null;
  /** What was stored last, and the version that the state had then: until it has another one, what is typed is shown. */
  #stored: { readonly typed: Typed; readonly seen: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #storing: Promise<void> | null = null;

  constructor(readonly app: AppState) {}

  /** The file that is shown; null: there is none. */
  abstract get file(): ShownFile | null;
  /** Every file of its kind. */
  protected abstract get files(): readonly ShownFile[];
  /** Code of the failure with which the program refuses a text that began from an older version. */
  protected abstract get changedElsewhere(): string;
  protected abstract setText(next: Typed & { readonly base: string | null }): Promise<{ readonly version: string }>;

  /** Takes what stands in the text pane; it is stored when nothing is typed for a while. */
  type(next: string): void {
    const { file } = this;
    if (file === null || (this.typed === null && next === file.text)) return;
    if (this.typed?.file !== file.path) this.#base = file.version;
    this.typed = { file: file.path, text: next };
    clearTimeout(this.#timer);
    if (!this.conflict) this.#timer = setTimeout(() => void this.flush(), STORE_AFTER_MS);
  }

  /** Stores at once what is typed; what cannot be stored stays typed. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#storing ??= this.#store(this.#base).finally(() => (this.#storing = null));
    return this.#storing;
  }

  /** Two versions: keeps what is typed here, or takes what is stored. */
  async keepMine(): Promise<void> {
    this.conflict = false;
    await this.#store(null);
  }
  loadTheirs(): void {
    this.conflict = false;
    this.typed = null;
    this.#base = null;
  }

  /** For whenever the state has changed: gives up what is typed when it is stored and has arrived. */
  sync(): void {
    const { typed } = this;
    if (typed === null || this.#stored?.typed !== typed) return;
    if (this.#versionOf(typed.file) === this.#stored.seen) return;
    this.#stored = null;
    this.typed = null;
  }

  /** Resolves when the program's state has what is looked for: an edit is answered before its effect is there. */
  protected shown(ready: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(end, SHOWN_WITHIN_MS);
      const stop = $effect.root(() => {
        $effect(() => {
          if (ready()) end();
        });
      });
    });
  }

  async #store(base: string | null): Promise<void> {
    // What is typed while one text is being stored is stored after it.
    for (let from = base; this.typed !== null && this.typed !== this.#stored?.typed && !this.conflict;) {
      const { typed } = this;
      try {
        const { version } = await this.setText({ ...typed, base: from });
        from = version;
        this.#base = version;
        if (this.typed === typed) return this.#arrived(typed, version);
      } catch (error) {
        const failure = asFailure(error);
        if (failure.code === this.changedElsewhere) this.conflict = true;
        else this.app.notices.failure(failure);
        return;
      }
    }
  }

  /** The program has the text; the page shows what is typed until the state has it too. */
  #arrived(typed: Typed, version: string): void {
    const seen = this.#versionOf(typed.file) ?? '';
    if (seen === version) this.typed = null;
    else this.#stored = { typed, seen };
  }

  #versionOf(path: string): string | undefined {
    return this.files.find((file) => file.path === path)?.version;
  }
}
