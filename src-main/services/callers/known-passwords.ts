import { Secret } from '../../domain/kernel';
import { digestsOf, estimateEntropyBits, generatePassword, passwordDigests, type UserEntry } from '../../domain/users';
import type { SecretStore } from '../../servers/store';

/** Passwords made here lie in the workspace's secrets under these beginnings; the rest of the name is for people. */
const GENERATED = 'users/';
const TYPED = 'users-typed/';

/** A password that the workspace's secrets hold. */
export interface KnownPassword {
  /** Its name among the secrets. */
  readonly secret: string;
  readonly origin: 'generated' | 'typed';
  readonly value: Secret;
}

/** What a new password comes from. */
export type PasswordChoice =
  | { readonly kind: 'generate'; readonly bits: number }
  /** `keep`: among the workspace's secrets, so that it can be shown again and used by tests. */
  | { readonly kind: 'typed'; readonly password: string; readonly keep: boolean };

/** Sizes offered for generated passwords; a password of n characters was made for the largest that fits. */
const sizes = [1024, 768, 512, 384, 320, 256, 224, 192, 160, 128, 96, 64];

/**
 * The passwords behind users' hashes, as far as they were made here: found by what they hash to, so that no list of who
 * has which can go wrong. Never leaves this process but by `reveal` calls.
 */
export class KnownPasswords {
  #count = -1;
  #byDigest = new Map<string, KnownPassword>();
  readonly #bits = new WeakMap<Secret, number>();

  constructor(readonly secrets: SecretStore) {}

  /** The known password of an entry, or null. */
  of(entry: UserEntry): KnownPassword | null {
    const { native, sha2 } = passwordDigests(entry);
    const index = this.#index();
    return index.get(native ?? '') ?? index.get(sha2 ?? '') ?? null;
  }

  /** Looks at the secrets again, as after a value was replaced. */
  refresh(): void {
    this.#count = -1;
  }

  /** Bits of entropy: what a generated password was made for, an estimate for a typed one. */
  async bitsOf({ origin, value }: Pick<KnownPassword, 'origin' | 'value'>): Promise<number> {
    const known = this.#bits.get(value);
    if (known !== undefined) return known;
    const password = value.reveal();
    const bits =
      origin === 'generated'
        ? (sizes.find((size) => size <= password.length * 6) ?? 0)
        : Math.floor(await estimateEntropyBits(password));
    this.#bits.set(value, bits);
    return bits;
  }

  /** Makes or takes a password and keeps it unless that is not wished; a name that is taken gets a number. */
  async make(
    user: string,
    choice: PasswordChoice,
  ): Promise<{ readonly password: string; readonly secret: string | null }> {
    const password = choice.kind === 'generate' ? generatePassword({ bits: choice.bits }) : choice.password;
    if (choice.kind === 'typed' && !choice.keep) return { password, secret: null };
    const secret = this.#freeName(`${choice.kind === 'generate' ? GENERATED : TYPED}${user}`);
    await this.secrets.put(new Map([[secret, new Secret(password)]]));
    return { password, secret };
  }

  #freeName(wanted: string): string {
    const taken = new Set(this.secrets.names());
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!taken.has(name)) return name;
    }
  }

  #index(): ReadonlyMap<string, KnownPassword> {
    const names = this.secrets.names();
    if (names.length === this.#count) return this.#byDigest;
    this.#count = names.length;
    this.#byDigest = new Map();
    for (const secret of names) {
      const origin = secret.startsWith(GENERATED) ? 'generated' : secret.startsWith(TYPED) ? 'typed' : null;
      const value = origin === null ? undefined : this.secrets.get(secret);
      if (origin === null || value === undefined) continue;
      const known: KnownPassword = { secret, origin, value };
      for (const digest of Object.values(digestsOf(value.reveal())))
        if (!this.#byDigest.has(digest)) this.#byDigest.set(digest, known);
    }
    return this.#byDigest;
  }
}
