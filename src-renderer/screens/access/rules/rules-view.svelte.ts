import type {
  QueryRuleData,
  QueryRulesEditData,
  QueryRulesEffect,
  QueryRulesFile,
  QueryRulesPart,
  QueryRulesTablet,
} from '../../../../src-main/contract';
import { asFailure } from '../../../bridge/failure';
import type { AppState } from '../../../state/app-state.svelte';
import { queryRules as text } from '../../../text/query-rules';
import { Latest } from '../latest';

/** How long after the last key a text is stored in the draft, beyond the editor's own delay, in ms. */
const STORE_AFTER_MS = 500;
/** How long an edit's effect may take to arrive before the page goes on without it, in ms. */
const SHOWN_WITHIN_MS = 5_000;

interface Typed {
  readonly file: string;
  readonly text: string;
}

/** What the tab Query rules has chosen, typed and been told; the files themselves are in the program's state. */
export class RulesView {
  effect = $state.raw<QueryRulesEffect | null>(null);
  typed = $state.raw<Typed | null>(null);
  /** The file was changed elsewhere while something is typed. */
  conflict = $state(false);
  #alias = $state<string | null>(null);
  #index = $state(0);
  #base: string | null = null;
  #stored: { readonly typed: Typed; readonly seen: string } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #storing: Promise<void> | null = null;
  #adding: Promise<void> | null = null;
  readonly #latest: Latest<{ tablet: string; text: string | null }, QueryRulesEffect>;

  constructor(readonly app: AppState) {
    this.#latest = new Latest(
      (question) => app.call.queryRules.effect(question),
      (answer) => (this.effect = answer),
      (error) => app.notices.failure(asFailure(error)),
    );
  }

  get part(): QueryRulesPart | null {
    return this.app.state.queryRules;
  }

  get tablet(): QueryRulesTablet | null {
    const tablets = this.part?.tablets ?? [];
    return tablets.find(({ alias }) => alias === this.#alias) ?? tablets[0] ?? null;
  }

  get file(): QueryRulesFile | null {
    const path = this.tablet?.file ?? null;
    return this.part?.files.find((file) => file.path === path) ?? null;
  }

  get text(): string {
    const { file, typed } = this;
    return typed !== null && typed.file === file?.path ? typed.text : (file?.text ?? '');
  }

  get rules(): readonly QueryRuleData[] {
    return this.file?.rules ?? [];
  }

  /** Index of the selected rule; 0 when there is none. */
  get index(): number {
    return Math.max(0, Math.min(this.#index, this.rules.length - 1));
  }

  get rule(): QueryRuleData | null {
    return this.rules[this.index] ?? null;
  }

  get tables(): readonly string[] {
    return this.part?.tables[this.tablet?.keyspace ?? ''] ?? [];
  }

  select(index: number): void {
    this.#index = index;
  }

  selectTablet(alias: string): void {
    void this.flush();
    this.#alias = alias;
    this.#index = 0;
    this.effect = null;
  }

  /** Selects the rule that stands in this line. */
  selectLine(line: number): void {
    const at = this.rules.findLastIndex((rule) => rule.line <= line);
    if (at >= 0) this.#index = at;
  }

  /** Asks what the rules that are shown change; for whenever the draft, the tablet or the text has changed. */
  ask(): void {
    const { tablet, typed, file } = this;
    if (tablet === null) return;
    this.#latest.put({ tablet: tablet.alias, text: typed !== null && typed.file === file?.path ? typed.text : null });
  }

  /** One edit of the form; what is typed is stored first. A failure is told as a notice. */
  async edit(edit: QueryRulesEditData): Promise<void> {
    await this.app.attempt(async () => {
      await this.flush();
      const file = this.tablet?.file;
      if (file != null) await this.app.call.queryRules.edit({ file, edit });
    });
  }

  async move(to: number): Promise<void> {
    await this.edit({ kind: 'move', index: this.index, to });
    this.#index = to;
  }

  /** Adds a rule and selects it; makes the file when the tablet has none. Asked again while one is on its way it adds no other. */
  add(): Promise<void> {
    this.#adding ??= this.#add().finally(() => (this.#adding = null));
    return this.#adding;
  }

  async #add(): Promise<void> {
    await this.app.attempt(async () => {
      await this.flush();
      const { tablet } = this;
      if (tablet === null) return;
      const file = tablet.file ?? (await this.app.call.queryRules.createFile({ tablet: tablet.alias })).file;
      const at = this.rules.length;
      const name = text.newRuleName(this.rules.map((rule) => rule.name));
      await this.app.call.queryRules.edit({ file, edit: { kind: 'add', name, description: '' } });
      await this.#shown(() => this.rules.length > at);
      this.#index = at;
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
        const { version } = await this.app.call.queryRules.setText({ file: typed.file, text: typed.text, base: from });
        from = version;
        this.#base = version;
        if (this.typed !== typed) continue;
        const seen = this.part?.files.find(({ path }) => path === typed.file)?.version ?? '';
        if (seen === version) this.typed = null;
        else this.#stored = { typed, seen };
        return;
      } catch (error) {
        const failure = asFailure(error);
        if (failure.code === 'query-rules.changed-elsewhere') this.conflict = true;
        else this.app.notices.failure(failure);
        return;
      }
    }
  }

  /** For whenever the state has changed: gives up what is typed when it is stored and has arrived. */
  sync(): void {
    const { typed } = this;
    if (typed === null || this.#stored?.typed !== typed) return;
    if (this.part?.files.find(({ path }) => path === typed.file)?.version === this.#stored.seen) return;
    this.#stored = null;
    this.typed = null;
  }

  dispose(): void {
    void this.flush();
    this.#latest.clear();
  }
}
