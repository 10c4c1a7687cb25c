// `npm test [-- --yes] [vitest arguments]`: gets what the tests need, runs all that can run here, names the rest.
//
// On Debian as root, what is missing is installed with apt after asking (or with --yes). Elsewhere, and for what cannot
// be had, the tests that need it say so themselves. A file of unit tests that failed is run once more by itself, when
// nothing else keeps the machine busy; both what failed at first and what failed again are named at the end, with the
// reason. Ends with one line: N passed, N failed, N skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const yes = args.includes('--yes') || process.env.CI === 'true';
const rest = args.filter((argument) => argument !== '--yes');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gatehouse');
const mysql9 = process.env.GATEHOUSE_MYSQL9_BIN ?? join(cache, 'mysql', 'bin');
const clients = join(cache, 'clients');

const run = (program, parameters, options = {}) =>
  spawnSync(program, parameters, { cwd: root, stdio: 'inherit', ...options });
const here = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** Whether an interpreter runs a line of its language: it is here and has what the line asks for. */
const knows = (interpreter, ...args) => spawnSync(interpreter, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;

/** Programs and modules that tests use, with the Debian packages that hold them. */
const wanted = [
  { program: 'mariadbd', packages: ['mariadb-server-core'] },
  { program: 'mariadb', packages: ['mariadb-client-core'] },
  { program: 'mariadb-dump', packages: ['mariadb-client'] },
  { program: 'openssl', packages: ['openssl'] },
  { program: 'certtool', packages: ['gnutls-bin'] },
  { program: 'sysbench', packages: ['sysbench'] },
  { program: 'git', packages: ['git'] },
  { program: process.env.GATEHOUSE_CHROMIUM ?? 'chromium', packages: ['chromium'] },
  { program: 'PyMySQL', there: () => knows('/usr/bin/python3', '-c', 'import pymysql'), packages: ['python3-pymysql'] },
  {
    program: 'mysqlclient',
    there: () => knows('/usr/bin/python3', '-c', 'import MySQLdb'),
    packages: ['python3-mysqldb'],
  },
  {
    program: 'php with mysqli and PDO',
    there: () => knows('php', '-r', "exit(extension_loaded('mysqli') && extension_loaded('pdo_mysql') ? 0 : 1);"),
    packages: ['php-cli', 'php-mysql'],
  },
  { program: 'DBD::mysql', there: () => knows('perl', '-MDBD::mysql', '-e', '1'), packages: ['libdbd-mysql-perl'] },
];
const debianRoot =
  process.getuid?.() === 0 &&
  existsSync('/usr/bin/apt-get') &&
  /^ID(_LIKE)?=.*debian/m.test(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');

async function consent(question) {
  if (yes) return true;
  if (!process.stdin.isTTY) return false;
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question(`${question} [y/N] `);
  ask.close();
  return /^y(es)?$/i.test(answer.trim());
}

const missing = wanted.filter(({ program, there }) => !(there === undefined ? here(program) : there()));
if (missing.length > 0) {
  const packages = missing.flatMap((item) => item.packages);
  const line = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!debianRoot) console.log(`Not here: ${missing.map((item) => item.program).join(', ')}. On Debian: ${line}`);
  else if (await consent(`Not here: ${missing.map((item) => item.program).join(', ')}. Install with: ${line}?`)) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    if (
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }).status !== 0
    )
      console.log('The installation failed; tests that need these programs will say so.');
  }
}
if (!existsSync(join(mysql9, 'mysqld'))) {
  const script = join(root, 'scripts', 'get-mysql');
  if (!debianRoot)
    console.log('MySQL 9 is not here; tests with it are skipped (GATEHOUSE_MYSQL9_BIN names its folder).');
  else if (await consent('MySQL 9 is not here. Unpack it (about 450 MB) into the cache of this user?')) {
    console.log('Unpacking MySQL 9 …');
    if (run('bash', [script, join(mysql9, '..')], { stdio: ['ignore', 'ignore', 'ignore'] }).status !== 0)
      console.log('MySQL 9 could not be had; tests with it are skipped.');
  }
}

if (!existsSync(join(clients, 'python')) || !existsSync(join(clients, 'jars'))) {
  const question =
    'Get drivers of Python, Java and Go for the tests of clients (about 30 MB) into the cache of this user?';
  if (await consent(question)) run('bash', [join(root, 'scripts', 'get-clients'), clients]);
  else console.log('Without drivers of Python, Java and Go; scripts/get-clients gets them.');
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
const env = { ...process.env, GATEHOUSE_MYSQL9_BIN: mysql9 };
/** More files than this failing is no matter of a busy machine: they are not tried again. */
const SECOND_TRY_FILES = 6;

/** Runs vitest; answers its counts and every failure with file, name and reason (see run-report.mjs). */
function unitTests(parameters) {
  const report = join(folder, 'run.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=./scripts/run-report.mjs'];
  const { status } = run('npx', ['--no-install', 'vitest', 'run', ...reporters, ...parameters], {
    env: { ...env, GATEHOUSE_RUN_REPORT: report },
  });
  const ended = { file: '', test: 'vitest', reason: `ended with ${status}` };
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, failures: [ended] };
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  return counts.failed === 0 && status !== 0 ? { ...counts, failed: 1, failures: [ended] } : counts;
}

/** One failure in a few lines, for the end of the output. */
const inShort = ({ file, test, reason }) =>
  `  ${file} > ${test}\n${reason
    .split('\n')
    .slice(0, 6)
    .map((line) => `      ${line.slice(0, 300)}`)
    .join('\n')}`;

const failures = [];
const atFirst = [];
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  if (run('node', ['scripts/build-cli.mjs']).status !== 0) process.exit(1);

  let result = unitTests(rest);
  const files = [...new Set(result.failures.map((failure) => failure.file))];
  if (files.length > 0 && files.length <= SECOND_TRY_FILES && !files.includes('')) {
    console.log(`\nOnce more, by themselves: ${files.join(', ')}`);
    const again = unitTests(['--no-file-parallelism', ...files]);
    if (again.failed === 0) {
      atFirst.push(...result.failures);
      result = { ...result, passed: result.passed + result.failedTests, failed: 0, failures: [] };
    } else result.failures = again.failures;
  }
  passed += result.passed;
  failed += result.failed;
  skipped += result.skipped;
  failures.push(...result.failures);

  if (rest.length === 0) {
    const pages = join(folder, 'playwright.json');
    const built = run('npx', ['--no-install', 'electron-vite', 'build', '--logLevel', 'warn']);
    const playwright = run('npx', ['--no-install', 'playwright', 'test'], {
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: pages },
    });
    if (built.status === 0 && existsSync(pages)) {
      const { stats } = JSON.parse(readFileSync(pages, 'utf8'));
      passed += stats.expected;
      failed += stats.unexpected + stats.flaky;
      skipped += stats.skipped;
    } else failed += 1;
    if (playwright.status !== 0 && failed === 0) failed += 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (atFirst.length > 0)
  console.log(`\nFailed in the whole run, passed by themselves:\n${atFirst.map(inShort).join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map(inShort).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
