import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { composePorts } from '../compose';
import { attackGroups, holds, scoreAttacks, type AttackGroup, type PerformedAttack } from '../domain/attacks';
import { GatehouseError } from '../domain/kernel';
import { SecretStore } from '../servers/store';
import { attackedEntry } from '../services/attack/audit-entry';
import { planAttacks } from '../services/attack/families';
import { openGround } from '../services/attack/ground';
import { attackJunit } from '../services/attack/junit';
import { performAttacks } from '../services/attack/lab';
import type { PlannedAttack } from '../services/attack/planned';
import { attackDocument, type AttackReport } from '../services/attack/report';
import { unmatchedAttacks } from '../services/attack/unmatched';
import { recordAudit } from '../services/audit';
import { requireSound } from '../services/workspace/load-workspace';
import { printAttack, printAttacks, printPlan } from './attack-table';
import { secretFrom } from './certs-shared';
import { CommandExit, exitCode } from './exit';
import { printFindings } from './findings';
import { interruptSignal } from './interrupt';
import { LiveLine } from './live-line';
import { Progress } from './progress';
import {
  fidelityOption,
  jsonOption,
  mysqldOption,
  passphraseOption,
  unlockerFrom,
  vitessOption,
} from './shared-options';
import { requireWritable } from './report-files';
import { printable } from './printable';
import type { Terminal } from './terminal';
import { overridesOf, requireWorkspace, type RunFlags } from './up';

interface AttackFlags extends RunFlags {
  readonly list?: boolean;
  readonly group?: readonly AttackGroup[];
  readonly only?: string;
  readonly junit?: string;
  readonly traces?: boolean;
  readonly keysFd?: number;
  readonly all?: boolean;
}

/** `gatehouse attack DIR`. */
export function addAttack(program: Command, terminal: Terminal): void {
  program
    .command('attack')
    .description('rehearse faults and attacks on a private copy of a workspace, and show what stops each of them')
    .argument('<dir>', 'workspace')
    .option('--list', 'show what would be tried, and try nothing')
    .addOption(new Option('--group <group...>', 'only these groups').choices([...attackGroups]))
    .option('--only <text>', 'only attacks whose id contains this text')
    .option('--all', 'show every attack, not only what got through')
    .addOption(jsonOption())
    .option('--traces', 'with --json: the connection of each attack hop by hop')
    .option('--junit <file>', 'also write a JUnit report')
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .addOption(mysqldOption())
    .addOption(passphraseOption())
    .addOption(
      new Option('--keys-fd <n>', 'read the passphrase of encrypted private keys from this file descriptor').argParser(
        Number,
      ),
    )
    .addHelpText(
      'after',
      '\nNothing of the workspace is changed, and MySQL servers that others run are never touched.\nExit code 0: everything that was tried was stopped or is accepted in tests/attacks.json; 1: something got through, or could not be decided.',
    )
    .action(async (dir: string, flags: AttackFlags) => {
      const workspace = await requireWorkspace(dir, flags, terminal);
      printFindings(
        workspace.findings.filter((finding) => finding.level === 'error'),
        terminal,
        'stderr',
      );
      requireSound(workspace);
      if (flags.junit !== undefined) await requireWritable({ junit: flags.junit });
      const unlocker = unlockerFrom(flags.passphraseFd);
      const opened = await SecretStore.open(workspace.paths.secrets, unlocker);
      if (!opened.ok) throw new GatehouseError(opened.failure);
      const all = planAttacks({
        workspace,
        now: new Date(),
        hasSecret: (name) => opened.value.get(name) !== undefined,
      });
      const planned = choose(all, flags);
      for (const { file, line, message, remedy } of unmatchedAttacks(workspace, all))
        terminal.note(`${file}:${line}: warning: ${printable(message)}. ${remedy}`);
      const quiet = flags.json === true;
      if (flags.list === true) {
        const cards = planned.map(({ card }) => card);
        if (quiet) terminal.json({ schema: 1, attacks: cards });
        else printPlan(cards, terminal);
        return;
      }
      const progress = new Progress(terminal, quiet);
      const interrupt = interruptSignal(terminal, flags.json);
      const begun = performance.now();
      const keys = secretFrom(flags.keysFd);
      let performed: readonly PerformedAttack[];
      try {
        const ground = await openGround({
          ...{ dir, ports: composePorts(), unlocker, signal: interrupt.signal, overrides: overridesOf(flags) },
          ...(flags.mysqld === undefined ? {} : { mysqld: flags.mysqld }),
          ...(keys === undefined ? {} : { passphrase: keys }),
          onStep: ({ text, detail }) => progress.step(text, detail),
        });
        try {
          const live = new LiveLine(terminal, planned.length, quiet, { what: 'attacks', off: 'got through' });
          performed = await performAttacks(ground, planned, {
            signal: interrupt.signal,
            onResult: ({ card, result }) => live.cell(card.scored && result.outcome === 'got-through'),
          }).finally(() => live.end());
          const tried = performed.filter(({ result }) => result.outcome !== 'not-here').length;
          progress.step(`${tried} attacks performed`, `${performed.length - tried} have no place here`);
        } finally {
          await ground.close();
        }
      } finally {
        interrupt.release();
        endSoon();
      }
      const accepted = workspace.acceptedAttacks;
      const score = scoreAttacks(performed, accepted);
      await recordAudit(
        dir,
        attackedEntry(score, {
          ...{ fidelity: flags.fidelity ?? null, vitess: flags.vitess ?? null },
          ...{ groups: [...(flags.group ?? [])], only: flags.only ?? null },
        }),
      );
      const report: AttackReport = {
        ...{ workspace: workspace.topology.name, at: new Date().toISOString(), performed, accepted, score },
        milliseconds: performance.now() - begun,
      };
      if (flags.junit !== undefined) await writeFile(flags.junit, attackJunit(report));
      if (quiet) terminal.json(attackDocument(report, flags.traces === true));
      else if (planned.length === 1 && performed[0] !== undefined) printAttack(performed[0], accepted, terminal);
      else printAttacks(report, terminal, flags.all === true);
      const demonstrations = performed.every(({ card, result }) => !card.scored && result.outcome !== 'not-here');
      if (!holds(score) && !demonstrations) throw new CommandExit(exitCode.differs);
    });
}

/** Milliseconds after which a command that has said everything ends, whatever an attack has left waiting. */
const LINGER_MS = 3_000;

function endSoon(): void {
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** The attacks asked for. Ends with exit code 2 when there are none. */
function choose(planned: readonly PlannedAttack[], { group, only }: AttackFlags): readonly PlannedAttack[] {
  const chosen = planned.filter(
    ({ card }) => (group?.includes(card.group) ?? true) && (only === undefined || card.id.includes(only)),
  );
  if (chosen.length === 0) throw new CommandExit(exitCode.usage, 'no attack is like that; --list shows them all.');
  return chosen;
}
