import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { fail, succeed, type Result } from '../../domain/kernel';
import type { OperatingSystem } from '../backend';

const run = promisify(execFile);

/** Programs of a real cluster, as they are named on the PATH. */
export const vitessPrograms = ['vtgate', 'vttablet', 'vtctldclient', 'etcd'] as const;
export type VitessProgram = (typeof vitessPrograms)[number];

/** The programs of one installation of Vitess. */
export interface VitessInstallation {
  /** Absolute path of each program. */
  readonly paths: Readonly<Record<VitessProgram, string>>;
  /** Release of vtgate: `24.0.4`, `25.0.0-SNAPSHOT`. */
  readonly version: string;
}

/** Release in the line that every program of Vitess prints for `--version`; null when it is not such a line. */
export const releaseIn = (line: string): string | null =>
  /^\S+ version Version: (\d+\.\d+\.\d+(?:-[\w.]+)?)\b/.exec(line.trim())?.[1] ?? null;

/**
 * Finds the programs on the PATH. Fails with `vitess.missing`, whose `missing` names what is not there, and
 * `vitess.version` when vtgate does not say which release it is.
 */
export async function findVitess(
  os: Pick<OperatingSystem, 'executable' | 'pathSeparator'>,
  path = process.env['PATH'] ?? '',
): Promise<Result<VitessInstallation, { code: string; summary: string; missing: readonly VitessProgram[] }>> {
  const paths: Partial<Record<VitessProgram, string>> = {};
  for (const program of vitessPrograms)
    for (const folder of path.split(os.pathSeparator)) {
      // A relative folder would let the current one choose what is run.
      if (!isAbsolute(folder)) continue;
      const file = join(folder, os.executable(program));
      const there = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (!there) continue;
      paths[program] = file;
      break;
    }
  const missing = vitessPrograms.filter((program) => paths[program] === undefined);
  if (missing.length > 0)
    return fail({
      code: 'vitess.missing',
      summary: `Not on the PATH: ${missing.join(', ')}. The engine "vitess" runs Vitess’s own programs and etcd; install them, or use the embedded engine.`,
      missing,
    });
  const found = paths as Record<VitessProgram, string>;
  const said = await run(found.vtgate, ['--version'], { timeout: 30_000 }).catch((error: unknown) => ({
    stdout: String(error),
  }));
  const version = releaseIn(said.stdout);
  if (version === null)
    return fail({
      code: 'vitess.version',
      summary: `${found.vtgate} does not say which release of Vitess it is: ${said.stdout.trim().slice(0, 200)}`,
      missing: [],
    });
  return succeed({ paths: found, version });
}
