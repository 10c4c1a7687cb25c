import { flagMeant, readName, spellingIn, type KnownFlag } from './catalogue';
import { neverExisted, removedBefore22, vitessMajors, type VitessMajor, type VitessProgram } from './flag-versions';
import { nearestFlag } from './nearest-flag';
import type { WrittenFlag } from './read-commands';

/** What one release does with a flag as it is written. */
export type FlagStatus =
  'taken' | 'old-spelling' | 'deprecated' | 'ignored' | 'unknown' | 'other-program' | 'single-dash';

export interface FlagVerdict {
  readonly status: FlagStatus;
  /** The name to write for this release, with its dashes; null: the written one is right, or there is none. */
  readonly write: string | null;
  /** A sentence's part that says why; null for `taken`. */
  readonly why: string | null;
}

/** States in which the program does not start. */
export const stops: ReadonlySet<FlagStatus> = new Set(['unknown', 'other-program', 'single-dash']);

/** Finds what unknown names mean; looking costs time, so that only so many are looked for in one text. */
export class Guesses {
  readonly #found = new Map<string, KnownFlag | null>();

  constructor(readonly limit = 100) {}

  for(name: string, program: VitessProgram | null): KnownFlag | null {
    const key = `${program ?? ''} ${name}`;
    const found = this.#found.get(key);
    if (found !== undefined) return found;
    if (this.#found.size >= this.limit) return null;
    const guess = nearestFlag(name, program) ?? nearestFlag(name, null);
    this.#found.set(key, guess);
    return guess;
  }
}

const written = (flag: WrittenFlag): string => flag.name.replaceAll('_', '-');

/** Whether a release has a flag at all. */
const has = (flag: KnownFlag, version: VitessMajor): boolean =>
  vitessMajors.indexOf(version) >= vitessMajors.indexOf(flag.since) &&
  vitessMajors.indexOf(version) <= vitessMajors.indexOf(flag.until);

/** What `version` of `program` (null: not known which) does with a flag. */
export function judgeName(
  flag: WrittenFlag,
  program: VitessProgram | null,
  version: VitessMajor,
  guesses: Guesses,
): FlagVerdict {
  if (flag.dashes === 1 && /^[hv]$/.test(flag.name)) return { status: 'taken', write: null, why: null };
  const meant = flagMeant(flag.name);
  const spelled = (known: KnownFlag | null | undefined): string | null =>
    known == null || !has(known, version) ? null : `--${spellingIn(known, version)}`;
  if (meant === undefined) return unknown(flag, program, guesses, spelled);
  if (!has(meant, version))
    return {
      status: 'unknown',
      write: null,
      why:
        meant.since > version
          ? `it is there from ${meant.since} on`
          : `it is gone since ${vitessMajors[vitessMajors.indexOf(meant.until) + 1] ?? ''}`,
    };
  if (program !== null && !meant.programs.includes(program))
    return { status: 'other-program', write: null, why: `it belongs to ${meant.programs.join(' and ')}` };
  if (flag.dashes === 1 && flag.name.length > 1)
    return { status: 'single-dash', write: spelled(meant), why: 'one dash is for letters; names take two' };
  const reading = readName(flag.name, meant, version);
  if (reading === 'unknown')
    return {
      status: 'unknown',
      write: spelled(meant),
      why: version === '22' ? '22 knows it in this spelling only' : 'it mixes dashes and underscores',
    };
  const { retirement } = meant;
  if (retirement !== null && version >= retirement.from) {
    const instead = retirement.instead === null ? null : spelled(flagMeant(retirement.instead));
    return { status: retirement.effect, write: instead, why: retirement.why };
  }
  if (reading === 'old-spelling')
    return { status: 'old-spelling', write: spelled(meant), why: 'underscores still work and are gone in 25' };
  return { status: 'taken', write: null, why: null };
}

function unknown(
  flag: WrittenFlag,
  program: VitessProgram | null,
  guesses: Guesses,
  spelled: (known: KnownFlag | null | undefined) => string | null,
): FlagVerdict {
  const name = written(flag);
  // Own names only: a pasted "constructor" is no flag.
  const removed = Object.hasOwn(removedBefore22, name) ? removedBefore22[name] : undefined;
  if (removed !== undefined)
    return {
      status: 'unknown',
      write: removed.instead === undefined ? null : spelled(flagMeant(removed.instead)),
      why: `it is gone since ${Number(removed.after) + 1}`,
    };
  if (Object.hasOwn(neverExisted, name)) {
    const right = neverExisted[name];
    return {
      status: 'unknown',
      write: right == null ? null : spelled(flagMeant(right)),
      why: 'no release has had it',
    };
  }
  return { status: 'unknown', write: spelled(guesses.for(name, program)), why: 'no release from 22 to 24 has it' };
}
