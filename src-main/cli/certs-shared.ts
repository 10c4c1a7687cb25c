import { existsSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { systemClock, type Secret } from '../domain/kernel';
import { CertsService } from '../services/certs/certs-service';
import { CommandExit, exitCode } from './exit';
import { passphraseOption, readPassphrase } from './shared-options';
import type { Terminal } from './terminal';

/** `--days N`. */
export const days = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 3_650)
    throw new InvalidArgumentError('a number of days from 1 to 3650');
  return number;
};

export const keyOption = (): Option =>
  new Option('--key <kind>', 'key')
    .choices(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519'])
    .default('ecdsa-p256');

export const roleOption = (): Option =>
  new Option('--role <role>', 'what it is for')
    .choices([
      'gateway-server',
      'tablet-server',
      'gateway-as-tablet-client',
      'control-plane-client',
      'caller',
      'mysql-server',
      'mysql-client',
    ])
    .default('caller');

export const keyPassphrase = (): Option =>
  passphraseOption('read the passphrase of encrypted private keys from this file descriptor');

export const secretFrom = (descriptor: number | undefined): Secret | undefined =>
  descriptor === undefined ? undefined : readPassphrase(descriptor);

/** The certificates of a workspace; a folder that is none is refused before anything is looked for in it. */
export function certsOf(dir: string, descriptor?: number): CertsService {
  if (!existsSync(join(dir, 'gatehouse.json')))
    throw new CommandExit(exitCode.usage, `${dir} is no workspace: it has no gatehouse.json.`);
  return new CertsService(dir, systemClock, secretFrom(descriptor));
}

/**
 * A file below pki/ as the service takes it. A path relative to the current folder, as a shell completes it, is accepted
 * too when it leads there.
 */
export function pkiPath(dir: string, file: string): string {
  const pki = resolve(dir, 'pki') + sep;
  const here = resolve(file);
  return !resolve(dir, file).startsWith(pki) && here.startsWith(pki) ? relative(resolve(dir), here) : file;
}

/** How commands say what they wrote. */
export interface CertsOutput {
  done(files: readonly string[], json: boolean | undefined, warnings?: readonly string[]): void;
  /** As `done`, for files among which CRLs may be that nobody looks at. */
  doneWithCrl(
    certs: CertsService,
    files: readonly string[],
    json: boolean | undefined,
    warnings?: readonly string[],
  ): Promise<void>;
}

export function certsOutput(terminal: Terminal): CertsOutput {
  const done: CertsOutput['done'] = (files, json, warnings = []) => {
    if (json === true) terminal.json({ schema: 1, files, ...(warnings.length === 0 ? {} : { warnings }) });
    else {
      for (const file of files) terminal.line(`wrote ${file}`);
      for (const warning of warnings) terminal.line(`warning: ${warning}`);
    }
  };
  return {
    done,
    doneWithCrl: async (certs, files, json, more = []) => {
      const warnings = await Promise.all(
        files.filter((file) => file.endsWith('/crl.pem')).map((file) => certs.unusedCrl(file)),
      );
      done(files, json, [...more, ...warnings.filter((warning) => warning !== null)]);
    },
  };
}
