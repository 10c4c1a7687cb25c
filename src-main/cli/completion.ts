import { Argument, type Command } from 'commander';
import type { Terminal } from './terminal';

interface CommandWords {
  readonly name: string;
  readonly words: readonly string[];
  readonly inner: readonly CommandWords[];
}

/** Every command with the words that may follow it. */
function wordsOf(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    words: [
      ...command.commands.map((inner) => inner.name()),
      ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
      ...command.options.map((option) => option.long ?? '').filter((word) => word !== ''),
      '--help',
    ],
    inner: wordsOf(command),
  }));
}

const bash = (commands: readonly CommandWords[]): string => `_gatehouse() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.map((command) => command.name).join(' ')} --help --version"
  else case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${commands
  .flatMap(({ name, words, inner }) => [
    ...inner.map((one) => `    "${name} ${one.name}") [ "$COMP_CWORD" -gt 2 ] && words="${one.words.join(' ')}";;`),
    `    "${name} "*) words="${words.join(' ')}";;`,
  ])
  .join('\n')}
  esac; fi
  # Without a match the shell completes file names by itself, spaces and all.
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -o bashdefault -F _gatehouse gatehouse
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
