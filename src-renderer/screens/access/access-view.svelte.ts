import type {
  AccessPart,
  AccessPreview,
  AccessTablet,
  AccessWhy,
  AclEditData,
  AclFile,
  AclGroup,
} from '../../../src-main/contract';
import { asFailure, type PageFailure } from '../../bridge/failure';
import type { AppState } from '../../state/app-state.svelte';
import { access as text } from '../../text/access';
import { Latest } from './latest';

/** How long after the last key a text is stored in the draft, beyond the editor's own delay, in ms. */
export const STORE_AFTER_MS = 500;

/** How long an edit's effect may take to arrive before the page goes on without it, in ms. */
const SHOWN_WITHIN_MS = 5_000;

/** What is typed into the text pane and not stored yet. */
interface Typed {
  readonly file: string;
  readonly text: string;
}

/** What the Access screen has chosen, typed and been told; the files themselves are in the program's state. */
export class AccessView {
  readonly app: AppState;
  preview = $state.raw<AccessPreview | null>(null);
  previewFailure = $state.raw<PageFailure | null>(null);
  /** Why the cells of one caller and one table are as they are. */
  why = $state.raw<{ readonly caller: string; readonly table: string; readonly roles: readonly AccessWhy[] } | null>(
    null,
  );
  typed = $state.raw<Typed | null>(null);
  /** The file was changed elsewhere while something is typed. */
  conflict = $state(false);
  #alias = $state<string | null>(null);
  #group = $state(0);
  #base: string | null = null;
  /** What was stored last, and the version that the state had then: until it has another one, what is typed is shown. */
  #stored: { readonly typed: Typed; readonly seen: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #storing: Promise<void> | null = null;
  readonly #latest: Latest<{ tablet: string; text: string | null }, AccessPreview>;

  constructor(app: AppState) {
    this.app = app;
    this.#latest = new Latest(
      (question) => app.call.access.preview(question),
      (answer) => {
        this.preview = answer;
        this.previewFailure = null;
      },
      (error) => (this.previewFailure = asFailure(error)),
    );
  }

  get part(): AccessPart | null {
    return this.app.state.access;
  }

  get tablet(): AccessTablet | null {
    const tablets = this.part?.tablets ?? [];
    return tablets.find(({ alias }) => alias === this.#alias) ?? tablets[0] ?? null;
  }

  get file(): AclFile | null {
    const path = this.tablet?.file ?? null;
    return this.part?.files.find((file) => file.path === path) ?? null;
  }

  /** The text as the pane shows it. */
  get text(): string {
    const { file, typed } = this;
    return typed !== null && typed.file === file?.path ? typed.text : (file?.text ?? '');
  }

  get groups(): readonly AclGroup[] {
    return this.file?.groups ?? [];
  }

  /** Index of the selected group; 0 when there is none. */
  get groupIndex(): number {
    return Math.max(0, Math.min(this.#group, this.groups.length - 1));
  }

  get group(): AclGroup | null {
    return this.groups[this.groupIndex] ?? null;
  }

  /** The form can be used: it shows the text as it is. */
  get editable(): boolean {
    return this.file?.form === 'text';
  }

  selectTablet(alias: string): void {
    void this.flush();
    this.#alias = alias;
    this.#group = 0;
    this.why = null;
  }

  selectGroup(index: number): void {
    this.#group = index;
  }

  /** Selects the group of this name, if there is one. */
  selectGroupNamed(name: string): void {
    const index = this.groups.findIndex((group) => group.name === name);
    if (index >= 0) this.#group = index;
  }

  /** Asks for the prediction of what is shown; for whenever the draft, the tablet or the text has changed. */
  predict(): void {
    const { tablet, typed, file } = this;
    if (tablet === null) {
      this.#latest.clear();
      this.preview = null;
      return;
    }
    const text = typed !== null && typed.file === file?.path ? typed.text : null;
    this.#latest.put({ tablet: tablet.alias, text });
  }

  /** One edit of the form; what is typed is stored first. Rejects with a PageFailure. */
  async edit(edit: AclEditData): Promise<void> {
    await this.flush();
    const file = this.tablet?.file;
    if (file == null) return;
    try {
      await this.app.call.access.edit({
        file,
        edit: edit.kind === 'add-group' ? edit : { ...edit, groupName: this.groups[edit.group]?.name ?? '' },
      });
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** The same for a button: a failure is told as a notice. */
  async tryEdit(edit: AclEditData): Promise<void> {
    await this.app.attempt(() => this.edit(edit));
  }

  /**
   * Adds a group under a name of its own and selects it; makes the file when the tablet has none. Asked again while one is
   * on its way (a double click, a key that repeats) it adds no other.
   */
  addGroup(): Promise<void> {
    this.#adding ??= this.#addGroup().finally(() => (this.#adding = null));
    return this.#adding;
  }
  #adding: Promise<void> | null = null;

  async #addGroup(): Promise<void> {
    await this.app.attempt(async () => {
      await this.flush();
      const { tablet } = this;
      if (tablet === null) return;
      const file = tablet.file ?? (await this.app.call.access.createFile({ tablet: tablet.alias })).file;
      const name = text.newGroupName(this.groups.map((group) => group.name));
      const at = this.groups.length;
      await this.app.call.access.edit({ file, edit: { kind: 'add-group', name, entries: [] } });
      await this.#shown(() => this.groups.length > at);
      this.#group = at;
    });
  }

  /** Resolves when the program's state has what is looked for: an edit is answered before its effect is there. */
  #shown(ready: () => boolean): Promise<void> {
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

  async #store(base: string | null): Promise<void> {
    // What is typed while one text is being stored is stored after it.
    for (let from = base; this.typed !== null && this.typed !== this.#stored?.typed && !this.conflict;) {
      const { typed } = this;
      try {
        const { version } = await this.app.call.access.setText({ file: typed.file, text: typed.text, base: from });
        from = version;
        this.#base = version;
        if (this.typed === typed) return this.#arrived(typed, version);
      } catch (error) {
        const failure = asFailure(error);
        if (failure.code === 'access.changed-elsewhere') this.conflict = true;
        else this.app.notices.failure(failure);
        return;
      }
    }
  }

  /** The program has the text; the page shows what is typed until the state has it too. */
  #arrived(typed: Typed, version: string): void {
    const seen = this.part?.files.find(({ path }) => path === typed.file)?.version ?? '';
    if (seen === version) this.typed = null;
    else this.#stored = { typed, seen };
  }

  /** For whenever the state has changed: gives up what is typed when it is stored and has arrived. */
  sync(): void {
    const { typed } = this;
    if (typed === null || this.#stored?.typed !== typed) return;
    if (this.part?.files.find(({ path }) => path === typed.file)?.version === this.#stored.seen) return;
    this.#stored = null;
    this.typed = null;
  }

  /** Asks why the three cells of a caller and a table are as they are. */
  async explain(caller: string, table: string): Promise<void> {
    const { tablet, typed } = this;
    if (tablet === null) return;
    await this.app.attempt(async () => {
      const roles = await Promise.all(
        (['READER', 'WRITER', 'ADMIN'] as const).map((role) =>
          this.app.call.access.why({ tablet: tablet.alias, text: typed?.text ?? null, caller, table, role }),
        ),
      );
      this.why = { caller, table, roles };
    });
  }

  /** Asks again what is explained: its answer may have changed. */
  explainAgain(): void {
    if (this.why !== null) void this.explain(this.why.caller, this.why.table);
  }

  dispose(): void {
    void this.flush();
    this.#latest.clear();
  }
}
