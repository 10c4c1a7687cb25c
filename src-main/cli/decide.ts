import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Command } from 'commander';
import type { Fidelity } from '../domain/fidelity/fidelity';
import { DecideService, type DecideAnswer } from '../services/decide/decide-service';
import { readQuestion } from '../services/decide/read-question';
import { loadWorkspace, requireSound } from '../services/workspace/load-workspace';
import { pkiPath } from './certs-shared';
import { CommandExit, exitCode } from './exit';
import { fidelityOption, jsonOption, vitessOption } from './shared-options';
import { columns } from './table';
import type { Terminal } from './terminal';
import { failLoading } from './up';

interface DecideFlags {
  readonly json?: boolean;
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
    .addOption(jsonOption())
    .addOption(fidelityOption())
    .addOption(vitessOption())
    .action(async (dir: string, sql: string | undefined, flags: DecideFlags) => {
      const loaded = await loadWorkspace(dir, {
        ...(flags.fidelity === undefined ? {} : { fidelity: flags.fidelity }),
        ...(flags.vitess === undefined ? {} : { vitess: flags.vitess }),
      });
      if (!loaded.ok) failLoading(loaded.failure, terminal);
      // A file at fault is left out when it is read; deciding without it would be guessing.
      const service = new DecideService(requireSound(loaded.value), new Date());
      if (flags.batch === undefined) {
        if (sql === undefined) throw new CommandExit(exitCode.usage, 'name a statement, or a file with --batch.');
        const { user, certificate, claimed, immediate } = flags;
        const named = [user, certificate, claimed, immediate].filter((name) => name !== undefined).length;
        if (named !== 1)
          throw new CommandExit(
            exitCode.usage,
            `${named === 0 ? 'name a caller' : 'name one caller only'}: --user, --certificate, --claimed or --immediate.`,
          );
        const caller = {
          ...(user === undefined ? {} : { user }),
          ...(certificate === undefined ? {} : { certificate: pkiPath(dir, certificate) }),
          ...(claimed === undefined ? {} : { claimed }),
          ...(immediate === undefined ? {} : { immediate }),
          ...(flags.group === undefined ? {} : { groups: flags.group }),
        };
        const answer = service.decide({ id: null, caller, sql });
        if (flags.json === true) terminal.json({ schema: 1, ...answer }, 2);
        else printAnswer(answer, terminal);
        return;
      }
      if (sql !== undefined)
        throw new CommandExit(exitCode.usage, 'name a statement or a file with --batch, not both.');
      const input = flags.batch === '-' ? process.stdin : createReadStream(flags.batch);
      let number = 0;
      for await (const line of linesOf(input)) {
        number += 1;
        if (line.trim() === '') continue;
        const read = readQuestion(line, number);
        await terminal.jsonFlushed(
          'question' in read ? service.decide(read.question) : DecideService.invalid(read.id, read.reason),
        );
      }
    });
}

/** The verdict, why, and each table with the role it takes and the place in the file that grants or denies it. */
function printAnswer(answer: DecideAnswer, terminal: Terminal): void {
  const { colors } = terminal;
  const verdict = answer.verdict === 'allow' ? colors.green('allow') : colors.red(answer.verdict);
  const enforcement = answer.enforcement === 'enforced' ? '' : `, ${answer.enforcement}`;
  const wouldBe = answer.wouldBe === undefined ? '' : `, would be ${answer.wouldBe}`;
  terminal.line(
    `${verdict}${answer.stoppedAt === undefined ? '' : ` at ${answer.stoppedAt}`}${enforcement}${wouldBe}: ${answer.reason}`,
  );
  for (const line of columns(
    answer.tables.map((table) => [
      table.granted ? '+' : '-',
      table.table,
      table.role,
      table.group === '' ? 'no group' : `group ${table.group}`,
      table.entry === null ? '' : `entry ${table.entry}`,
      table.file === null ? '' : table.line === null ? table.file : `${table.file}:${table.line}`,
    ]),
  ))
    terminal.line(`  ${line}`);
}

/** Lines as NDJSON has them: only a line feed ends one (JSON may hold U+2028, which node:readline splits at). */
async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
