import { Argument, type Command } from 'commander';
import type { Terminal } from './terminal';

interface CommandWords {
  readonly name: string;
  readonly words: readonly string[];
}

/** Every command with the words that may follow it. */
function wordsOf(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    words: [
      ...command.commands.map((inner) => inner.name()),
      ...command.options.map((option) => option.long ?? '').filter((word) => word !== ''),
      '--help',
    ],
  }));
}

const bash = (commands: readonly CommandWords[]): string => `_gatehouse() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${commands.map((command) => command.name).join(' ')} --help --version" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
${commands.map(({ name, words }) => `    ${name}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word"));;`).join('\n')}
  esac
  [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _gatehouse gatehouse
`;

const zsh = (commands: readonly CommandWords[]): string => `#compdef gatehouse
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;

const fish = (commands: readonly CommandWords[]): string =>
  [
    `complete -c gatehouse -n __fish_use_subcommand -a '${commands.map((command) => command.name).join(' ')}' -f`,
    ...commands.flatMap(({ name, words }) =>
      words.map(
        (word) =>
          `complete -c gatehouse -n '__fish_seen_subcommand_from ${name}' ${word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`}`,
      ),
    ),
    '',
  ].join('\n');

/** `gatehouse completion SHELL`: a script to be sourced. */
export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('print a completion script: gatehouse completion bash >> ~/.bashrc')
    .addArgument(new Argument('<shell>', 'shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: string) => {
      const commands = wordsOf(program);
      terminal.stdout.write(shell === 'bash' ? bash(commands) : shell === 'zsh' ? zsh(commands) : fish(commands));
    });
}
