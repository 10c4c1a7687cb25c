import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { compare } from '../compare';
import type { Difference } from '../outcome';
import type { Ground } from '../vtgate/ground';
import type { ClientCase } from './recorded';
import type { Servers } from './servers';

/** What a client said, and how it ended; null: it is not on this machine. */
type Said = { readonly exit: number; readonly said: string } | null;

interface Where {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A client certificate for servers that ask for one, and the authority of the server. */
  readonly pem: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Whether the server asks clients for certificates. */
  readonly asked: boolean;
  readonly ground: Ground;
}

const question = 'select user()';

function run(
  program: string,
  parameters: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<Said> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 20_000 };
    execFile(program, [...parameters], options, (error, stdout, stderr) => {
      if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') return resolve(null);
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      const text = (exit === 0 ? stdout : stderr)
        .split('\n')
        .filter((line) => line !== '' && !/^\S*:? ?\[?WARN/i.test(line));
      resolve({ exit, said: text.join(' | ') });
    });
  });
}

const address = ({ port, user }: Where): string[] => [
  '--no-defaults',
  '--protocol=TCP',
  '--host=127.0.0.1',
  `--port=${port}`,
  `--user=${user}`,
];

/** Only the major and minor number of a version is compared with the one of the recording. */
async function isVersion(program: string, version: string): Promise<boolean> {
  const said = await run(program, ['--version']);
  return said !== null && said.said.includes(` ${version}`);
}

async function mariadb(where: Where, version: string, parameters: readonly string[]): Promise<Said> {
  if (!(await isVersion('mariadb', version))) return null;
  const tls = parameters.includes('--ssl');
  const identity = tls && where.asked ? [`--ssl-cert=${where.pem.cert}`, `--ssl-key=${where.pem.key}`] : [];
  // Later releases of this client take TLS by themselves, the recorded one did not.
  const plain = tls ? [] : ['--skip-ssl'];
  return run('mariadb', [...address(where), ...parameters, ...plain, ...identity, '--batch', '-N', '-e', question], {
    MYSQL_PWD: where.password,
  });
}

const mysql9 = join(
  process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin'),
  'mysql',
);

async function mysql(where: Where, version: string, parameters: readonly string[]): Promise<Said> {
  if (!existsSync(mysql9) || !(await isVersion(mysql9, version))) return null;
  // The client has the method only when it is told so twice.
  const clear = parameters.includes('--default-auth=mysql_clear_password') ? ['--enable-cleartext-plugin'] : [];
  const required = parameters.some((one) => one.startsWith('--ssl-mode')) ? [] : ['--ssl-mode=REQUIRED'];
  const ca = parameters.includes('--ssl-mode=VERIFY_CA') ? [`--ssl-ca=${where.pem.ca}`] : [];
  const preferred = parameters.includes('--ssl-mode=PREFERRED');
  const identity = where.asked && !preferred ? [`--ssl-cert=${where.pem.cert}`, `--ssl-key=${where.pem.key}`] : [];
  const all = [
    ...address(where),
    ...parameters,
    ...clear,
    ...required,
    ...ca,
    ...identity,
    '--batch',
    '-N',
    '-e',
    question,
  ];
  return run(mysql9, all, { MYSQL_PWD: where.password });
}

const python = `
import os, sys
import pymysql
extra = {}
if os.environ.get('WITH_TLS'):
    extra['ssl'] = {'ca': os.environ['CA'], 'check_hostname': False}
    if os.environ.get('CERT'):
        extra['ssl'].update(cert=os.environ['CERT'], key=os.environ['KEY'])
try:
    connection = pymysql.connect(host='127.0.0.1', port=int(os.environ['PORT']), user=os.environ['USER_NAME'],
                                 password=os.environ['PASSWORD'], **extra)
    cursor = connection.cursor()
    cursor.execute('${question}')
    print(cursor.fetchone()[0])
except Exception as error:
    print(type(error).__name__, error)
`;

async function pymysql(where: Where, tls: boolean): Promise<Said> {
  const script = join(where.ground.path, 'client.py');
  writeFileSync(script, python);
  const interpreter = process.env['GATEHOUSE_PYTHON'] ?? 'python3';
  // Releases before 1.2 have other rules of when to take TLS, and other words.
  const found = await run(interpreter, ['-c', 'import pymysql; print(pymysql.VERSION[0:2] >= (1, 2))']);
  if (found?.said !== 'True') return null;
  return run(interpreter, [script], {
    PORT: String(where.port),
    USER_NAME: where.user,
    PASSWORD: where.password,
    CA: where.pem.ca,
    ...(tls ? { WITH_TLS: '1' } : {}),
    ...(tls && where.asked ? { CERT: where.pem.cert, KEY: where.pem.key } : {}),
  });
}

async function mysql2(where: Where, tls: boolean): Promise<Said> {
  const ssl = {
    ca: where.ground.pem('server-ca.pem'),
    ...(where.asked ? where.ground.identity('good') : {}),
    verifyIdentity: false,
  };
  try {
    const { port, user, password } = where;
    const client = await createConnection({ host: '127.0.0.1', port, user, password, ...(tls ? { ssl } : {}) });
    try {
      const [rows] = await client.query({ sql: question, rowsAsArray: true });
      return { exit: 0, said: String((rows as unknown[][])[0]?.[0]) };
    } finally {
      client.destroy();
    }
  } catch (error) {
    const { code, errno, sqlState, message } = error as NodeJS.ErrnoException & { sqlState?: string };
    return { exit: 0, said: `${code} ${errno} ${sqlState} ${message.replaceAll('\n', ' | ').replace(/ \| $/, '')}` };
  }
}

function play(name: string, where: Where): Promise<Said> | null {
  const [, program, version = '', rest = ''] = /^(mariadb|mysql) (\d+\.\d+)(.*)$/.exec(name) ?? [];
  const parameters = rest.split(' ').filter((one) => one !== '');
  if (program === 'mariadb') return mariadb(where, version, parameters);
  if (program === 'mysql') return mysql(where, version, parameters);
  if (name.startsWith('PyMySQL')) return pymysql(where, name.endsWith('TLS'));
  if (name.startsWith('mysql2')) return mysql2(where, name.endsWith('TLS'));
  return null;
}

/** What two installations of one client say alike: paths of plugins, lines of sources and ends of lines are their own. */
const alike = (said: string): string =>
  said
    .replace(/\S*\/(?=[a-z_0-9]+\.so)/g, '{plugins}/')
    .replace(/ \(_ssl\.c:\d+\)/g, '')
    .replace(/( \| )+$/, '')
    .trim();

/** A ready-made client against a server of the recording; null when the client is not on this machine. */
export async function playClient(found: ClientCase, servers: Servers): Promise<readonly Difference[] | null> {
  const vtgate = await servers.named(found.server);
  const { ground } = servers;
  const at = (file: string): string => join(ground.certs, file);
  const where: Where = {
    port: vtgate.gateway.mysql!.port,
    user: found.user,
    password: found.password,
    pem: { cert: at('good.pem'), key: at('good-key.pem'), ca: at('server-ca.pem') },
    asked: servers.asksForCertificates(found.server),
    ground,
  };
  const seen = await play(found.client, where);
  if (seen === null) return null;
  const { exit } = found.expect;
  const [said, words] = [alike(found.expect.said), alike(seen.said)];
  // The recording has the first words of what a client said.
  return compare({ exit, said }, { exit: seen.exit, said: words.startsWith(said) ? said : words });
}
