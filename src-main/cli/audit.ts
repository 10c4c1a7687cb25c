import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { isHash, verifyAudit, type AuditRecord, type AuditVerdict } from '../domain/audit';
import { readAuditFile } from '../servers/store';
import { CommandExit, exitCode } from './exit';
import { printable } from './printable';
import { jsonOption } from './shared-options';
import type { Terminal } from './terminal';

const head = (value: string): string => {
  const hash = value.toLowerCase();
  if (!isHash(hash)) throw new InvalidArgumentError('a hash: 64 hexadecimal digits');
  return hash;
};

/** What no chain can say of itself; said with every verdict that rests on the chain alone. */
const limit =
  'A log that was cut at its end, or written anew as a whole, looks intact by itself: note the head elsewhere and give it with --head.';

/** `gatehouse audit …`: what was done to a workspace, and whether its log still says so. */
export function addAudit(program: Command, terminal: Terminal): void {
  const audit = program
    .command('audit')
    .description('what was changed and applied in a workspace, and whether its log is intact');

  audit
    .command('verify')
    .description('judge the audit log of a workspace: exit 0 intact, 1 broken or absent')
    .argument('<dir>', 'workspace')
    .option('--head <hash>', 'head that was printed earlier: the record must still be there', head)
    .addOption(jsonOption())
    .action(async (dir: string, flags: { head?: string; json?: boolean }) => {
      const verdict = verifyAudit(await read(dir), flags.head ?? null);
      if (flags.json === true) terminal.json(document(verdict, flags.head));
      else printVerdict(verdict, flags.head, terminal);
      if (!verdict.intact) throw new CommandExit(exitCode.differs);
    });

  audit
    .command('show')
    .description('the records of the audit log of a workspace, oldest first')
    .argument('<dir>', 'workspace')
    .addOption(jsonOption())
    .action(async (dir: string, flags: { json?: boolean }) => {
      const verdict = verifyAudit(await read(dir));
      if (flags.json === true)
        terminal.json({ ...document(verdict), log: verdict.records.map(({ line, record }) => ({ line, ...record })) });
      else {
        for (const { record } of verdict.records) for (const line of recordLines(record)) terminal.line(line);
        if (verdict.records.length === 0) terminal.line('The audit log holds no record.');
      }
      if (!verdict.intact && verdict.faults[0]?.kind !== 'absent')
        terminal.note(
          `gatehouse: the log is broken: ${verdict.faults[0]?.message ?? ''} "gatehouse audit verify" tells all.`,
        );
    });
}

async function read(dir: string): Promise<Buffer | null> {
  if (!existsSync(join(dir, 'gatehouse.json')) && !existsSync(join(dir, '.gatehouse')))
    throw new CommandExit(exitCode.usage, `${dir} is no workspace: it has no gatehouse.json.`);
  return readAuditFile(dir);
}

/** The document of `audit verify --json` (docs/cli.md). */
function document({ intact, records, head, faults, notes, knownHead }: AuditVerdict, given?: string) {
  return {
    schema: 1,
    intact,
    records: records.length,
    head: intact ? head : null,
    ...(given === undefined ? {} : { knownHead: { hash: given, line: knownHead } }),
    faults,
    notes,
  };
}

function printVerdict(
  { intact, records, head, faults, notes, knownHead }: AuditVerdict,
  given: string | undefined,
  terminal: Terminal,
): void {
  for (const { line, message } of notes) terminal.line(`note: line ${line}: ${message}`);
  if (!intact) {
    for (const { kind, message } of faults) terminal.line(`${kind}: ${message}`);
    terminal.line('Broken: the log does not prove what was done.');
    return;
  }
  const count = records.length === 1 ? 'one record' : `${records.length} records`;
  terminal.line(`Intact: ${count}, ${records[0]?.record.at ?? ''} to ${records.at(-1)?.record.at ?? ''}.`);
  terminal.line(`Head: ${head ?? 'none'}`);
  if (given !== undefined && knownHead !== null) {
    const since = records.filter(({ line }) => line > knownHead).length;
    terminal.line(
      since === 0
        ? 'It is the head that was given: nothing was recorded since.'
        : `The head that was given is line ${knownHead}; ${since === 1 ? 'one record' : `${since} records`} came since.`,
    );
  } else terminal.line(limit);
}

const MOST_DETAILS = 12;

/** One record for people: a line, and below it the changes it tells of. */
function recordLines({ seq, at, who, program, what, summary, facts }: AuditRecord): string[] {
  const changes = Array.isArray(facts['changes']) ? (facts['changes'] as readonly unknown[]) : [];
  const told = changes.filter((item) => typeof item === 'string' && item !== summary);
  return [
    `${String(seq).padStart(4)}  ${at}  ${printable(who)}  ${printable(program)}  ${printable(what)}  ${printable(summary)}`,
    ...told.slice(0, MOST_DETAILS).map((text) => `        ${printable(String(text))}`),
    ...(told.length > MOST_DETAILS ? [`        … and ${told.length - MOST_DETAILS} more (--json has them all)`] : []),
  ];
}
