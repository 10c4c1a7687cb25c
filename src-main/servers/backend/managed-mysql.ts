import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, succeed, type Failure, type Result, type Secret } from '../../domain/kernel';
import { noteChild } from './children';
import { accountStatements, type AppUser } from './accounts';
import { checkMarker, fillDataDirectory, markerText } from './data-directory';
import { takeLock, writePrivate, type DataLock } from './data-lock';
import { freePort } from './free-port';
import { checkOptions, layout, type Layout } from './managed-layout';
import type { OperatingSystem } from './operating-system';
import type { MysqlProgram, MysqlVendor } from './program';
import { RestartBudget } from './restart-budget';
import { askOnce, waitForLogin, type ServerAddress } from './readiness';
import { endProcess, findOrphan, forgetProcess, noteProcess, type KnownProcess } from './server-process';
import { serverOptions, type BackendTlsFiles } from './server-options';

/**
 * What happened, in the order of a start: `orphan-stopped` only after a crash, `restarted` only when mysqld died, and
 * `given-up` when it died too often: it is tried again after a while.
 */
export type BackendStep =
  | ('lock' | 'orphan-stopped' | 'initialised' | 'template' | 'spawned' | 'ready' | 'stopped')
  | ('died' | 'restarted' | 'given-up');

export interface BackendEvent {
  readonly step: BackendStep;
  /** Milliseconds since the start was asked for. */
  readonly atMs: number;
}

export interface ManagedMysqlOptions {
  readonly program: MysqlProgram;
  readonly os: OperatingSystem;
  /** A folder of this backend alone: data directory, option file, log and lock live in it. Made when missing. */
  readonly dataDir: string;
  /** A short path for the socket, private to this user. Made when missing. */
  readonly runDir: string;
  readonly databases: readonly string[];
  /** PEM files; null: no TLS on TCP (MariaDB) or whatever MySQL makes itself is off too. */
  readonly tls: BackendTlsFiles | null;
  readonly rootPassword: Secret;
  readonly appUser: AppUser;
  /** 0: a free port. */
  readonly port: number;
  /** Where initialised data directories are kept for the next workspace. */
  readonly templateDir?: string | undefined;
  readonly onEvent?: (event: BackendEvent, server: ManagedMysql) => void;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for a start until a login works (default 60,000) and for a clean stop (default 30,000). */
  readonly startTimeoutMs?: number;
  readonly stopTimeoutMs?: number;
  /** Start it again, on the same port, when it dies by itself (default true; at most three times in a window of time). */
  readonly restart?: boolean;
  /** Milliseconds of that window (default 60,000). */
  readonly restartWindowMs?: number;
}

/** How a managed server ended. */
export interface BackendExit {
  readonly expected: boolean;
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running MySQL or MariaDB that this program started. */
export interface ManagedMysql {
  readonly vendor: MysqlVendor;
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Path of its Unix socket, or null where there are none. */
  readonly socket: string | null;
  /** Of the server process; changes when it was started again. */
  readonly pid: number;
  readonly logFile: string;
  readonly events: readonly BackendEvent[];
  /** Settles when the server is gone for good. */
  readonly exited: Promise<BackendExit>;
  /** Whether it died and is not back. */
  readonly down: boolean;
  /** Tries a server that died too often, and is therefore left alone for a while, again at once. */
  retry(): void;
  /** Clean shutdown, SIGKILL only after the limit; frees the data directory. May be called again. */
  stop(): Promise<void>;
}

const PORT_TRIES = 5;

class Managed implements ManagedMysql {
  readonly host = '127.0.0.1' as const;
  readonly events: BackendEvent[] = [];
  readonly exited: Promise<BackendExit>;
  readonly #begun = performance.now();
  readonly #budget: RestartBudget;
  #settle: (exit: BackendExit) => void = () => undefined;
  #lock: DataLock | null = null;
  #known: KnownProcess | null = null;
  #ended = true;
  #exit: BackendExit = { expected: false, code: null, signal: null };
  #stopping: Promise<void> | null = null;
  #onEnd: (() => void) | null = null;
  /** A new start after the server died by itself, while it goes on. */
  #restarting: Promise<void> | null = null;
  port = 0;
  pid = 0;

  constructor(
    readonly options: ManagedMysqlOptions,
    readonly paths: Layout,
  ) {
    this.exited = new Promise((resolve) => (this.#settle = resolve));
    this.#budget = new RestartBudget(options.restartWindowMs ?? 60_000);
  }

  get down(): boolean {
    const last = this.events.at(-1)?.step;
    return last !== 'ready' && last !== 'restarted';
  }

  retry(): void {
    if (this.down) this.#budget.wake();
  }

  get vendor(): MysqlVendor {
    return this.options.program.vendor;
  }

  get version(): string {
    return this.options.program.version;
  }

  get socket(): string | null {
    return this.paths.socket;
  }

  get logFile(): string {
    return this.paths.log;
  }

  get #stopLimit(): number {
    return this.options.stopTimeoutMs ?? 30_000;
  }

  #event(step: BackendStep): void {
    const event = { step, atMs: performance.now() - this.#begun };
    this.events.push(event);
    this.options.onEvent?.(event, this);
  }

  async start(): Promise<Failure | null> {
    const { options, paths } = this;
    try {
      await mkdir(paths.home, { recursive: true, mode: 0o700 });
      await chmod(paths.home, 0o700);
      const lock = await takeLock(paths.lock, options.os);
      if (!lock.ok) return lock.failure;
      this.#lock = lock.value;
      await mkdir(options.runDir, { recursive: true, mode: 0o700 });
      this.#event('lock');
      const failure = (await this.#prepare()) ?? (await this.#launchOnFreePort());
      if (failure !== null) await this.#release();
      return failure;
    } catch (error) {
      await this.#release();
      return {
        code: 'backend.start-failed',
        summary: `${options.program.vendor} could not be started in ${paths.home}: ${(error as Error).message}`,
      };
    }
  }

  /** Ends what a crash left running, and makes the data directory when there is none. */
  async #prepare(): Promise<Failure | null> {
    const { options, paths } = this;
    const orphan = await findOrphan(paths.processNote, paths.pidFile, paths.optionFile, options.os);
    if (orphan !== null) {
      await endProcess(orphan, options.os, this.#stopLimit);
      this.#event('orphan-stopped');
    }
    await forgetProcess(paths.processNote, paths.pidFile, paths.initFile, paths.socket);
    for (const name of await readdir(paths.home))
      if (/^mysql\.(copying|making-.*)$/.test(name)) await rm(join(paths.home, name), { recursive: true, force: true });
    await rm(paths.temporary, { recursive: true, force: true });
    for (const folder of [paths.noFiles, paths.temporary]) await mkdir(folder, { recursive: true, mode: 0o700 });
    const present = await stat(paths.data).catch(() => null);
    if (present !== null) {
      const fits = await checkMarker(paths.marker, options.program);
      if (!fits.ok) return fits.failure;
    } else {
      await writePrivate(paths.marker, markerText(options.program));
      const filled = await fillDataDirectory(
        options.program,
        paths.data,
        options.templateDir,
        options.os,
        options.signal,
      );
      if (!filled.ok) return filled.failure;
      this.#event(filled.value);
    }
    await writePrivate(paths.marker, markerText(options.program));
    return null;
  }

  async #launchOnFreePort(): Promise<Failure | null> {
    let failure: Failure | null = null;
    for (let attempt = 0; attempt < PORT_TRIES; attempt += 1) {
      this.port = this.options.port === 0 ? await freePort() : this.options.port;
      failure = await this.#launch();
      if (failure?.code !== 'backend.port-in-use' || this.options.port !== 0) break;
    }
    if (failure === null) this.#event('ready');
    return failure;
  }

  async #launch(): Promise<Failure | null> {
    const { options, paths } = this;
    const { program, os } = options;
    const statements = accountStatements(
      program.vendor,
      options.databases,
      options.rootPassword,
      options.appUser,
      options.tls !== null,
    );
    await writePrivate(paths.initFile, statements.map((statement) => `${statement};\n`).join(''));
    await writePrivate(paths.optionFile, serverOptions(os, program.vendor, paths, this.port, options.tls));
    const log = await open(paths.log, 'a', 0o600);
    const logStart = (await log.stat()).size;
    // A group of its own: a terminal's Ctrl-C reaches Gatehouse alone, which then stops the server in order.
    const child = spawn(program.path, [`--defaults-file=${paths.optionFile}`], {
      cwd: paths.home,
      detached: os.signals,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
    });
    noteChild(child, [paths.processNote, paths.pidFile, paths.initFile, paths.socket, paths.lock]);
    await log.close();
    this.#ended = false;
    const ended = new Promise<void>((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        if (this.#ended) return;
        this.#ended = true;
        this.#exit = { expected: this.#stopping !== null, code, signal };
        resolve();
        this.#onEnd?.();
      };
      child.once('error', () => end(null, null));
      child.once('exit', end);
    });
    try {
      if (child.pid !== undefined) {
        this.pid = child.pid;
        const started = await os.processStart(child.pid);
        this.#known = started === null ? null : { pid: child.pid, started };
        await noteProcess(paths.processNote, child.pid, os);
        this.#event('spawned');
      }
      const address: ServerAddress =
        paths.socket === null ? { host: this.host, port: this.port } : { socketPath: paths.socket };
      const ready = await waitForLogin(
        address,
        () =>
          askOnce(
            address,
            'root',
            options.rootPassword,
            "select @@datadir, @@port, (select count(*) from mysql.user where User='')",
            10_000,
          ),
        {
          ended: () => this.#ended || this.#stopping !== null,
          limitMs: options.startTimeoutMs ?? 60_000,
          signal: options.signal,
        },
      );
      if ('value' in ready && ready.value[1] === String(this.port) && ready.value[2] === '0') {
        if (paths.socket !== null) await chmod(paths.socket, 0o600);
        this.#onEnd = () => (this.#restarting = this.#died());
        if (this.#ended) this.#restarting = this.#died();
        return null;
      }
      if (!this.#ended && this.#known !== null) await endProcess(this.#known, os, this.#stopLimit);
      await ended;
      return await this.#explain('reason' in ready ? ready.reason : 'refused', logStart);
    } finally {
      await rm(paths.initFile, { force: true });
    }
  }

  async #explain(reason: 'ended' | 'cancelled' | 'timeout' | 'refused', logStart: number): Promise<Failure> {
    const { vendor } = this.options.program;
    const detail = (await readFile(this.paths.log)).subarray(logStart).toString('utf8').slice(-8_000);
    if (reason === 'cancelled') return { code: 'backend.cancelled', summary: 'Starting MySQL was cancelled.' };
    if (/Address already in use|Do you already have another/i.test(detail))
      return {
        code: 'backend.port-in-use',
        summary: `Port ${this.port} on 127.0.0.1 is taken: choose another one or let Gatehouse choose.`,
        detail,
      };
    if (/SSL error|\[ERROR\].*(SSL|TLS|certificate)|Failed to set up TLS/i.test(detail) && this.options.tls !== null)
      return {
        code: 'backend.tls-files',
        summary: `${vendor} could not use its certificate or key: check the files of this link.`,
        detail,
      };
    if (reason === 'refused')
      return {
        code: 'backend.accounts',
        summary: `${vendor} started, but its accounts could not be set up as they must be; see ${this.paths.log}.`,
        detail,
      };
    return {
      code: 'backend.start-failed',
      summary:
        reason === 'timeout'
          ? `${vendor} did not become ready in time; see ${this.paths.log}.`
          : `${vendor} ended while it started; see ${this.paths.log}.`,
      detail,
    };
  }

  /** The server ended although nobody asked it to. */
  async #died(): Promise<void> {
    this.#onEnd = null;
    if (this.#stopping !== null) return;
    this.#event('died');
    while (this.options.restart !== false) {
      const wait = this.#budget.take();
      if (wait > 0) {
        if (this.events.at(-1)?.step !== 'given-up') this.#event('given-up');
        await this.#budget.pause(wait);
      } else {
        await forgetProcess(this.paths.processNote, this.paths.pidFile, this.paths.socket);
        if ((await this.#launch().catch(() => true)) === null) {
          this.#event('restarted');
          return;
        }
      }
      if (this.#stopping !== null) return;
    }
    await this.#release();
    this.#settle(this.#exit);
  }

  async #release(): Promise<void> {
    const { paths } = this;
    await forgetProcess(paths.processNote, paths.pidFile, paths.initFile, paths.socket);
    // Only when nothing is left in it, and only by whoever holds the server.
    if (this.#lock !== null) await rmdir(this.options.runDir).catch(() => undefined);
    await this.#lock?.release();
    this.#lock = null;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    const { options } = this;
    this.#onEnd = null;
    this.#budget.wake();
    await this.#restarting;
    const address: ServerAddress =
      this.paths.socket === null ? { host: this.host, port: this.port } : { socketPath: this.paths.socket };
    if (!options.os.signals)
      await askOnce(address, 'root', options.rootPassword, 'SHUTDOWN', 5_000).catch(() => undefined);
    if (this.#known !== null) await endProcess(this.#known, options.os, this.#stopLimit);
    await this.#release();
    this.#event('stopped');
    this.#settle({ ...this.#exit, expected: true });
  }
}

/**
 * Starts a MySQL or MariaDB of the workspace's own (design.md §6, "Managed MySQL"): private data directory, Unix socket
 * and 127.0.0.1, root's own password, one user with the least rights, TLS from the files given. Passwords travel in an
 * init file of mode 0600 that is gone when this returns, never on a command line.
 *
 * A server that a killed Gatehouse left behind is ended cleanly first. Fails, and leaves nothing running, with
 * `backend.data-dir-in-use`, `backend.not-ours`, `backend.other-program`, `backend.initialise-failed`,
 * `backend.port-in-use`, `backend.tls-files`, `backend.accounts`, `backend.socket-path-too-long`,
 * `backend.database-name`, `backend.user-name`, `backend.cancelled` or `backend.start-failed`.
 */
export async function startManagedMysql(options: ManagedMysqlOptions): Promise<Result<ManagedMysql>> {
  const paths = layout(options);
  const wrong = checkOptions(options, paths);
  if (wrong !== null) return fail(wrong);
  const managed = new Managed(options, paths);
  const failure = await managed.start();
  return failure === null ? succeed(managed) : fail(failure);
}
