import { closeSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option } from 'commander';
import { Secret } from '../domain/kernel';
import type { Unlocker } from '../servers/store';
import { ENGINE_THREADS, type EngineThreads } from '../services/cluster/engine-hosts';
import { CommandExit, exitCode } from './exit';

/** `--fidelity` and `--vitess`: one run's overrides. */
export const fidelityOption = (): Option =>
  new Option('--fidelity <mode>', 'repeat Vitess as it is, or with the hardened rules').choices(['vitess', 'hardened']);
export const vitessOption = (): Option =>
  new Option('--vitess <version>', 'Vitess release to emulate').choices(['24.0.4', '24.0-recorded']);
export const mysqldOption = (): Option => new Option('--mysqld <path>', 'mysqld or mariadbd to use');
export const jsonOption = (): Option => new Option('--json', 'machine-readable answer');

/** `--passphrase-fd N`: the passphrase is read from an open file descriptor, never from the command line. */
export const passphraseOption = (
  about = 'read the passphrase of the workspace’s secrets from this file descriptor',
): Option =>
  new Option('--passphrase-fd <n>', about).argParser((value) => {
    const descriptor = Number(value);
    if (!Number.isInteger(descriptor) || descriptor < 0)
      throw new InvalidArgumentError('a file descriptor is a number');
    return descriptor;
  });

/** `--threads none|one|two`. */
export const threadsOption = (): Option =>
  new Option('--threads <many>', 'threads of their own for gateways and tablets')
    .choices([...ENGINE_THREADS])
    .default('none' satisfies EngineThreads);

/** `--ports auto|BASE`. */
export const portsOption = (): Option =>
  new Option('--ports <base>', 'first port to use, or auto').argParser((value) => {
    if (value === 'auto') return 0;
    const port = Number(value);
    if (!Number.isInteger(port) || port < 1024 || port > 65_000)
      throw new InvalidArgumentError('auto, or a number from 1024 to 65000');
    return port;
  });

/** What opens the secrets: the passphrase on the descriptor given, else the workspace's key file. */
export function unlockerFrom(descriptor: number | undefined): Unlocker {
  if (descriptor === undefined) return { kind: 'key-file' };
  return { kind: 'passphrase', passphrase: readPassphrase(descriptor) };
}

/** The passphrase that waits on an open file descriptor: all of it, without the line's end. */
export function readPassphrase(descriptor: number): Secret {
  let text: string;
  try {
    text = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new CommandExit(
      exitCode.usage,
      `file descriptor ${descriptor} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Open it, for example with ${descriptor}<FILE.`,
    );
  }
  if (text === '') throw new CommandExit(exitCode.usage, `the passphrase on file descriptor ${descriptor} is empty.`);
  if (descriptor > 2) closeSync(descriptor);
  return new Secret(text);
}

/** The folder with the program's resources: beside the bundle when built, in the source tree otherwise. */
export function resourceFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'resources');
    if (existsSync(join(candidate, 'samples'))) return candidate;
    const above = dirname(folder);
    if (above === folder) throw new Error('the folder "resources" is missing from this installation');
    folder = above;
  }
}
