import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, succeed, type Result } from '../../domain/kernel';
import type { OperatingSystem } from './operating-system';

export type MysqlVendor = 'MariaDB' | 'MySQL';

/** Where a program was found. */
export type FoundHow = 'given' | 'extra' | 'bundled' | 'path' | 'usual-place';

/** A MySQL or MariaDB server program that answered `--version`. */
export interface MysqlProgram {
  readonly vendor: MysqlVendor;
  /** `10.11.19`, `9.7.4`. */
  readonly version: string;
  readonly path: string;
  /** The command-line client beside it or on the PATH, or null. */
  readonly client: string | null;
  /** MariaDB: the folder with the statements that make its system tables, or null. */
  readonly shareDir: string | null;
  /** MariaDB: mariadb-install-db, or null. */
  readonly installTool: string | null;
  readonly how: FoundHow;
}

export interface FindMysqldOptions {
  readonly os: OperatingSystem;
  /** The user's own choice; nothing else is tried when it is set. */
  readonly path?: string | undefined;
  /** Further paths of programs, tried first (GATEHOUSE_MYSQLD, a test's MySQL 9). */
  readonly extra?: readonly (string | undefined)[];
  /** Folders of programs that came with the installer. */
  readonly bundled?: readonly string[];
  /** Default: process.env. */
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

const SERVER_NAMES = ['mariadbd', 'mysqld'] as const;
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
] as const;

const canRun = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const firstRunnable = async (paths: readonly string[]): Promise<string | null> => {
  for (const path of paths) if (await canRun(path)) return path;
  return null;
};

/** Vendor and version out of what `mysqld --version` prints, or null. */
export function readVersionLine(line: string): { vendor: MysqlVendor; version: string } | null {
  const found = /\bVer\s+(?:\d+\.\d+\s+Distrib\s+)?(\d+\.\d+\.\d+)(\S*)/.exec(line);
  if (found?.[1] === undefined) return null;
  return { vendor: /mariadb/i.test(line) ? 'MariaDB' : 'MySQL', version: found[1] };
}

/** Runs `path --version` with no environment of its own and a limit of ten seconds. */
function askVersion(path: string, signal?: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(path, ['--no-defaults', '--version'], { timeout: 10_000, signal, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
}

async function expandPlace(place: string): Promise<string[]> {
  const star = place.indexOf('*');
  if (star < 0) return [place];
  const folder = dirname(place.slice(0, star + 1));
  const prefix = place.slice(folder.length + 1, star);
  const rest = place.slice(star + 1);
  const names: string[] = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => b.localeCompare(a, undefined, { numeric: true }))
    .map((name) => join(folder, name + rest));
}

async function describe(
  path: string,
  how: FoundHow,
  folders: readonly string[],
  options: FindMysqldOptions,
): Promise<MysqlProgram | null> {
  const { os, signal } = options;
  const line = await askVersion(path, signal);
  const read = line === null ? null : readVersionLine(line);
  if (read === null) return null;
  const home = dirname(await realpath(path).catch(() => path));
  const beside = [...new Set([dirname(path), home, join(home, '..', 'bin'), ...folders])];
  const named = (names: readonly string[]): string[] =>
    beside.flatMap((folder) => names.map((name) => join(folder, os.executable(name))));
  let shareDir: string | null = null;
  if (read.vendor === 'MariaDB') {
    const root = dirname(home);
    for (const folder of [
      join(root, 'share', 'mysql'),
      join(root, 'share', 'mariadb'),
      join(root, 'share'),
      '/usr/share/mysql',
      '/usr/share/mariadb',
    ]) {
      const names: string[] = await readdir(folder).catch(() => []);
      if (SYSTEM_TABLES.every((name) => names.includes(name))) {
        shareDir = folder;
        break;
      }
    }
  }
  return {
    ...read,
    path,
    how,
    shareDir,
    client: await firstRunnable(named(read.vendor === 'MariaDB' ? ['mariadb', 'mysql'] : ['mysql'])),
    installTool:
      read.vendor === 'MariaDB' ? await firstRunnable(named(['mariadb-install-db', 'mysql_install_db'])) : null,
  };
}

async function* candidates(
  options: FindMysqldOptions,
  folders: readonly string[],
): AsyncGenerator<{ path: string; how: FoundHow }> {
  const { os } = options;
  for (const path of options.extra ?? []) if (path !== undefined && path !== '') yield { path, how: 'extra' };
  const inFolder = (folder: string): string[] => SERVER_NAMES.map((name) => join(folder, os.executable(name)));
  for (const folder of options.bundled ?? []) for (const path of inFolder(folder)) yield { path, how: 'bundled' };
  for (const folder of folders) for (const path of inFolder(folder)) yield { path, how: 'path' };
  for (const place of os.mysqlPlaces)
    for (const folder of await expandPlace(place))
      for (const path of inFolder(folder)) yield { path, how: 'usual-place' };
}

async function* programs(options: FindMysqldOptions): AsyncGenerator<MysqlProgram> {
  const folders = ((options.env ?? process.env)['PATH'] ?? '')
    .split(options.os.pathSeparator)
    .filter((folder) => folder !== '');
  const seen = new Set<string>();
  for await (const { path, how } of candidates(options, folders)) {
    if (!(await canRun(path))) continue;
    const real = await realpath(path).catch(() => path);
    if (seen.has(real)) continue;
    seen.add(real);
    const program = await describe(path, how, folders, options);
    if (program !== null) yield program;
  }
}

/**
 * Finds a MySQL or MariaDB server program (design.md §6, "Found how"): the path given, else further paths, programs that
 * came with Gatehouse, the PATH, the usual places of this system. What answers `--version` is what counts, not its name:
 * on Debian `mysqld` is MariaDB.
 *
 * Fails with `backend.program-unusable` (a given path that is no server) or `backend.program-missing`, whose summary ends
 * with the one line that installs a server.
 */
export async function findMysqld(options: FindMysqldOptions): Promise<Result<MysqlProgram>> {
  if (options.path !== undefined && options.path !== '') {
    const folders = ((options.env ?? process.env)['PATH'] ?? '')
      .split(options.os.pathSeparator)
      .filter((folder) => folder !== '');
    const program = (await canRun(options.path)) ? await describe(options.path, 'given', folders, options) : null;
    if (program !== null) return succeed(program);
    const absent = await access(options.path).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR',
    );
    return fail({
      code: 'backend.program-unusable',
      summary: absent
        ? `${options.path} does not exist. Give the path of mysqld or mariadbd.`
        : `${options.path} is not a MySQL or MariaDB server program: it does not answer --version. Give the path of mysqld or mariadbd.`,
    });
  }
  for await (const program of programs(options)) return succeed(program);
  return fail({
    code: 'backend.program-missing',
    summary: `No MySQL or MariaDB server program was found. Install one with: ${await options.os.installLine()}`,
  });
}

/** Every server program on this machine, in the order in which `findMysqld` would take them. */
export async function findAllMysqld(options: FindMysqldOptions): Promise<MysqlProgram[]> {
  const found: MysqlProgram[] = [];
  for await (const program of programs(options)) found.push(program);
  return found;
}
