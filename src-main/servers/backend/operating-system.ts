/**
 * What a managed MySQL needs to know of the operating system. `platform/os` implements it, one table a system; nothing
 * in this folder asks `process.platform`.
 */
export interface OperatingSystem {
  readonly name: 'linux' | 'macos' | 'windows';
  /** File names of programs: `mysqld` here, `mysqld.exe` there. */
  executable(program: string): string;
  /** What separates the folders of PATH. */
  readonly pathSeparator: ':' | ';';
  /** Folders in which packages and installers put mysqld or mariadbd, best first; may hold one `*` as a whole folder name part. */
  readonly mysqlPlaces: readonly string[];
  /** Unix sockets exist for mysqld; false means TCP on loopback only. */
  readonly unixSockets: boolean;
  /** Longest path of a Unix socket in bytes (sun_path without its NUL). */
  readonly maxSocketPath: number;
  /** SIGTERM asks a process to end; false means that only the SHUTDOWN statement does. */
  readonly signals: boolean;
  /** `root` when mysqld must be told the user it runs as, else null. */
  mysqldUser(): string | null;
  /** A text that differs between two processes that had the same pid, or null when `pid` does not run. */
  processStart(pid: number): Promise<string | null>;
  /** The command line of a running process, or null. */
  processCommand(pid: number): Promise<string | null>;
  /** The one line that installs a MySQL or MariaDB server on this system. */
  installLine(): Promise<string>;
}
