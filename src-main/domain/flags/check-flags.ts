import { fail, succeed, type FindingLevel, type Result } from '../kernel';
import { flagMeant, spellingIn } from './catalogue';
import { vitessMajors, type VitessMajor, type VitessProgram } from './flag-versions';
import { GivenFlags } from './given-flags';
import { Guesses, judgeName, stops, type FlagVerdict } from './judge-name';
import { readCommands, type WrittenCommand, type WrittenFlag } from './read-commands';
import { flagRules } from './rules';

/** Longest text that is looked at, in characters; a command line of Linux is at most half of it. */
export const LONGEST_PASTE = 256 * 1024;
/** Most flags that are looked at. */
export const MOST_FLAGS = 2_000;

/** A flag as it was written, and what each release does with it. Values are never kept. */
export interface CheckedFlag {
  readonly line: number;
  /** With its dashes; null: it is no name that could be a flag's, so it is not repeated. */
  readonly written: string | null;
  readonly verdicts: Readonly<Record<VitessMajor, FlagVerdict>>;
}

/** One thing found in the flags of one program. */
export interface FlagFinding {
  readonly code: string;
  readonly level: FindingLevel;
  /** 0: something is missing in the whole. */
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
  /** Releases that it is true for. */
  readonly versions: readonly VitessMajor[];
}

/** What was learned of one command. */
export interface CheckedCommand {
  readonly program: VitessProgram | null;
  /** The text did not name the program; its flags did. */
  readonly guessed: boolean;
  readonly line: number;
  readonly flags: readonly CheckedFlag[];
  readonly findings: readonly FlagFinding[];
  /** Releases whose program starts with these names. */
  readonly starts: readonly VitessMajor[];
}

export interface FlagReport {
  readonly commands: readonly CheckedCommand[];
  /** Programs in the text that are not looked at. */
  readonly notLookedAt: readonly string[];
}

/** The program that has the most of the flags, when one has more than the others. */
function guess(flags: readonly WrittenFlag[]): VitessProgram | null {
  const counts: Record<VitessProgram, number> = { vtgate: 0, vttablet: 0, vtctld: 0 };
  for (const { name } of flags) for (const program of flagMeant(name)?.programs ?? []) counts[program] += 1;
  const [first, second] = (Object.entries(counts) as [VitessProgram, number][]).sort(([, a], [, b]) => b - a);
  return first !== undefined && first[1] > (second?.[1] ?? 0) ? first[0] : null;
}

/**
 * What may be repeated to the user. One dash and letters may be a password (`-pSECRET`), so only known names are shown
 * then; the name of an unknown flag is shown when it looks like one.
 */
function shown(flag: WrittenFlag): string | null {
  const known = flagMeant(flag.name) !== undefined;
  if (flag.dashes === 1 && !known) return null;
  return known || /^[A-Za-z][A-Za-z_-]{1,63}\d{0,2}$/.test(flag.name) ? `${'-'.repeat(flag.dashes)}${flag.name}` : null;
}

/** Findings of one release. */
function findings(command: WrittenCommand, program: VitessProgram | null, version: VitessMajor): FlagFinding[] {
  const given = new GivenFlags(command.flags);
  const flag = (name: string): string => `--${spellingIn({ name }, version)}`;
  const versions = [version];
  const found: FlagFinding[] = [];
  if (program !== null)
    for (const rule of flagRules)
      for (const { at, ...hit } of rule({ given, program, version, flag }))
        found.push({ ...hit, line: at === null ? 0 : given.line(at), versions });
  for (const { name, strayValue, line } of command.flags)
    if (strayValue)
      found.push({
        code: 'flags.stray-value',
        level: 'error',
        line,
        message: `A switch takes its value behind "=": the word after ${flag(flagMeant(name)?.name ?? '')} is taken for a command, and the program does not start.`,
        remedy: `Write ${flag(flagMeant(name)?.name ?? '')}=true or =false.`,
        versions,
      });
  for (const line of new Set(command.strays))
    found.push({
      code: 'flags.stray-word',
      level: program === null ? 'warning' : 'error',
      line,
      message: 'A word here belongs to no flag; the program takes none and does not start.',
      remedy: 'Join it to its flag with "=", in quotes if it has blanks.',
      versions,
    });
  for (const name of given.repeated)
    found.push({
      code: 'flags.repeated',
      level: 'info',
      line: given.line(name),
      message: `${flag(name)} stands there more than once; the last one counts, or all of them where a list is meant.`,
      remedy: 'Leave one.',
      versions,
    });
  return found;
}

/** Findings of several releases as one list: what is the same is told once, in the words of the newest. */
function merge(lists: readonly FlagFinding[][]): FlagFinding[] {
  const merged = new Map<string, FlagFinding>();
  for (const found of lists.flat()) {
    // The words may differ in the spelling of a flag only.
    const key = `${found.code} ${found.line} ${found.message.replaceAll('_', '-')}`;
    const before = merged.get(key);
    merged.set(key, { ...found, versions: [...(before?.versions ?? []), ...found.versions] });
  }
  const rank = { error: 0, warning: 1, info: 2 };
  return [...merged.values()].sort((a, b) => rank[a.level] - rank[b.level] || a.line - b.line);
}

function checkCommand(
  command: WrittenCommand,
  asked: VitessProgram | null,
  versions: readonly VitessMajor[],
  guesses: Guesses,
): CheckedCommand {
  const named = command.program ?? asked;
  const program = named ?? guess(command.flags);
  const flags = command.flags.map((flag): CheckedFlag => ({
    line: flag.line,
    written: shown(flag),
    verdicts: Object.fromEntries(
      vitessMajors.map((version) => [version, judgeName(flag, program, version, guesses)]),
    ) as Record<VitessMajor, FlagVerdict>,
  }));
  const found = merge(versions.map((version) => findings(command, program, version)));
  const halts = new Set(['flags.stray-value', 'flags.stray-word']);
  return {
    program,
    guessed: named === null && program !== null,
    line: command.line,
    flags,
    findings: found,
    starts: vitessMajors.filter(
      (version) =>
        !flags.some(({ verdicts }) => stops.has(verdicts[version].status)) &&
        !found.some(({ code }) => program !== null && halts.has(code)),
    ),
  };
}

/**
 * Checks pasted flags: for each what 22, 23 and 24 do with its name, and for the whole what fails open. `component` says
 * whose flags they are where the text does not; `versions` are those whose findings are wanted. Fails with
 * `flags.too-long`, `flags.too-many` or `flags.none`; says nothing of what the text holds in values.
 */
export function checkFlags(
  text: string,
  options: { readonly component?: VitessProgram; readonly versions?: readonly VitessMajor[] } = {},
): Result<FlagReport> {
  if (text.length > LONGEST_PASTE)
    return fail({
      code: 'flags.too-long',
      summary: `The text is longer than ${LONGEST_PASTE / 1024} KiB. Leave out what belongs to no command line.`,
    });
  const commands = readCommands(text);
  if (commands.reduce((count, { flags }) => count + flags.length, 0) > MOST_FLAGS)
    return fail({
      code: 'flags.too-many',
      summary: `The text has more than ${MOST_FLAGS} flags. Check one program at a time.`,
    });
  const ours = commands.filter(({ other }) => other === null);
  if (ours.length === 0 && commands.length === 0)
    return fail({
      code: 'flags.none',
      summary:
        'The text holds no flag. Paste a command line, the output of ps, a systemd unit, a list of arguments in YAML or JSON, or a file with a flag a line.',
    });
  const guesses = new Guesses();
  return succeed({
    commands: ours.map((command) =>
      checkCommand(command, options.component ?? null, options.versions ?? vitessMajors, guesses),
    ),
    notLookedAt: [...new Set(commands.flatMap(({ other }) => other ?? []))],
  });
}
