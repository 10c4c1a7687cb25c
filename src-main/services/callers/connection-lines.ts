import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProbeCaller, Suite } from '../../domain/probes';
import { writeFileAtomic } from '../../servers/store';
import type { ClusterAddresses } from '../cluster/cluster';
import { keyFileOf, type ProbeRunner } from '../verify/probe-runner';
import type { Workspace } from '../workspace/load-workspace';

const run = promisify(execFile);

/** The line with which somebody connects as one caller. */
export interface ConnectionLine {
  readonly caller: string;
  readonly line: string;
}

/** The MySQL command-line client of this machine. */
export interface CommandLineClient {
  readonly command: string;
  readonly vendor: 'MariaDB' | 'MySQL';
}

/** MariaDB's client or MySQL's, whichever is installed; null when neither is. */
export async function findClient(preferred?: string): Promise<CommandLineClient | null> {
  for (const command of preferred === undefined ? ['mysql', 'mariadb'] : [preferred])
    try {
      const { stdout } = await run(command, ['--version']);
      return { command, vendor: /mariadb/i.test(stdout) ? 'MariaDB' : 'MySQL' };
    } catch {
      continue;
    }
  return null;
}

/** A text as one word of a POSIX shell's line. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
/** A value in an option file (MySQL manual: Using Option Files): quoted, with the escapes it knows. */
export const optionValue = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/**
 * One line for each caller. Passwords are never on it: MySQL clients get an option file (0600) in the run folder, which
 * MariaDB's client and MySQL's both read; what only MariaDB's knows stands in its own group.
 */
export async function connectionLines(options: {
  readonly workspace: Workspace;
  readonly suite: Suite;
  readonly addresses: ClusterAddresses;
  readonly runner: ProbeRunner;
  readonly client: CommandLineClient | null;
  /** How this program is called, for callers whom no MySQL client can be. */
  readonly program: string;
}): Promise<ConnectionLine[]> {
  const lines: ConnectionLine[] = [];
  for (const caller of options.suite.callers) {
    const overMysql = caller.transports.find((transport) => transport.startsWith('mysql-'));
    const gateway = options.addresses.gateways.find((candidate) => candidate.name === caller.gateway);
    // MySQL's client has no mysql_native_password since 9.0, and a stock gateway, or one without TLS, offers nothing else.
    const needsNative = gateway?.auth === 'static' && (gateway.fidelity === 'vitess' || overMysql === 'mysql-plain');
    if (overMysql === undefined || gateway?.mysql == null || (needsNative && options.client?.vendor === 'MySQL')) {
      const sql =
        options.suite.tables.find((table) => options.suite.allow.get(caller.name)?.read.includes(table.name))?.read ??
        options.suite.tables[0]?.read ??
        'select 1';
      lines.push({
        caller: caller.name,
        line: `${options.program} query ${shellWord(options.workspace.paths.dir)} --as ${shellWord(caller.name)} ${shellWord(sql)}`,
      });
      continue;
    }
    const file = await writeOptionFile(options, caller, overMysql, gateway.mysql);
    const cleartext = gateway.auth === 'clientcert' ? 'LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN=1 ' : '';
    lines.push({
      caller: caller.name,
      line: `${cleartext}${options.client?.command ?? 'mysql'} --defaults-extra-file=${shellWord(file)}`,
    });
  }
  return lines;
}

async function writeOptionFile(
  options: Parameters<typeof connectionLines>[0],
  caller: ProbeCaller,
  transport: string,
  mysql: { readonly host: string; readonly port: number; readonly socket: string | null },
): Promise<string> {
  const { workspace, suite, runner } = options;
  const inWorkspace = (path: string): string => optionValue(join(workspace.paths.dir, path));
  const common = [
    `user=${optionValue(caller.user ?? '')}`,
    `password=${optionValue(runner.passwordFor(caller, 'right'))}`,
  ];
  const mariadb: string[] = [];
  if (transport === 'mysql-unix' && mysql.socket !== null)
    common.push(`socket=${optionValue(mysql.socket)}`, 'protocol=socket');
  else common.push(`host=${mysql.host}`, `port=${mysql.port}`, 'protocol=tcp');
  if (['mysql-tls', 'mysql-tls-verified', 'mysql-mutual-tls'].includes(transport) && suite.gatewayTrust !== null) {
    common.push(`ssl-ca=${inWorkspace(suite.gatewayTrust)}`);
    mariadb.push('ssl-verify-server-cert');
    // MySQL's client reads no group of its own that MariaDB's leaves alone, and MariaDB's does not know this option.
    if (options.client?.vendor === 'MySQL') common.push('ssl-mode=VERIFY_IDENTITY');
  }
  if (transport === 'mysql-mutual-tls' && caller.certificate !== null)
    common.push(`ssl-cert=${inWorkspace(caller.certificate)}`, `ssl-key=${inWorkspace(keyFileOf(caller.certificate))}`);
  const database = workspace.topology.keyspaces[0]?.name;
  const path = join(workspace.paths.clients, `${caller.name.replace(/[^A-Za-z0-9_-]+/g, '-')}.cnf`);
  const text = [
    `# How ${caller.name} connects. Written by Gatehouse for the running cluster.`,
    '[client]',
    ...common,
    '[client-mariadb]',
    ...mariadb,
    '[mysql]',
    ...(database === undefined ? [] : [`database=${database}`]),
    '',
  ].join('\n');
  await writeFileAtomic(path, text, 0o600);
  return path;
}
