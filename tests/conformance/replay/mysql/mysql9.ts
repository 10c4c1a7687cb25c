import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { Secret } from '../../../../src-main/domain/kernel';
import type { BackendLogin } from '../../../../src-main/servers/backend';

const folder = process.env['GATEHOUSE_MYSQL9_BIN'] ?? join(homedir(), '.cache', 'gatehouse', 'mysql', 'bin');

/** A MySQL 9 with its own defaults, as the recordings were made with one; it can be stopped, killed and started again. */
export class Mysql9 {
  #process: ChildProcess | null = null;

  private constructor(
    private readonly data: string,
    readonly socket: string,
    private readonly database: string,
    private readonly options: readonly string[],
  ) {}

  /** Makes an empty data directory in `place`, to be copied. Throws when there is no MySQL 9 on this machine. */
  static async template(place: string): Promise<string> {
    const program = join(folder, 'mysqld');
    if (!existsSync(program)) throw new Error('MySQL 9 is not installed');
    const data = join(place, 'mysql', 'data');
    await mkdir(dirname(data), { recursive: true });
    await promisify(execFile)(program, [
      '--no-defaults',
      '--initialize-insecure',
      '--secure-file-priv=',
      `--datadir=${data}`,
      '--log-error-verbosity=1',
      ...asUser(),
    ]);
    return data;
  }

  /** Starts on a data directory in `place`, which is a copy of `template` if there is one. */
  static async start(
    place: string,
    database: string,
    options: readonly string[] = [],
    template: string | null = null,
  ): Promise<Mysql9> {
    const data = template === null ? await Mysql9.template(place) : join(place, 'mysql', 'data');
    if (template !== null) {
      await cp(template, data, { recursive: true });
      await rm(join(data, 'auto.cnf'), { force: true });
    }
    const server = new Mysql9(data, join(place, 'mysql', 's'), database, options);
    await server.up();
    await server.run(
      `create database ${database}`,
      'create database _vt',
      "create user vt_app@localhost identified with caching_sha2_password by 'app'",
      'grant all on *.* to vt_app@localhost',
    );
    return server;
  }

  /** How a tablet logs in. */
  get login(): BackendLogin {
    return { host: 'localhost', port: 0, socket: this.socket, user: 'vt_app', password: new Secret('app') };
  }

  /** Runs statements at MySQL itself, as root. */
  async run(...statements: readonly string[]): Promise<unknown[]> {
    const [first] = statements;
    const database = first?.startsWith('create database') === true ? {} : { database: this.database };
    const connection = await createConnection({ socketPath: this.socket, user: 'root', ...database });
    try {
      const answers: unknown[] = [];
      for (const statement of statements) answers.push((await connection.query(statement))[0]);
      return answers;
    } finally {
      await connection.end();
    }
  }

  /** Starts the server; settles when it answers. */
  async up(): Promise<void> {
    const args = [
      '--no-defaults',
      `--datadir=${this.data}`,
      `--socket=${this.socket}`,
      `--pid-file=${this.socket}.pid`,
      `--log-error=${this.socket}.log`,
      '--port=0',
      '--skip-networking',
      '--mysqlx=OFF',
      '--secure-file-priv=',
      '--innodb-flush-log-at-trx-commit=0',
      '--sync-binlog=0',
      ...this.options,
      ...asUser(),
    ];
    const child = spawn(join(folder, 'mysqld'), args, { stdio: 'ignore' });
    this.#process = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error('mysqld ended while it started');
      try {
        await (await createConnection({ socketPath: this.socket, user: 'root' })).end();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Ends the server: `SIGTERM` as an administrator does, `SIGKILL` as a crash. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

const asUser = (): string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);
