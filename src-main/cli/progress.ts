import type { Terminal } from './terminal';

/** Steps with times, one line each, as a person reads them; nothing is redrawn, so a pipe shows the same lines. */
export class Progress {
  readonly #start = performance.now();
  #last = this.#start;

  constructor(
    readonly terminal: Terminal,
    readonly quiet = false,
  ) {}

  /** A heading above the next steps. */
  title(text: string): void {
    if (!this.quiet) this.terminal.line(`\n${this.terminal.colors.bold(text)}`);
  }

  /** A step that has just been finished; its time is the time since the step before. */
  step(text: string, detail = ''): void {
    const now = performance.now();
    const took = now - this.#last;
    this.#last = now;
    if (this.quiet) return;
    const { colors } = this.terminal;
    this.terminal.line(
      `  ${colors.green('✓')} ${text}${detail === '' ? '' : ` ${colors.dim(detail)}`} ${colors.dim(`· ${duration(took)}`)}`,
    );
  }

  /** A remark below the step before. */
  remark(text: string): void {
    if (!this.quiet) this.terminal.line(`    ${this.terminal.colors.dim(text)}`);
  }

  /** Milliseconds since this progress began. */
  get elapsed(): number {
    return performance.now() - this.#start;
  }
}

/** A duration for people: `3 ms`, `1.42 s`. */
export const duration = (ms: number): string =>
  ms < 1 ? '<1 ms' : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
