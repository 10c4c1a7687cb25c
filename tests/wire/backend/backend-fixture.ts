import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Secret } from '../../../src-main/domain/kernel';
import { operatingSystem } from '../../../src-main/platform/os';
import {
  findMysqld,
  startManagedMysql,
  type ManagedMysql,
  type ManagedMysqlOptions,
  type MysqlProgram,
} from '../../../src-main/servers/backend';

export const os = operatingSystem();
const mysql9 = join(
  process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin'),
  'mysqld',
);

/** The servers on this machine that the tests run against; what is missing is printed. */
export async function installedPrograms(): Promise<MysqlProgram[]> {
  const programs: MysqlProgram[] = [];
  const found = await findMysqld({ os });
  if (found.ok) programs.push(found.value);
  else console.warn(`not run: ${found.failure.summary}`);
  if (existsSync(mysql9)) {
    const given = await findMysqld({ os, path: mysql9 });
    if (given.ok) programs.push(given.value);
  } else console.warn('not run with MySQL 9: set GATEHOUSE_MYSQL9_BIN to the folder of its mysqld');
  return programs;
}

/** A folder that `cleanup` removes. */
export async function temporaryFolder(): Promise<{ path: string; cleanup: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gh-'));
  return { path, cleanup: () => rm(path, { recursive: true, force: true }) };
}

export const rootPassword = new Secret('root\'s "own" pass\\word`%_');
export const appPassword = new Secret('app\'s "own" pass\\word`%_');

export const managedOptions = (
  program: MysqlProgram,
  folder: string,
  more: Partial<ManagedMysqlOptions> = {},
): ManagedMysqlOptions => ({
  program,
  os,
  dataDir: join(folder, 'data'),
  runDir: join(folder, 'run'),
  databases: ['shop_1', 'other'],
  tls: null,
  rootPassword,
  appUser: { name: 'vt_app', password: appPassword },
  port: 0,
  ...more,
});

/** Self-signed PEM files for mysqld, made by openssl. */
export async function serverCertificate(folder: string): Promise<{ ca: string; cert: string; key: string }> {
  const [cert, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=mysqld', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', key, '-out', cert],
  ]);
  return { ca: cert, cert, key };
}

/** Starts a server and fails the test with its log when that does not work. */
export async function start(options: ManagedMysqlOptions): Promise<ManagedMysql> {
  const started = await startManagedMysql(options);
  if (!started.ok)
    throw new Error(`${started.failure.code}: ${started.failure.summary}\n${started.failure.detail ?? ''}`);
  return started.value;
}
