import { Option, type Command } from 'commander';
import { defaultFidelity, type Fidelity } from '../domain/fidelity/fidelity';
import { vitessMajors, vitessPrograms, type VitessMajor, type VitessProgram } from '../domain/flags';
import { GatehouseError, type Finding } from '../domain/kernel';
import { unmatchedAttacksOf } from '../services/attack/unmatched';
import { checkAclFile, checkQueryRulesFile, checkUsersFile, type FileCheck } from '../services/check/check-files';
import { privateFileFindings } from '../services/check/private-files';
import { missingSecretFindings, weakPasswordFindings } from '../services/check/secret-findings';
import { trackedSecrets } from '../services/check/tracked-secrets';
import { loadWorkspace } from '../services/workspace/load-workspace';
import { checkFlagsCommand } from './check-flags';
import { CommandExit, exitCode } from './exit';
import { countFindings, printFindings } from './findings';
import { fidelityOption, jsonOption } from './shared-options';
import type { Terminal } from './terminal';

interface CheckFlags {
  readonly users?: string;
  readonly acl?: string;
  readonly queryRules?: string;
  readonly flags?: string;
  readonly component?: VitessProgram;
  readonly json?: boolean;
  readonly fidelity?: Fidelity['mode'];
  readonly vitess?: Fidelity['version'] | VitessMajor;
}

const emulated = ['24.0.4', '24.0-recorded'] as const;
const isMajor = (version: string): version is VitessMajor => (vitessMajors as readonly string[]).includes(version);

/** `gatehouse check DIR`, `check --users FILE`, `check --acl FILE`, `check --query-rules FILE`, `check --flags FILE|-`. */
export function addCheck(program: Command, terminal: Terminal): void {
  program
    .command('check')
    .description('find every fault of a workspace, of a users file, of a table ACL or of query rules')
    .argument('[dir]', 'workspace')
    .option('--users <file>', 'check a static users file as vtgate reads it')
    .option('--acl <file>', 'check a table ACL file as vttablet reads it')
    .option('--query-rules <file>', 'check a file of query rules as vttablet reads it')
    .option('--flags <file>', 'check the flags of a running vtgate, vttablet or vtctld; - is standard input')
    .addOption(
      new Option('--component <program>', 'whose flags they are, where the text does not say').choices(vitessPrograms),
    )
    .addOption(jsonOption())
    .addOption(fidelityOption())
    .addOption(
      new Option('--vitess <version>', 'Vitess release to emulate; with --flags the one to check against').choices([
        ...emulated,
        ...vitessMajors,
      ]),
    )
    .action(async (dir: string | undefined, flags: CheckFlags) => {
      if (flags.flags !== undefined) {
        if (dir !== undefined || flags.users !== undefined || flags.acl !== undefined || flags.queryRules !== undefined)
          throw new CommandExit(
            exitCode.usage,
            'check --flags by itself, and the workspace or the files with another call.',
          );
        if (flags.vitess !== undefined && !isMajor(flags.vitess))
          throw new CommandExit(exitCode.usage, `--flags is checked against ${vitessMajors.join(', ')}.`);
        return checkFlagsCommand(
          {
            flags: flags.flags,
            ...(flags.component === undefined ? {} : { component: flags.component }),
            version: flags.vitess ?? null,
            json: flags.json === true,
          },
          terminal,
        );
      }
      if (flags.vitess !== undefined && isMajor(flags.vitess))
        throw new CommandExit(
          exitCode.usage,
          `the version ${flags.vitess} goes with --flags; files are read as ${emulated.join(' or ')}.`,
        );
      const fidelity: Fidelity = {
        mode: flags.fidelity ?? defaultFidelity.mode,
        version: flags.vitess ?? defaultFidelity.version,
      };
      const { vitess } = flags;
      if (dir === undefined && flags.users === undefined && flags.acl === undefined && flags.queryRules === undefined)
        throw new CommandExit(
          exitCode.usage,
          'name a workspace, or a file with --users, --acl, --query-rules or --flags.',
        );

      const findings: Finding[] = [];
      const files: FileCheck[] = [];
      for (const [file, check] of [
        [flags.users, checkUsersFile],
        [flags.acl, checkAclFile],
        [flags.queryRules, checkQueryRulesFile],
      ] as const) {
        if (file === undefined) continue;
        const checked = await check(file, fidelity);
        if (!checked.ok) throw new GatehouseError(checked.failure);
        files.push(checked.value);
        findings.push(...checked.value.findings);
      }
      if (dir !== undefined) {
        const loaded = await loadWorkspace(dir, {
          ...(flags.fidelity === undefined ? {} : { fidelity: flags.fidelity }),
          ...(vitess === undefined ? {} : { vitess }),
        });
        if (loaded.ok)
          findings.push(
            ...loaded.value.findings,
            ...(await weakPasswordFindings(loaded.value)),
            ...(await missingSecretFindings(loaded.value)),
            ...(await privateFileFindings(loaded.value)),
            ...unmatchedAttacksOf(loaded.value),
            ...(await trackedSecrets(dir)),
          );
        else if (loaded.failure.findings === undefined) throw new GatehouseError(loaded.failure);
        else findings.push(...loaded.failure.findings);
      }

      const errors = findings.filter((finding) => finding.level === 'error').length;
      if (flags.json === true)
        terminal.json({
          schema: 1,
          findings,
          ...(files.length === 0
            ? {}
            : {
                vitess: Object.fromEntries(files.map((file) => [file.vitess.program, file.vitess])),
              }),
        });
      else {
        printFindings(findings, terminal);
        for (const { vitess, file } of files)
          terminal.line(
            vitess.accepted
              ? `${vitess.program} would start with ${file}${vitess.message === null ? '.' : ` and say: ${vitess.message}`}`
              : vitess.startsWithout === true
                ? `${vitess.program} would start without any rule of ${file}: ${vitess.message ?? 'without a word'}`
                : `${vitess.program} would refuse ${file}: ${vitess.message ?? 'without a word'}`,
          );
        terminal.line(`${countFindings(findings)}.`);
      }
      if (errors > 0 || files.some((file) => !file.vitess.accepted)) throw new CommandExit(exitCode.findings);
    });
}
