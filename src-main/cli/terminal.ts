import { createColors } from 'picocolors';

/** Where a command writes: people read it, so colour only on a terminal and never when NO_COLOR is set. */
export class Terminal {
  readonly colors: ReturnType<typeof createColors>;

  constructor(
    readonly stdout: NodeJS.WriteStream | NodeJS.WritableStream = process.stdout,
    readonly stderr: NodeJS.WriteStream | NodeJS.WritableStream = process.stderr,
  ) {
    const tty = (stdout as NodeJS.WriteStream).isTTY === true;
    this.colors = createColors(tty && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb');
  }

  /** One line of the answer. */
  line(text = ''): void {
    this.stdout.write(`${text}\n`);
  }

  /** One JSON document or NDJSON event on standard output. */
  json(value: unknown, indent = 0): void {
    this.stdout.write(`${JSON.stringify(value, null, indent)}\n`);
  }

  /** As `json`, and waits while the reader is slow, so that a long batch is never held in memory. */
  async jsonFlushed(value: unknown): Promise<void> {
    if (this.stdout.write(`${JSON.stringify(value)}\n`)) return;
    await new Promise<void>((resolve) => this.stdout.once('drain', resolve));
  }

  /** A message beside the answer. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  get width(): number {
    return (this.stdout as NodeJS.WriteStream).columns ?? 120;
  }
}
