/**
 * Keeps what is typed and what comes from outside apart. Text is handed on some time after the last key; what comes back
 * from outside may be an echo of that, or of something typed before, and must then not be written over newer text.
 */
export class TypedText {
  #sent: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pending: string | null = null;
  readonly #send: (text: string) => void;
  readonly #delay: number;

  /** @param delay in ms from the last key until `send` */
  constructor(send: (text: string) => void, delay: number) {
    this.#send = send;
    this.#delay = delay;
  }

  /** True while something typed has not been handed on. */
  get pending(): boolean {
    return this.#pending !== null;
  }

  typed(text: string): void {
    this.#pending = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.#delay);
  }

  /** Hands on at once what was typed. */
  flush(): void {
    clearTimeout(this.#timer);
    const text = this.#pending;
    if (text === null) return;
    this.#pending = null;
    this.#sent.push(text);
    // An owner that never echoes must not make this grow.
    if (this.#sent.length > 20) this.#sent.shift();
    this.#send(text);
  }

  /** @returns whether a text from outside is to be written into the editor */
  accepts(text: string): boolean {
    const at = this.#sent.lastIndexOf(text);
    if (at >= 0) {
      this.#sent.splice(0, at + 1);
      return false;
    }
    return !this.pending;
  }

  /** Forgets what was typed and not handed on. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#pending = null;
  }
}
