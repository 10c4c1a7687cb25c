import { Command, CommanderError } from 'commander';
import { CommandExit, exitCode, exitCodeFor } from './cli/exit';
import { Terminal } from './cli/terminal';
import { addAudit } from './cli/audit';
import { CommandTrail } from './cli/audit-trail';
import { addAttack } from './cli/attack';
import { addBench } from './cli/bench';
import { addCerts } from './cli/certs';
import { addCheck } from './cli/check';
import { addCompletion } from './cli/completion';
import { addDecide } from './cli/decide';
import { addDemo } from './cli/demo';
import { addExplain } from './cli/explain';
import { addExport } from './cli/export';
import { addInit } from './cli/init';
import { addQuery } from './cli/query';
import { addServe } from './cli/serve';
import { addUp } from './cli/up';
import { addVerify } from './cli/verify';
import { GatehouseError } from './domain/kernel';
import { interruptByReader, wasInterrupted } from './cli/interrupt';
import { programVersion } from './cli/version';

/** Builds the whole command line; `terminal` is where it writes. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('gatehouse')
    .description('Set up, see and prove the security of a Vitess cluster on this machine.')
    .version(programVersion)
    .showHelpAfterError('(--help lists the commands and options)')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride();
  for (const add of [
    addDemo,
    addServe,
    addInit,
    addUp,
    addVerify,
    addCheck,
    addAttack,
    addDecide,
    addQuery,
    addExplain,
    addCerts,
    addExport,
    addAudit,
    addBench,
  ])
    add(program, terminal);
  addCompletion(program, terminal);
  program.addHelpText(
    'after',
    '\nExit codes: 0 as expected, 1 something differs from its expectation, 2 usage, 3 environment, 4 findings of level error, 130 interrupted.',
  );
  return program;
}

/** What the system says about files that a user named, in words; what is not here is the environment's. */
const systemErrors: Readonly<Record<string, { readonly words: string; readonly code: number }>> = {
  ENOENT: { words: 'is not there', code: exitCode.usage },
  EEXIST: { words: 'is there already; it is not overwritten', code: exitCode.usage },
  EISDIR: { words: 'is a folder, not a file', code: exitCode.usage },
  ENOTDIR: { words: 'lies below something that is no folder', code: exitCode.usage },
  ENAMETOOLONG: { words: 'is too long a name for this system', code: exitCode.usage },
  EBADF: { words: 'is not open', code: exitCode.usage },
  EACCES: { words: 'may not be used by this user', code: exitCode.environment },
  EPERM: { words: 'may not be used by this user', code: exitCode.environment },
  EROFS: { words: 'is on a file system that cannot be written', code: exitCode.environment },
  ENOSPC: { words: 'does not fit: the disk is full', code: exitCode.environment },
};

/** Runs the command line and sets the exit code; a user's mistake never shows a stack trace. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = new Terminal();
  // A reader that went away (`| head`) ends the command quietly; what runs a cluster stops it first.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' || interruptByReader()) return;
      // What the command itself made of its work is known by then.
      setImmediate(() => process.exit(process.exitCode ?? exitCode.asExpected));
    });
  process.exitCode = await run(argv, terminal);
}

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = buildProgram(terminal);
  const trail = new CommandTrail(program, terminal);
  try {
    await program.parseAsync([...argv]).finally(() => trail.end());
    return exitCode.asExpected;
  } catch (error) {
    if (wasInterrupted() === 'by-reader') return exitCode.unread;
    if (error instanceof CommandExit) {
      if (error.message !== '') terminal.note(`gatehouse: ${error.message}`);
      return error.code;
    }
    if (wasInterrupted() !== null) {
      terminal.note('Interrupted.');
      return exitCode.interrupted;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.asExpected : exitCode.usage;
    if (error instanceof GatehouseError) {
      terminal.note(`gatehouse: ${error.failure.summary}`);
      if (error.failure.detail !== undefined && process.env['GATEHOUSE_DEBUG'] !== undefined)
        terminal.note(error.failure.detail);
      return exitCodeFor(error.failure);
    }
    const known = error as NodeJS.ErrnoException;
    if (typeof known.code === 'string' && /^E[A-Z]+$/.test(known.code)) {
      const { words, code } = systemErrors[known.code] ?? {
        words: `cannot be used (${known.syscall ?? 'call'}: ${known.code})`,
        code: exitCode.environment,
      };
      terminal.note(`gatehouse: ${known.path ?? `the system's answer (${known.syscall ?? 'call'})`}: ${words}.`);
      return code;
    }
    terminal.note(`gatehouse: an error of Gatehouse itself: ${known.message ?? String(error)}`);
    terminal.note('Set GATEHOUSE_DEBUG=1 to see where, and report it.');
    if (process.env['GATEHOUSE_DEBUG'] !== undefined) terminal.note(known.stack ?? '');
    return exitCode.environment;
  }
}
