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
import { EditedFile } from './edited-file.svelte';
import { Latest } from './latest';

/** What the Access screen has chosen, typed and been told; the files themselves are in the program's state. */
export class AccessView extends EditedFile {
  preview = $state.raw<AccessPreview | null>(null);
  previewFailure = $state.raw<PageFailure | null>(null);
  /** Why the cells of one caller and one table are as they are. */
  why = $state.raw<{ readonly caller: string; readonly table: string; readonly roles: readonly AccessWhy[] } | null>(
    null,
  );
  #alias = $state<string | null>(null);
  #group = $state(0);
  readonly #latest: Latest<{ tablet: string; text: string | null }, AccessPreview>;

  constructor(app: AppState) {
    super(app);
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
      await this.shown(() => this.groups.length > at);
      this.#group = at;
    });
  }

  protected get files(): readonly AclFile[] {
    return this.part?.files ?? [];
  }
  protected get changedElsewhere(): string {
    return 'access.changed-elsewhere';
  }
  protected setText(next: Parameters<AppState['call']['access']['setText']>[0]): Promise<{ version: string }> {
    return this.app.call.access.setText(next);
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
