import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runCommandLine, runDump, type CommandLine } from './command-line-client';
import type { ClientEvents, ClientPlan, ClientReport } from './plan';
import { runProgram } from './run-program';

/** A client that is on this machine, ready to play a plan. */
export type Play = (plan: ClientPlan, events: ClientEvents) => Promise<ClientReport>;

/** One row of the table of clients. */
export interface TestClient {
  readonly name: string;
  /** What it has no way to do, by transport or method, with the reason. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** How to play a plan with it, or why that is not possible here. */
  readonly find: () => Promise<Play | { readonly missing: string }>;
}

const exec = promisify(execFile);
const programs = fileURLToPath(new URL('./programs', import.meta.url));
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse');
const mysql9 = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(cache, 'mysql', 'bin');
/** Where scripts/get-clients puts what no package of the system holds. */
const fetched = join(cache, 'clients');
const works = (command: string, ...args: string[]): Promise<boolean> =>
  exec(command, args, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );

const node = (driver: string) => async () => {
  try {
    createRequire(import.meta.url).resolve(driver);
  } catch {
    return { missing: `no package ${driver}: npm ci` };
  }
  const play: Play = (plan, events) =>
    runProgram([process.execPath, join(programs, 'client.mjs'), driver], plan, events);
  return play;
};

/** A Python that can import the module: the system's own first, since Debian's packages are for that one. */
const python = (driver: string, module: string, how: string) => async () => {
  for (const command of ['/usr/bin/python3', 'python3', join(fetched, 'python', 'bin', 'python')])
    if (await works(command, '-c', `import ${module}`)) {
      const play: Play = (plan, events) => runProgram([command, join(programs, 'client.py'), driver], plan, events);
      return play;
    }
  return { missing: how };
};

const php = (driver: 'mysqli' | 'pdo') => async () => {
  const extension = driver === 'pdo' ? 'pdo_mysql' : driver;
  if (!(await works('php', '-r', `exit(extension_loaded('${extension}') ? 0 : 1);`)))
    return { missing: `no php with ${extension}: Debian's php-cli and php-mysql` };
  const play: Play = (plan, events) => runProgram(['php', join(programs, 'client.php'), driver], plan, events);
  return play;
};

const perl = async () => {
  if (!(await works('perl', '-MDBD::mysql', '-e', '1')))
    return { missing: `no DBD::mysql: Debian's libdbd-mysql-perl` };
  const play: Play = (plan, events) => runProgram(['perl', join(programs, 'client.pl')], plan, events);
  return play;
};

/** The compiled program of Java, made once. */
let compiled: Promise<string | null> | undefined;
async function compileJava(jars: string): Promise<string | null> {
  const into = await mkdtemp(join(tmpdir(), 'gh-java-'));
  const source = join(programs, 'java', 'Client.java');
  return (await works('javac', '-d', into, '-cp', join(jars, '*'), source)) ? into : null;
}

const java = (driver: 'mariadb' | 'mysql') => async () => {
  const jars = join(fetched, 'jars');
  if (!(await works('javac', '-version'))) return { missing: 'no Java with a compiler here' };
  if (!existsSync(jars)) return { missing: 'no drivers of Java: scripts/get-clients gets them with Maven' };
  const classes = await (compiled ??= compileJava(jars));
  if (classes === null) return { missing: 'the drivers of Java here are others than the tests know' };
  const path = [classes, join(jars, '*')].join(delimiter);
  const play: Play = (plan, events) =>
    runProgram(['java', '-Xmx1g', '-XX:TieredStopAtLevel=1', '-cp', path, 'Client', driver], plan, events);
  return play;
};

const go = async () => {
  if (!(await works('go', 'version'))) return { missing: 'no go' };
  const program = join(await mkdtemp(join(tmpdir(), 'gh-go-')), 'client');
  const cwd = join(programs, 'go');
  const env = { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' };
  try {
    await exec('go', ['build', '-buildvcs=false', '-o', program, '.'], { cwd, env, timeout: 120_000 });
  } catch {
    return { missing: 'its module is not here: scripts/get-clients gets it' };
  }
  const play: Play = (plan, events) => runProgram([program], plan, events);
  return play;
};

const ofMariadb = async (program: string): Promise<CommandLine | null> =>
  (await works(program, '--version')) ? { command: program, vendor: 'MariaDB', peer: null } : null;
const ofMysql9 = async (program: string): Promise<CommandLine | null> => {
  const command = join(mysql9, program);
  if (!(await works(command, '--version'))) return null;
  return { command, vendor: 'MySQL', peer: null };
};
const commandLine = (line: () => Promise<CommandLine | null>, run: typeof runDump, how: string) => async () => {
  const found = await line();
  if (found === null) return { missing: how };
  const play: Play = (plan, events) => run(found, plan, events);
  return play;
};

const noNative = { mysql_native_password: 'no such method since 9.0' };
const noMysql9 = 'no MySQL 9 here: scripts/get-mysql unpacks it';

/** Every client that the table has a row for. */
export const testClients: readonly TestClient[] = [
  { name: 'mysql2 (npm)', find: node('mysql2') },
  { name: 'mariadb (npm)', find: node('mariadb') },
  {
    name: 'mysql (npm)',
    lacks: { caching_sha2_password: 'no such method', mysql_clear_password: 'no such method' },
    find: node('mysql'),
  },
  {
    name: 'MariaDB command line',
    find: commandLine(() => ofMariadb('mariadb'), runCommandLine, `no mariadb: Debian's mariadb-client-core`),
  },
  {
    name: 'mariadb-dump',
    find: commandLine(() => ofMariadb('mariadb-dump'), runDump, `no mariadb-dump: Debian's mariadb-client`),
  },
  {
    name: 'MySQL 9 command line',
    lacks: noNative,
    find: commandLine(() => ofMysql9('mysql'), runCommandLine, noMysql9),
  },
  { name: 'mysqldump of MySQL 9', lacks: noNative, find: commandLine(() => ofMysql9('mysqldump'), runDump, noMysql9) },
  { name: 'PyMySQL', find: python('pymysql', 'pymysql', `no PyMySQL: Debian's python3-pymysql`) },
  { name: 'mysqlclient (Python)', find: python('mysqlclient', 'MySQLdb', `no mysqlclient: Debian's python3-mysqldb`) },
  {
    name: 'MySQL Connector/Python',
    find: python('connector', 'mysql.connector', 'no mysql-connector-python: scripts/get-clients gets it'),
  },
  { name: 'PHP mysqli', find: php('mysqli') },
  { name: 'PHP PDO', find: php('pdo') },
  { name: 'Perl DBD::mysql', find: perl },
  { name: 'MariaDB Connector/J', find: java('mariadb') },
  { name: 'MySQL Connector/J', lacks: { socket: 'no Unix sockets' }, find: java('mysql') },
  { name: 'go-sql-driver', find: go },
];

/** Java's form of a trusted authority, made by keytool; null without Java. */
export async function makeTrustStore(ca: string, to: string, password: string): Promise<string | null> {
  try {
    const env = { ...process.env, STORE_PASSWORD: password };
    const store = ['-keystore', to, '-storetype', 'PKCS12', '-storepass:env', 'STORE_PASSWORD'];
    await exec('keytool', ['-importcert', '-noprompt', '-alias', 'ca', '-file', ca, ...store], { env });
    return to;
  } catch {
    return null;
  }
}
