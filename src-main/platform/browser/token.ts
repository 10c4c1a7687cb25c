import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '../../domain/kernel';

const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** Longest text that is compared; the token itself has 43 characters. */
const MAX_LENGTH = 128;

/** What a page must know: 256 random bits, made at each start, kept in memory only. */
export class PageToken {
  readonly secret: Secret;
  readonly #digest: Buffer;

  constructor(random: (bytes: number) => Buffer = randomBytes) {
    const text = random(32).toString('base64url');
    this.secret = new Secret(text);
    this.#digest = digest(text);
  }

  /** Compares digests, so that neither length nor common beginning shows in the time it takes. */
  matches(candidate: string): boolean {
    return candidate.length <= MAX_LENGTH && timingSafeEqual(digest(candidate), this.#digest);
  }
}

/**
 * Wrong tokens in sum over all connections: a bucket of `capacity` that gets one back every `refillMs`. While it is empty no
 * token is compared at all, right or wrong; otherwise guessing would go on at full speed until it succeeds.
 */
export class Attempts {
  #left: number;
  #since: number;

  constructor(
    readonly capacity: number,
    readonly refillMs: number,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#left = capacity;
    this.#since = now();
  }

  /** Whether a token may be compared at this moment. */
  get open(): boolean {
    const gained = Math.floor((this.now() - this.#since) / this.refillMs);
    if (gained > 0) {
      this.#left = Math.min(this.capacity, this.#left + gained);
      this.#since += gained * this.refillMs;
    }
    return this.#left > 0;
  }

  /** Counts a wrong token. */
  failed(): void {
    this.#left -= 1;
  }
}
