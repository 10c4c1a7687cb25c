import type { Command } from 'commander';
import {
  errorCatalogue,
  errorStageWord,
  explainError,
  MOST_ERROR_CHARACTERS,
  type ExplainedError,
} from '../domain/errors';
import { CommandExit, exitCode } from './exit';
import { printable } from './printable';
import { jsonOption } from './shared-options';
import type { Terminal } from './terminal';

/** `gatehouse explain [TEXT|-]`: what an error text means, from whichever program it is. Ends with 1 when it is not known. */
export function addExplain(program: Command, terminal: Terminal): void {
  program
    .command('explain')
    .description('say what an error text means: where it arose, why, and what helps')
    .argument('[text]', 'the text in quotes; - or nothing reads standard input')
    .option('--list', 'list every text that is known')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The text may come from vtgate, vttablet, Go, OpenSSL, MySQL and its clients. Passwords, tokens and private keys in it are
masked before anything else. A text on the command line can be read by others on this machine: pipe what may hold a secret.

  mysql … 2>&1 | gatehouse explain -`,
    )
    .action(async (text: string | undefined, flags: { readonly json?: boolean; readonly list?: boolean }) => {
      if (flags.list === true) {
        if (text !== undefined) throw new CommandExit(exitCode.usage, 'a text or --list, not both.');
        list(terminal, flags.json === true);
        return;
      }
      const input = text === undefined || text === '-' ? await read(terminal) : text;
      if (input.trim() === '') throw new CommandExit(exitCode.usage, 'there is no text to explain.');
      const explained = explainError(input);
      if (flags.json === true) terminal.json({ schema: 1, ...withWords(explained) }, 2);
      else print(explained, terminal);
      if (explained.known.length === 0) throw new CommandExit(exitCode.differs, '');
    });
}

/** Bytes of standard input that are kept at its beginning and at its end. */
const KEPT_BYTES = MOST_ERROR_CHARACTERS * 4;
/** A stream that does not end is left there. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Standard input; of a long one beginning and end, which is what is read of a text. */
async function read(terminal: Terminal): Promise<string> {
  if (process.stdin.isTTY) terminal.note('Paste the text and end it with Ctrl-D.');
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let [size, headSize, tailSize] = [0, 0, 0];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (headSize < KEPT_BYTES) {
      head.push(chunk);
      headSize += chunk.length;
      continue;
    }
    tail.push(chunk);
    tailSize += chunk.length;
    while (tailSize - tail[0]!.length >= KEPT_BYTES) tailSize -= tail.shift()!.length;
    if (size > MOST_BYTES) break;
  }
  return Buffer.concat([...head, ...tail]).toString('utf8');
}

const withWords = (explained: ExplainedError) => ({
  ...explained,
  known: explained.known.map((one) => ({
    ...one,
    stageWord: errorStageWord(one.stage),
    cause: one.cause.map((piece) => piece.text).join(''),
  })),
});

function list(terminal: Terminal, json: boolean): void {
  if (json)
    terminal.json(
      {
        schema: 1,
        entries: errorCatalogue.map(({ id, by, source, stage, texts, title }) => ({
          id,
          by,
          source,
          stage,
          texts,
          title,
        })),
      },
      2,
    );
  else for (const { by, texts } of errorCatalogue) for (const text of texts) terminal.line(`${by}: ${text}`);
}

function print(explained: ExplainedError, terminal: Terminal): void {
  const { colors } = terminal;
  const [main, ...more] = explained.known;
  if (main === undefined) terminal.line(colors.bold('This text is not known.'));
  else {
    terminal.line(colors.bold(printable(main.title)));
    terminal.line(`  Where    ${errorStageWord(main.stage)}`);
    terminal.line(`  Says     ${main.by} (${main.source})`);
    terminal.line(`  Why      ${printable(main.cause.map((piece) => piece.text).join(''))}`);
    main.remedies.forEach((remedy, index) =>
      terminal.line(`  ${index === 0 ? 'Helps   ' : '        '} ${printable(remedy)}`),
    );
  }
  for (const fact of explained.facts) terminal.line(`  Besides  ${printable(fact)}`);
  if (explained.layers.length > 0) {
    terminal.line();
    terminal.line('Taken apart, from the outside in:');
    for (const { by, text, tells } of explained.layers)
      terminal.line(`  ${by}: ${printable(text)}${tells === '' ? '' : ` (${printable(tells)})`}`);
    if (explained.core !== '') terminal.line(`  left: ${printable(explained.core)}`);
  }
  for (const one of more)
    terminal.line(
      `Also in it: ${printable(one.title)} (${one.by}: ${printable(one.cause.map((piece) => piece.text).join(''))})`,
    );
  if (explained.secretsMasked > 0)
    terminal.note(
      `${explained.secretsMasked === 1 ? 'A secret was' : `${explained.secretsMasked} secrets were`} taken out of the text.`,
    );
  if (explained.shortened)
    terminal.note(`The text is long: its first and last ${MOST_ERROR_CHARACTERS / 2} characters were read.`);
}
