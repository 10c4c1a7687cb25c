import type { PageFailure } from '../bridge/failure';

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly detail?: string;
  /** What the notice offers to do. */
  readonly action?: { readonly label: string; run(): void };
}

/** What is told: one notice is visible, the rest wait; `say` goes to the live region alone. */
export class Notices {
  waiting = $state.raw<readonly Notice[]>([]);
  /** The last sentence for screen readers. */
  said = $state('');
  #next = 1;

  get visible(): Notice | null {
    return this.waiting[0] ?? null;
  }

  tell(level: Notice['level'], text: string, action?: Notice['action']): void {
    const notice: Notice = { id: this.#next++, level, text, ...(action === undefined ? {} : { action }) };
    // What is merely said gives way to what is said next; errors wait until they were read.
    this.waiting = [...this.waiting.filter((waiting) => waiting.level === 'error'), notice];
    this.say(text);
  }

  failure(failure: PageFailure): void {
    const detail = failure.detail === undefined ? {} : { detail: failure.detail };
    this.waiting = [...this.waiting, { id: this.#next++, level: 'error', text: failure.summary, ...detail }];
    this.say(failure.summary);
  }

  /** Forgets everything: it belonged to a workspace that is no longer open. */
  clear(): void {
    this.waiting = [];
  }

  dismiss(id: number): void {
    this.waiting = this.waiting.filter((notice) => notice.id !== id);
  }

  /** One sentence for screen readers, politely. */
  say(text: string): void {
    this.said = text;
  }
}
