import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { Fidelity } from '../domain/fidelity/fidelity';
import { GatehouseError } from '../domain/kernel';
import { DecideService, type DecideQuestion } from '../services/decide/decide-service';
import { loadWorkspace } from '../services/workspace/load-workspace';
import { CommandExit, exitCode } from './exit';
import { fidelityOption, vitessOption } from './shared-options';
import type { Terminal } from './terminal';

interface DecideFlags {
  readonly batch?: string;
  readonly user?: string;
  readonly certificate?: string;
  readonly claimed?: string;
  readonly immediate?: string;
  readonly group?: readonly string[];
  readonly fidelity?: Fidelity['mode'];
  readonly vitess?: Fidelity['version'];
}

/** `gatehouse decide DIR --batch FILE|-`, or one question on the command line. */
export function addDecide(program: Command, terminal: Terminal): void {
  program
    .command('decide')
    .description('say what the table ACL would decide, from the files alone')
    .argument('<dir>', 'workspace')
    .argument('[sql]', 'one statement')
    .option('--batch <file>', 'NDJSON questions {"id","caller","sql"}; - reads standard input')
    .option('--user <name>', 'caller: a user of the users file')
    .option('--certificate <file>', 'caller: a certificate of the workspace')
    .option('--claimed <principal>', 'caller: a claimed name')
    .option('--immediate <name>', 'caller: an immediate caller ID')
    .option('--group <name...>', 'groups of a claimed or immediate caller')
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .action(async (dir: string, sql: string | undefined, flags: DecideFlags) => {
      const loaded = await loadWorkspace(dir, {
        ...(flags.fidelity === undefined ? {} : { fidelity: flags.fidelity }),
        ...(flags.vitess === undefined ? {} : { vitess: flags.vitess }),
      });
      if (!loaded.ok) throw new GatehouseError(loaded.failure);
      const service = new DecideService(loaded.value, new Date());
      if (flags.batch === undefined) {
        if (sql === undefined) throw new CommandExit(exitCode.usage, 'name a statement, or a file with --batch.');
        const { user, certificate, claimed, immediate } = flags;
        const caller = {
          ...(user === undefined ? {} : { user }),
          ...(certificate === undefined ? {} : { certificate }),
          ...(claimed === undefined ? {} : { claimed }),
          ...(immediate === undefined ? {} : { immediate }),
          ...(flags.group === undefined ? {} : { groups: flags.group }),
        };
        terminal.json({ schema: 1, ...service.decide({ id: null, caller, sql }) }, 2);
        return;
      }
      const input = flags.batch === '-' ? process.stdin : createReadStream(flags.batch);
      await new Promise<void>((resolve, reject) => {
        input.on('error', reject);
        const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
        let number = 0;
        lines.on('line', (line) => {
          number += 1;
          if (line.trim() !== '') terminal.json(service.decide(readQuestion(line, number)));
        });
        lines.on('close', resolve);
      });
    });
}

const invalidQuestion = (id: DecideQuestion['id']): DecideQuestion => ({ id, caller: {}, sql: '' });

/** One line of a batch; what is no question becomes one that is answered with its fault. */
function readQuestion(line: string, number: number): DecideQuestion {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return invalidQuestion(`line ${number}`);
  }
  if (typeof value !== 'object' || value === null) return invalidQuestion(`line ${number}`);
  const { id, caller, sql } = value as { id?: unknown; caller?: unknown; sql?: unknown };
  const known = typeof id === 'string' || typeof id === 'number' ? id : `line ${number}`;
  if (typeof sql !== 'string' || typeof caller !== 'object' || caller === null) return invalidQuestion(known);
  const fields = caller as Record<string, unknown>;
  const sound = ['user', 'certificate', 'claimed', 'immediate'].every(
    (key) => fields[key] === undefined || typeof fields[key] === 'string',
  );
  const groups = fields['groups'];
  if (
    !sound ||
    (groups !== undefined && !(Array.isArray(groups) && groups.every((group) => typeof group === 'string')))
  )
    return invalidQuestion(known);
  return { id: known, caller: fields as DecideQuestion['caller'], sql };
}
