import { Option, type Command } from 'commander';
import { GatehouseError, systemClock } from '../domain/kernel';
import { initWorkspace, sampleNames, type SampleName } from '../services/workspace/init-workspace';
import { printFindings } from './findings';
import { jsonOption, passphraseOption, resourceFolder, unlockerFrom } from './shared-options';
import type { Terminal } from './terminal';

interface InitFlags {
  readonly from: SampleName;
  readonly json?: boolean;
  readonly passphraseFd?: number;
}

/** `gatehouse init DIR --from SAMPLE`. */
export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('make a workspace: certificates, users, table ACL, tests')
    .argument('<dir>', 'folder of the workspace; must be empty or absent')
    .addOption(new Option('--from <sample>', 'what to start from').choices([...sampleNames]).default('shop'))
    .addOption(jsonOption())
    .addOption(passphraseOption())
    .action(async (dir: string, flags: InitFlags) => {
      const made = await initWorkspace({
        dir,
        sample: flags.from,
        samples: `${resourceFolder()}/samples`,
        clock: systemClock,
        unlocker: unlockerFrom(flags.passphraseFd),
      });
      if (!made.ok) {
        printFindings(made.failure.findings ?? [], terminal, 'stderr');
        throw new GatehouseError(made.failure);
      }
      if (flags.json === true) {
        terminal.json({ schema: 1, ...made.value });
        return;
      }
      terminal.line(`Made ${dir} from the sample "${flags.from}": ${made.value.files.length} files.`);
      for (const file of made.value.files) terminal.line(terminal.colors.dim(`  ${file}`));
      terminal.line(`Next: gatehouse verify ${dir}, or gatehouse up ${dir}.`);
    });
}
