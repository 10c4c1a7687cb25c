import { spawn } from 'node:child_process';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, succeed, type Result } from '../../domain/kernel';
import { noteChild, noteDraft } from './children';
import type { OperatingSystem } from './operating-system';
import type { MysqlProgram } from './program';
import { commonOptions } from './server-options';

/** Part of a template's name: raise it when the way of making a data directory changes. */
const TEMPLATE_FORMAT = 1;

/** How an empty data directory came to be filled. */
export type DataOrigin = 'initialised' | 'template';

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end with `input` on its standard input; output is kept for the log of a failure. */
function run(
  program: string,
  args: readonly string[],
  input: readonly string[],
  signal?: AbortSignal,
): Promise<Finished> {
  return new Promise((resolve) => {
    // What is cancelled is thrown away, so there is nothing for it to end in order.
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    noteChild(child);
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8_000)));
    child.on('error', (error) => {
      output += error.message;
      // A cancelled one is waited for: nobody may write while its folder is removed.
      if (child.pid === undefined) resolve({ code: null, output });
    });
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.on('error', () => undefined);
    const feed = async (): Promise<void> => {
      for (const piece of input) {
        if (!piece.startsWith('@')) child.stdin.write(piece);
        else
          for await (const chunk of createReadStream(piece.slice(1)))
            if (!child.stdin.write(chunk)) await new Promise((go) => child.stdin.once('drain', go));
      }
      child.stdin.end();
    };
    feed().catch(() => child.stdin.end());
  });
}

const asArguments = (os: OperatingSystem, program: MysqlProgram): string[] =>
  commonOptions(os, program.vendor)
    .filter((line) => line !== 'skip-log-bin' || program.vendor === 'MySQL')
    .map((line) => `--${line.replace(' = ', '=')}`);

/**
 * MariaDB: its own SQL for the system tables through `--bootstrap`, which takes half the time of mariadb-install-db (no
 * help texts, no sys schema, no `test`); that tool is the way where the SQL is not found. MySQL: `--initialize-insecure`;
 * root's password comes with the first start, before any connection.
 *
 * `temporary` is a folder of its own: every MariaDB that starts removes the temporary tables it finds in its tmpdir, those
 * of other servers too.
 */
async function initialise(
  program: MysqlProgram,
  directory: string,
  temporary: string,
  os: OperatingSystem,
  signal?: AbortSignal,
): Promise<Finished> {
  if (program.vendor === 'MySQL')
    return run(
      program.path,
      [
        '--no-defaults',
        '--initialize-insecure',
        `--datadir=${directory}`,
        `--tmpdir=${temporary}`,
        ...asArguments(os, program),
      ],
      [],
      signal,
    );
  if (program.shareDir === null) {
    if (program.installTool === null)
      return { code: null, output: 'neither its system tables nor mariadb-install-db were found' };
    const user = os.mysqldUser();
    const args = [
      '--no-defaults',
      `--datadir=${directory}`,
      `--tmpdir=${temporary}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ];
    return run(program.installTool, user === null ? args : [...args, `--user=${user}`], [], signal);
  }
  const sql = (name: string): string => `@${join(program.shareDir ?? '', name)}`;
  const finished = await run(
    program.path,
    [
      '--no-defaults',
      '--bootstrap',
      `--datadir=${directory}`,
      `--tmpdir=${temporary}`,
      '--log-warnings=0',
      '--enforce-storage-engine=',
      '--max-allowed-packet=8M',
      '--net-buffer-length=16K',
      ...asArguments(os, program),
    ],
    [
      'CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n',
      sql('mysql_system_tables.sql'),
      sql('mysql_performance_tables.sql'),
      sql('mysql_system_tables_data.sql'),
    ],
    signal,
  );
  // mysqld compares this with its own version to tell whether an upgrade is due.
  if (finished.code === 0) await writeFile(join(directory, 'mysql_upgrade_info'), `${program.version}-MariaDB`);
  return finished;
}

/** Copies a data directory; blocks are shared where the file system can (copy-on-write), else copied. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map((entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)];
      if (entry.isDirectory()) return copyTree(source, target);
      return entry.isFile() ? copyFile(source, target, constants.COPYFILE_FICLONE) : undefined;
    }),
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Removes what must differ from one data directory to the next: MySQL's server UUID and the keys it makes for itself. */
async function forgetIdentity(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name === 'auto.cnf' || name.endsWith('.pem')) await rm(join(directory, name), { force: true });
}

async function makeInto(
  program: MysqlProgram,
  target: string,
  os: OperatingSystem,
  signal?: AbortSignal,
): Promise<Result<null>> {
  const draft = await mkdtemp(`${target}.making-`);
  const forget = noteDraft(draft);
  try {
    const data = join(draft, 'data');
    const temporary = join(draft, 'tmp');
    await Promise.all([data, temporary].map((folder) => mkdir(folder, { mode: 0o700 })));
    const finished = await initialise(program, data, temporary, os, signal);
    if (finished.code !== 0) {
      if (signal?.aborted === true)
        return fail({ code: 'backend.cancelled', summary: 'Starting MySQL was cancelled.' });
      return fail({
        code: 'backend.initialise-failed',
        summary: `${program.vendor} ${program.version} could not make its data directory; the log says why.`,
        detail: finished.output,
      });
    }
    await chmod(data, 0o700);
    await forgetIdentity(data);
    try {
      await rename(data, target);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    }
    return succeed(null);
  } finally {
    await rm(draft, { recursive: true, force: true });
    forget();
  }
}

/** The template's folder for a program. */
export const templatePath = (templateDir: string, program: MysqlProgram): string =>
  join(templateDir, `${program.vendor.toLowerCase()}-${program.version}-${TEMPLATE_FORMAT}`);

/**
 * Fills the data directory `data`, which must not exist, either from an initialised template kept in `templateDir` (made
 * here if it is missing; several makers at once do not disturb each other, because a finished folder is renamed into
 * place) or, without `templateDir` or where it cannot be used, by initialising it. `data` appears only when it is complete.
 */
export async function fillDataDirectory(
  program: MysqlProgram,
  data: string,
  templateDir: string | undefined,
  os: OperatingSystem,
  signal?: AbortSignal,
): Promise<Result<DataOrigin>> {
  if (templateDir !== undefined)
    try {
      return await fillFromTemplate(program, data, templateDir, os, signal);
    } catch (error) {
      // The template saves time and nothing else: a cache that cannot be used (rights, full disk) is done without.
      if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
      await rm(`${data}.copying`, { recursive: true, force: true });
    }
  const made = await makeInto(program, data, os, signal);
  return made.ok ? succeed('initialised') : made;
}

async function fillFromTemplate(
  program: MysqlProgram,
  data: string,
  templateDir: string,
  os: OperatingSystem,
  signal?: AbortSignal,
): Promise<Result<DataOrigin>> {
  const template = templatePath(templateDir, program);
  let origin: DataOrigin = 'template';
  if (!(await exists(template))) {
    await mkdir(templateDir, { recursive: true, mode: 0o700 });
    const made = await makeInto(program, template, os, signal);
    if (!made.ok) return made;
    origin = 'initialised';
  }
  const draft = `${data}.copying`;
  await rm(draft, { recursive: true, force: true });
  await copyTree(template, draft);
  await rename(draft, data);
  return succeed(origin);
}

interface Marker {
  readonly vendor: string;
  readonly version: string;
}

const numbers = (version: string): number[] => version.split('.').map(Number);

/** Whether version `a` is older than `b`, compared number by number. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/**
 * Whether `program` may open a data directory that was made by the program noted in `markerFile`: the same vendor, and not
 * older. A directory without a note is not ours and is refused.
 */
export async function checkMarker(markerFile: string, program: MysqlProgram): Promise<Result<null>> {
  let marker: Partial<Marker>;
  try {
    marker = JSON.parse(await readFile(markerFile, 'utf8')) as Partial<Marker>;
  } catch {
    return fail({
      code: 'backend.not-ours',
      summary: `The data directory has no readable ${markerFile}: it was not made by Gatehouse and is left alone.`,
    });
  }
  if (marker.vendor === program.vendor && marker.version !== undefined && !isOlder(program.version, marker.version))
    return succeed(null);
  return fail({
    code: 'backend.other-program',
    summary: `The data was written by ${marker.vendor ?? 'an unknown server'} ${marker.version ?? ''} and cannot be opened by ${program.vendor} ${program.version}. Choose that server again, or a newer one of the same vendor.`,
  });
}

export const markerText = (program: MysqlProgram): string =>
  `${JSON.stringify({ vendor: program.vendor, version: program.version })}\n`;
