import { TimeLeftEstimate, type TimeLeft } from '../domain/probes';
import type { Terminal } from './terminal';

/** Milliseconds between two looks: seldom enough to be read. */
const REDRAW_MS = 200;

/** The time that is left, for people; empty where nothing can be said yet. */
export function timeLeftWords(left: TimeLeft): string {
  if (left.kind === 'unknown') return '';
  if (left.kind === 'stalled') return `nothing has finished for ${left.seconds} seconds`;
  const { seconds } = left;
  if (seconds === 0) return '';
  if (seconds <= 5) return 'a few seconds left';
  if (seconds < 60) return `about ${seconds} seconds left`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? 'about a minute left' : `about ${minutes} minutes left`;
}

/** How far a run is, on one line that is drawn anew; on anything but a terminal there is no such line. */
export class LiveLine {
  readonly #shows: boolean;
  readonly #estimate: TimeLeftEstimate;
  readonly #timer: NodeJS.Timeout | null;
  #done = 0;
  #differ = 0;

  constructor(
    readonly terminal: Terminal,
    readonly total: number,
    quiet: boolean,
    /** What is counted, and what is said of those that `cell` is told of. */
    readonly words: { readonly what: string; readonly off: string } = { what: 'cells', off: 'differ' },
    now: () => number = () => performance.now(),
  ) {
    this.#estimate = new TimeLeftEstimate(total, now);
    this.#shows = !quiet && (terminal.stdout as NodeJS.WriteStream).isTTY === true && process.env['TERM'] !== 'dumb';
    this.#timer = this.#shows ? setInterval(() => this.draw(), REDRAW_MS).unref() : null;
  }

  cell(differs: boolean): void {
    this.#done += 1;
    if (differs) this.#differ += 1;
    this.#estimate.finished();
  }

  draw(): void {
    const { colors, width } = this.terminal;
    const parts = [
      `${this.#done.toLocaleString('en')} of ${this.total.toLocaleString('en')} ${this.words.what}`,
      ...(this.#differ === 0 ? [] : [`${this.#differ.toLocaleString('en')} ${this.words.off}`]),
      timeLeftWords(this.#estimate.left),
    ].filter((part) => part !== '');
    this.terminal.stdout.write(`\r\u001b[2K  ${colors.dim(parts.join(' · ').slice(0, Math.max(10, width - 3)))}`);
  }

  /** Takes the line away, so that what follows stands where it stood. */
  end(): void {
    if (!this.#shows || this.#timer === null) return;
    clearInterval(this.#timer);
    this.terminal.stdout.write('\r\u001b[2K');
  }
}
