import { everyProgram, vtctldOnly, vtgateAndVtctld, vtgateAndVttablet } from './flag-names-shared';
import { vtgateOnly } from './flag-names-vtgate';
import { vttabletAndVtctld, vttabletOnly } from './flag-names-vttablet';
import { dashedIn22, switches } from './flag-spelling-data';
import {
  bothSpellingsIn22,
  introduced,
  lastKnown,
  retired,
  vitessMajors,
  type Retirement,
  type VitessMajor,
  type VitessProgram,
} from './flag-versions';

/** What is known of one flag of vtgate, vttablet or vtctld. */
export interface KnownFlag {
  /** As 23 and later spell it. */
  readonly name: string;
  readonly programs: readonly VitessProgram[];
  /** Takes a value only behind `=`: pflag reads what follows a blank as something else. */
  readonly isSwitch: boolean;
  readonly since: VitessMajor;
  readonly until: VitessMajor;
  readonly retirement: Retirement | null;
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const switchNames = new Set(words(switches));
const dashed = new Set(words(dashedIn22));

function build(): Map<string, KnownFlag> {
  const flags = new Map<string, KnownFlag>();
  const add = (text: string, programs: readonly VitessProgram[]): void => {
    for (const name of words(text))
      flags.set(name, {
        name,
        programs,
        isSwitch: switchNames.has(name),
        since: introduced[name] ?? '22',
        until: lastKnown[name] ?? '24',
        retirement: retired[name] ?? null,
      });
  };
  add(everyProgram, ['vtgate', 'vttablet', 'vtctld']);
  add(vtgateOnly, ['vtgate']);
  add(vttabletOnly, ['vttablet']);
  add(vtctldOnly, ['vtctld']);
  add(vtgateAndVttablet, ['vtgate', 'vttablet']);
  add(vtgateAndVtctld, ['vtgate', 'vtctld']);
  add(vttabletAndVtctld, ['vttablet', 'vtctld']);
  return flags;
}

const flags = build();
const byDashes = new Map([...flags.values()].map((flag) => [flag.name.replaceAll('_', '-'), flag]));

/** Every flag, by its name in 23 and later. */
export const knownFlags: ReadonlyMap<string, KnownFlag> = flags;

/** The flag that is meant by a name in any spelling, or undefined. */
export const flagMeant = (name: string): KnownFlag | undefined => byDashes.get(name.replaceAll('_', '-'));

/** How a release spells a flag, without the two dashes: 22 writes most names with underscores. */
export function spellingIn(flag: Pick<KnownFlag, 'name'>, version: VitessMajor): string {
  return version === '22' && !dashed.has(flag.name) ? flag.name.replaceAll('-', '_') : flag.name;
}

/** How a release takes a name as it was written. */
export type NameReading = 'known' | 'old-spelling' | 'unknown';

/** Names of the logging library, which keep their underscores (vitess-behaviour §0.1). */
const keepsUnderscores = new Set(['log_dir', 'log_link', 'log_backtrace_at']);

/**
 * Whether a release takes `written` for `flag`: 22 compares letter by letter; 23 and 24 turn a name that has underscores
 * and no dash into one with dashes, and say that it is deprecated.
 */
export function readName(written: string, flag: KnownFlag, version: VitessMajor): NameReading {
  if (vitessMajors.indexOf(version) < vitessMajors.indexOf(flag.since)) return 'unknown';
  if (vitessMajors.indexOf(version) > vitessMajors.indexOf(flag.until)) return 'unknown';
  if (version === '22') {
    const both = bothSpellingsIn22.has(flag.name) && written === flag.name.replaceAll('-', '_');
    return both || written === spellingIn(flag, version) ? 'known' : 'unknown';
  }
  if (written === flag.name) return 'known';
  const normalised = written.includes('-') || keepsUnderscores.has(written) ? written : written.replaceAll('_', '-');
  return normalised === flag.name ? 'old-spelling' : 'unknown';
}
