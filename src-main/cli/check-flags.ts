import {
  checkFlags,
  stops,
  vitessMajors,
  type CheckedCommand,
  type CheckedFlag,
  type VitessMajor,
  type VitessProgram,
} from '../domain/flags';
import { GatehouseError, type Finding } from '../domain/kernel';
import { readPasted } from '../services/flags/read-pasted';
import { CommandExit, exitCode } from './exit';
import { countFindings, printFindings } from './findings';
import type { Terminal } from './terminal';

export interface CheckFlagsOptions {
  readonly flags: string;
  readonly component?: VitessProgram;
  /** Null: all of them, and the newest decides how the command ends. */
  readonly version: VitessMajor | null;
  readonly json: boolean;
}

/** `gatehouse check --flags FILE|-`. */
export async function checkFlagsCommand(options: CheckFlagsOptions, terminal: Terminal): Promise<void> {
  const text = await readPasted(options.flags);
  if (!text.ok) throw new GatehouseError(text.failure);
  const versions = options.version === null ? vitessMajors : [options.version];
  const report = checkFlags(text.value, {
    versions,
    ...(options.component === undefined ? {} : { component: options.component }),
  });
  if (!report.ok) throw new GatehouseError(report.failure);
  const { commands, notLookedAt } = report.value;
  if (options.json) terminal.json({ schema: 1, ...report.value });
  else {
    const file = options.flags === '-' ? '<stdin>' : options.flags;
    for (const command of commands) print(command, file, versions, terminal);
    for (const other of notLookedAt) terminal.line(`${other}: its flags are not known here and were not looked at.`);
  }
  const decisive = options.version ?? '24';
  const wrong = commands.some(
    ({ starts, findings }) =>
      !starts.includes(decisive) ||
      findings.some(({ level, versions: of }) => level === 'error' && of.includes(decisive)),
  );
  if (wrong) throw new CommandExit(exitCode.findings);
}

function print(command: CheckedCommand, file: string, versions: readonly VitessMajor[], terminal: Terminal): void {
  const who = command.program ?? 'a program that cannot be told from its flags; --component says it';
  terminal.line(`${terminal.colors.bold(who)}${command.guessed ? ' (as its flags say)' : ''}, ${file}:${command.line}`);
  const findings: Finding[] = [
    ...command.flags.flatMap((flag) => nameFindings(flag, file, versions)),
    ...command.findings.map(({ versions: of, ...finding }) => ({
      ...finding,
      file,
      column: 1,
      message: `${of.length < versions.length ? `${of.join(', ')}: ` : ''}${finding.message}`,
    })),
  ];
  printFindings(findings, terminal);
  const starts = versions.filter((version) => command.starts.includes(version));
  const not = versions.filter((version) => !command.starts.includes(version));
  terminal.line(
    `${countFindings(findings)}. ${starts.length === 0 ? '' : `${starts.join(', ')} would take these names. `}${not.length === 0 ? '' : `${not.join(', ')} would not start with them.`}`.trim(),
  );
}

/** What releases do with a name, those together that do the same. */
function nameFindings(flag: CheckedFlag, file: string, versions: readonly VitessMajor[]): Finding[] {
  const groups = new Map<string, VitessMajor[]>();
  for (const version of versions) {
    const { status, why } = flag.verdicts[version];
    if (status === 'taken') continue;
    const key = `${status} ${why ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), version]);
  }
  return [...groups.values()].map((same): Finding => {
    const { status, why } = flag.verdicts[same[0] ?? '24'];
    return {
      code: `flags.${status}`,
      level: stops.has(status) ? 'error' : status === 'old-spelling' ? 'info' : 'warning',
      file,
      line: flag.line,
      column: 1,
      message: `${flag.written ?? 'a flag whose name is not repeated here'} is ${words[status]} in ${same.join(', ')}: ${why ?? ''}.`,
      remedy: remedy(flag, same),
    };
  });
}

/** The right name, and for which release where they differ. */
function remedy(flag: CheckedFlag, versions: readonly VitessMajor[]): string {
  const names = new Map<string, VitessMajor[]>();
  for (const version of versions) {
    const { write } = flag.verdicts[version];
    if (write !== null) names.set(write, [...(names.get(write) ?? []), version]);
  }
  if (names.size === 0) return 'Leave it out, or look it up.';
  if (names.size === 1) return `Write ${[...names.keys()].join('')}.`;
  return `Write ${[...names].map(([name, of]) => `${name} in ${of.join(', ')}`).join('; ')}.`;
}

const words: Readonly<Record<CheckedFlag['verdicts']['24']['status'], string>> = {
  taken: 'taken',
  'old-spelling': 'taken in its old spelling',
  deprecated: 'deprecated',
  ignored: 'ignored',
  unknown: 'unknown',
  'other-program': 'no flag of this program',
  'single-dash': 'not read as a flag',
};
