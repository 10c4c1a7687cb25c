import { editDistance } from '../acl';
import { knownFlags, type KnownFlag } from './catalogue';
import type { VitessProgram } from './flag-versions';

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');
const parts = (name: string): Set<string> => new Set(name.toLowerCase().split(/[_-]/).filter(Boolean));

/** How much two names have in common: their words, from 0 to 1. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((part) => b.has(part)).length;
  return shared / (a.size + b.size - shared || 1);
}

/** Names longer than any flag are not compared. */
const LONGEST = 80;
/** Share of common words from which a flag is offered: three of five. */
const ALIKE = 0.6;

/**
 * The flag of `program` (null: of any) that an unknown name most probably means: a few letters away, else with most words
 * in common; null when nothing is near.
 */
export function nearestFlag(name: string, program: VitessProgram | null): KnownFlag | null {
  if (name.length > LONGEST) return null;
  const wanted = plain(name);
  const words = parts(name);
  let best: KnownFlag | null = null;
  let limit = wanted.length < 5 ? 1 : wanted.length < 12 ? 2 : 3;
  let alike: KnownFlag | null = null;
  let most = ALIKE;
  for (const flag of knownFlags.values()) {
    if (program !== null && !flag.programs.includes(program)) continue;
    const distance = editDistance(wanted, plain(flag.name), limit);
    if (distance <= limit) {
      best = flag;
      limit = distance - 1;
      if (limit < 0) break;
    }
    const share = likeness(words, parts(flag.name));
    if (share > most || (share === most && alike === null)) {
      alike = flag;
      most = share;
    }
  }
  return best ?? alike;
}
