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
import { EditedFile } from '../edited-file.svelte';
import { Latest } from '../latest';

/** What the tab Query rules has chosen, typed and been told; the files themselves are in the program's state. */
export class RulesView extends EditedFile {
  effect = $state.raw<QueryRulesEffect | null>(null);
  #alias = $state<string | null>(null);
  #index = $state(0);
  #adding: Promise<void> | null = null;
  readonly #latest: Latest<{ tablet: string; text: string | null }, QueryRulesEffect>;

  constructor(app: AppState) {
    super(app);
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
      await this.shown(() => this.rules.length > at);
      this.#index = at;
    });
  }

  protected get files(): readonly QueryRulesFile[] {
    return this.part?.files ?? [];
  }
  protected get changedElsewhere(): string {
    return 'query-rules.changed-elsewhere';
  }
  protected setText(next: Parameters<AppState['call']['queryRules']['setText']>[0]): Promise<{ version: string }> {
    return this.app.call.queryRules.setText(next);
  }

  dispose(): void {
    void this.flush();
    this.#latest.clear();
  }
}
