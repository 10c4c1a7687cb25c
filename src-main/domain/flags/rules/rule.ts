import type { FindingLevel } from '../../kernel';
import type { VitessMajor, VitessProgram } from '../flag-versions';
import type { GivenFlags } from '../given-flags';

/** What a rule is told. */
export interface FlagSituation {
  readonly given: GivenFlags;
  readonly program: VitessProgram;
  readonly version: VitessMajor;
  /** A flag as this version spells it, with its dashes. */
  readonly flag: (name: string) => string;
}

/** One thing wrong with the flags of a program; never quotes a value that could be a secret. */
export interface FlagHit {
  readonly code: string;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy: string;
  /** Flag whose line it belongs to; null: something is missing. */
  readonly at: string | null;
}

/** Looks at the flags of one program; names its source in a comment. */
export type FlagRule = (situation: FlagSituation) => readonly FlagHit[];

/** `hits` when `holds`. */
export const when = (holds: boolean, hit: () => FlagHit): readonly FlagHit[] => (holds ? [hit()] : []);
