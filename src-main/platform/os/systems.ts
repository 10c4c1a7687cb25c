/** What differs between the systems, as plain data. */
export interface SystemTable {
  readonly executableSuffix: '' | '.exe';
  readonly pathSeparator: ':' | ';';
  readonly unixSockets: boolean;
  /** sizeof(sockaddr_un.sun_path) - 1: 108 bytes on Linux (unix(7)), 104 on macOS (sys/un.h). */
  readonly maxSocketPath: number;
  readonly signals: boolean;
  /** Folders of mysqld and mariadbd as the vendors' packages lay them out, best first; one `*` stands for a version. */
  readonly mysqlPlaces: readonly string[];
  /** Program, with its arguments before the path, that opens a file as a double click does. */
  readonly opener: readonly [string, ...string[]];
  /** The line that installs a server, by the package tool that is there; the last one needs no tool. */
  readonly installLines: readonly { readonly tool: string | null; readonly line: string }[];
}

/** One column a system. Unix sockets of mysqld and SIGTERM do not exist on Windows. */
export const systems: { readonly [name in 'linux' | 'macos' | 'windows']: SystemTable } = {
  linux: {
    executableSuffix: '',
    pathSeparator: ':',
    unixSockets: true,
    maxSocketPath: 107,
    signals: true,
    opener: ['xdg-open'],
    mysqlPlaces: [
      '/usr/sbin',
      '/usr/bin',
      '/usr/libexec',
      '/usr/local/sbin',
      '/usr/local/bin',
      '/usr/local/mysql/bin',
      '/opt/mysql*/bin',
      '/opt/mariadb*/bin',
    ],
    installLines: [
      {
        tool: '/usr/bin/apt-get',
        line: 'sudo apt-get update && sudo apt-get install --yes mariadb-server-core mariadb-client-core',
      },
      { tool: '/usr/bin/dnf', line: 'sudo dnf install mariadb-server' },
      { tool: '/usr/bin/zypper', line: 'sudo zypper install mariadb' },
      { tool: '/usr/bin/pacman', line: 'sudo pacman -S mariadb' },
      { tool: '/sbin/apk', line: 'sudo apk add mariadb mariadb-client' },
      { tool: null, line: 'install the package mariadb-server (or mysql-server) of your distribution' },
    ],
  },
  macos: {
    executableSuffix: '',
    pathSeparator: ':',
    unixSockets: true,
    maxSocketPath: 103,
    signals: true,
    opener: ['open'],
    mysqlPlaces: [
      '/opt/homebrew/bin',
      '/opt/homebrew/opt/mysql*/bin',
      '/opt/homebrew/opt/mariadb*/bin',
      '/usr/local/bin',
      '/usr/local/opt/mysql*/bin',
      '/usr/local/opt/mariadb*/bin',
      '/usr/local/mysql/bin',
      '/opt/local/libexec/mysql*/bin',
    ],
    installLines: [
      { tool: '/opt/homebrew/bin/brew', line: 'brew install mariadb' },
      { tool: '/usr/local/bin/brew', line: 'brew install mariadb' },
      { tool: '/opt/local/bin/port', line: 'sudo port install mariadb-10.11-server' },
      { tool: null, line: 'install the MySQL Community Server package for macOS' },
    ],
  },
  windows: {
    executableSuffix: '.exe',
    pathSeparator: ';',
    unixSockets: false,
    maxSocketPath: 0,
    signals: false,
    opener: ['rundll32', 'url.dll,FileProtocolHandler'],
    mysqlPlaces: ['C:\\Program Files\\MySQL\\MySQL Server*\\bin', 'C:\\Program Files\\MariaDB*\\bin'],
    installLines: [{ tool: null, line: 'winget install MariaDB.Server' }],
  },
};
