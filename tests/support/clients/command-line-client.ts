import { spawn } from 'node:child_process';
import type { ClientAnswer, ClientChecks, ClientEvents, ClientPlan, ClientReport, ClientWay } from './plan';

/** A command line of MySQL's or MariaDB's, as clients in tests. */
export interface CommandLine {
  readonly command: string;
  readonly vendor: 'MariaDB' | 'MySQL';
  /** Who asks MySQL itself, where this one shares no method with it. */
  readonly peer: CommandLine | null;
}

interface Ended {
  readonly out: string;
  readonly err: string;
}

/** The options of one way; the password goes by the environment. */
export function wayOptions({ vendor }: CommandLine, way: ClientWay): string[] {
  const isMariadb = vendor === 'MariaDB';
  const place = way.socket === null ? ['--protocol=tcp', '-h', way.host, '-P', String(way.port)] : ['-S', way.socket];
  const off = isMariadb ? ['--skip-ssl'] : ['--ssl-mode=DISABLED'];
  const verify = isMariadb ? ['--ssl', '--ssl-verify-server-cert'] : ['--ssl-mode=VERIFY_IDENTITY'];
  const { tls } = way;
  const secure =
    tls === null
      ? way.socket === null
        ? off
        : []
      : [
          ...verify,
          `--ssl-ca=${tls.ca}`,
          ...(tls.cert === null ? [] : [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`]),
        ];
  const clear = way.method === 'mysql_clear_password' && !isMariadb ? ['--enable-cleartext-plugin'] : [];
  return ['--no-defaults', ...place, ...secure, ...clear, '-u', way.user, '--default-character-set=utf8mb4'];
}

/** Runs a program to its end; `onLine` hears of each line as it comes. */
export function runCommand(
  command: string,
  args: readonly string[],
  password: string,
  input = '',
  onLine?: (line: string) => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, MYSQL_PWD: password }, timeout: 60_000 });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk);
      if (onLine !== undefined && chunk.includes(0x0a)) onLine(Buffer.concat(out).toString().split('\n')[0]!);
    });
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', () => resolve({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
    child.stdin.end(input);
  });
}

const errorLine = /^(?:mysqldump: Got error: (\d+): |ERROR (\d+) \((\w{5})\)(?: at line \d+)?: )(.*)$/m;

/** The first error that a command line printed, or null. */
export function printedError(err: string): { errno: number; sqlState: string | null; message: string } | null {
  const said = errorLine.exec(err);
  if (said === null) return null;
  return { errno: Number(said[1] ?? said[2]), sqlState: said[3] ?? null, message: said[4]! };
}

/** Plays a plan with a command line. */
export async function runCommandLine(line: CommandLine, plan: ClientPlan, events: ClientEvents): Promise<ClientReport> {
  const ask = (way: ClientWay, sql: string, more: readonly string[] = [], by = line, onLine?: (line: string) => void) =>
    runCommand(
      by.command,
      [...wayOptions(by, way), '-N', '-B', '--raw', '--max-allowed-packet=67108864', ...more, way.database],
      way.password,
      sql,
      onLine,
    );
  const value = (text: string): string | null => (text === 'NULL' ? null : text);
  const logins = new Map<string, ClientAnswer>();
  const checks = new Map<string, ClientAnswer>();
  for (const way of plan.ways) {
    const { out, err } = await ask(way, 'select user();');
    const error = printedError(err);
    const answer: ClientAnswer = error !== null ? { error } : { got: out.trimEnd() };
    logins.set(way.name, answer);
    events.login(way.name, answer);
  }
  if (plan.checks === null) return { logins, checks };
  const { way, direct, base, ...todo }: ClientChecks = plan.checks;
  const failure = async (sql: string) => printedError((await ask(way, `${sql};`)).err);
  const one = async (sql: string) => (await ask(way, `${sql};`)).out.replace(/\n$/, '');

  checks.set('text', { got: (await one(todo.text)).split('\t').map(value) });
  const none = 'a command line: it has no parameters';
  for (const name of ['parameters', 'prepared', 'types, prepared']) checks.set(name, { cannot: none });
  const ours = await one(todo.types);
  const by = line.peer ?? line;
  const theirs = (await ask(direct, `${todo.types};`, [], by)).out.replace(/\n$/, '');
  checks.set('types', {
    got: ours === theirs && ours.length > 200_000 ? [] : [`${ours.length} characters for ${theirs.length}`],
  });
  const seen = [];
  for (const sql of todo.errors) seen.push(await failure(sql));
  checks.set('errors', { got: [...seen, await one('select 1')] });

  const large = '0123456789abcdef'.repeat(todo.big / 16);
  const { err } = await ask(way, `insert into large (id, body) values (${base}, '${large}');`);
  const back = await one(`select body from large where id = ${base}`);
  const overPacket = await failure(`insert into large (id, body) values (0, '${'x'.repeat(todo.overPacket)}')`);
  checks.set('big', { got: { same: err === '' && back === large, overPacket, tooBig: await failure(todo.tooBig) } });

  if (todo.cancel === null) checks.set('cancel', { got: await failure('kill query 1') });
  else {
    let told = false;
    const script = `select connection_id(); ${todo.cancel}; select 1;`;
    const { out, err } = await ask(way, script, ['--force', '--unbuffered'], line, (first) => {
      if (!told) void events.sleeping(Number(first));
      told = true;
    });
    checks.set('cancel', { got: { seen: printedError(err), after: out.trimEnd().split('\n').at(-1) } });
  }
  const [{ err: cut }] = await Promise.all([ask(way, `${todo.cut};`), events.cut()]);
  checks.set('reconnect', { got: { lost: printedError(cut), after: await one('select 1') } });
  return { logins, checks };
}

/** Logs in with a dumping program, and compares what it dumps of every type with what it dumps at MySQL itself. */
export async function runDump(line: CommandLine, plan: ClientPlan, events: ClientEvents): Promise<ClientReport> {
  const isMariadb = line.vendor === 'MariaDB';
  // What vtgate has no answer for: tables are locked and positions are read by nobody who asks for a dump of rows.
  const quiet = [
    '--skip-lock-tables',
    '--skip-add-locks',
    '--skip-comments',
    '--no-tablespaces',
    '--compact',
    '--hex-blob',
  ];
  const more = isMariadb ? [] : ['--set-gtid-purged=OFF', '--column-statistics=0', '--skip-masking-policies'];
  const dump = (way: ClientWay, tables: readonly string[], by = line) =>
    runCommand(
      by.command,
      [
        ...wayOptions(by, way),
        ...quiet,
        ...(by === line ? more : []),
        '--max-allowed-packet=67108864',
        way.database,
        ...tables,
      ],
      way.password,
    );
  const logins = new Map<string, ClientAnswer>();
  const checks = new Map<string, ClientAnswer>();
  for (const way of plan.ways) {
    const { out, err } = await dump(way, ['every_type']);
    const error = printedError(err);
    const answer: ClientAnswer =
      error !== null || err.includes('rror')
        ? { error: error ?? { errno: 0, sqlState: null, message: err } }
        : { got: out.includes('INSERT INTO `every_type`') ? way.user : out };
    logins.set(way.name, answer);
    events.login(way.name, answer);
  }
  if (plan.checks !== null) {
    const rows = ({ out }: Ended) => out.split('\n').filter((text) => text.startsWith('INSERT'));
    const ours = rows(await dump(plan.checks.way, ['every_type']));
    const theirs = rows(await dump(plan.checks.direct, ['every_type'], line.peer ?? line));
    const same = ours.length > 0 && ours.join('\n') === theirs.join('\n');
    checks.set('types', { got: same ? [] : [`${ours.join('\n').length} characters for ${theirs.join('\n').length}`] });
  }
  return { logins, checks };
}
