import { flagMeant } from './catalogue';
import type { WrittenFlag } from './read-commands';

/** Values that pflag reads as true. */
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** The flags of one command by what they mean, whatever their spelling; of a repeated one the last counts. */
export class GivenFlags {
  readonly #flags = new Map<string, WrittenFlag>();
  readonly #repeated: string[] = [];

  constructor(flags: readonly WrittenFlag[]) {
    for (const flag of flags) {
      const meant = flagMeant(flag.name);
      if (meant === undefined) continue;
      if (this.#flags.has(meant.name) && !this.#repeated.includes(meant.name)) this.#repeated.push(meant.name);
      this.#flags.set(meant.name, flag);
    }
  }

  /** Names given more than once. */
  get repeated(): readonly string[] {
    return this.#repeated;
  }

  has(name: string): boolean {
    return this.#flags.has(name);
  }

  /** The value, or the empty text when the flag is not given or given without one. */
  text(name: string): string {
    return this.#flags.get(name)?.value ?? '';
  }

  /** Given with a value that is not empty. */
  set(name: string): boolean {
    return this.text(name) !== '';
  }

  /** A switch that is on. */
  on(name: string): boolean {
    const flag = this.#flags.get(name);
    return flag !== undefined && (flag.value === null || flag.strayValue || truths.has(flag.value));
  }

  /** Line of the flag, or 0. */
  line(name: string): number {
    return this.#flags.get(name)?.line ?? 0;
  }

  /** Every name given that matches. */
  matching(pattern: RegExp): string[] {
    return [...this.#flags.keys()].filter((name) => pattern.test(name));
  }
}
