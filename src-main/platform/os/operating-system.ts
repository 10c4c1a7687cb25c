import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { OperatingSystem } from '../../servers/backend';
import { systems } from './systems';

const ask = (program: string, args: readonly string[]): Promise<string | null> =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: 5_000, windowsHide: true, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => resolve(error === null && stdout.trim() !== '' ? stdout.trim() : null),
    );
  });

/** Linux: field 22 of /proc/PID/stat (proc_pid_stat(5)) with the boot id, because it counts ticks since boot. */
async function linuxStart(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  return `${boot.trim()}/${fields[19] ?? ''}`;
}

const powershell = (pid: number, field: string): Promise<string | null> =>
  ask('powershell', ['-NoProfile', '-Command', `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").${field}`]);

/** The system this program runs on (or the one named), for whoever starts processes and makes sockets. */
export function operatingSystem(platform: NodeJS.Platform = process.platform): OperatingSystem {
  const name = platform === 'darwin' ? 'macos' : platform === 'win32' ? 'windows' : 'linux';
  const table = systems[name];
  return {
    name,
    pathSeparator: table.pathSeparator,
    mysqlPlaces: table.mysqlPlaces,
    unixSockets: table.unixSockets,
    maxSocketPath: table.maxSocketPath,
    signals: table.signals,
    executable: (program) => program + table.executableSuffix,
    mysqldUser: () => (process.getuid?.() === 0 ? 'root' : null),
    processStart: (pid) => {
      if (name === 'linux') return linuxStart(pid);
      return name === 'macos' ? ask('ps', ['-o', 'lstart=', '-p', String(pid)]) : powershell(pid, 'CreationDate');
    },
    processCommand: async (pid) => {
      if (name === 'macos') return ask('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
      if (name === 'windows') return powershell(pid, 'CommandLine');
      const bytes = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
      return bytes === null || bytes === '' ? null : bytes.replaceAll('\0', ' ').trim();
    },
    installLine: () => {
      const fitting = table.installLines.find(({ tool }) => tool === null || existsSync(tool));
      return Promise.resolve(fitting?.line ?? '');
    },
  };
}
