import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { redactText } from '../../servers/recorder';

const LIMIT_BYTES = 1024 * 1024;

/** The app's own log: two files of 1 MiB, secrets redacted, lines in the order in which they came. */
export class AppLog {
  #queue: Promise<void> = Promise.resolve();

  constructor(readonly folder: string) {}

  write(level: 'info' | 'warning' | 'error', text: string): void {
    const line = `${new Date().toISOString()} ${level} ${redactText(text).replaceAll('\n', '\n  ')}\n`;
    this.#queue = this.#queue.then(() => this.#append(line)).catch(() => undefined);
  }

  /** Resolves when everything written so far is on disk. */
  settled(): Promise<void> {
    return this.#queue;
  }

  async #append(line: string): Promise<void> {
    const file = join(this.folder, 'gatehouse.log');
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size > LIMIT_BYTES) await rename(file, join(this.folder, 'gatehouse.1.log'));
    await appendFile(file, line, { mode: 0o600 });
  }
}
