/**
 * Asks one question at a time and always the newest: while an answer is on its way, later questions wait, and only the last
 * of them is asked. A slow program so never has a queue, and an old answer never replaces a newer one.
 */
export class Latest<Question, Answer> {
  #waiting: { readonly question: Question } | null = null;
  #busy = false;

  constructor(
    readonly ask: (question: Question) => Promise<Answer>,
    readonly take: (answer: Answer, question: Question) => void,
    readonly failed: (error: unknown) => void,
  ) {}

  put(question: Question): void {
    this.#waiting = { question };
    if (!this.#busy) void this.#work();
  }

  /** Forgets what waits; an answer on its way is passed over. */
  clear(): void {
    this.#waiting = null;
    this.#generation += 1;
  }

  #generation = 0;

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting !== null) {
      const { question } = this.#waiting;
      this.#waiting = null;
      const generation = this.#generation;
      try {
        const answer = await this.ask(question);
        if (generation === this.#generation) this.take(answer, question);
      } catch (error) {
        if (generation === this.#generation) this.failed(error);
      }
    }
    this.#busy = false;
  }
}
