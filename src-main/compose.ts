import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './domain/kernel';
import { operatingSystem } from './platform/os';
import type { AppPorts } from './services/app/app-ports';
import { Session } from './services/app/session';
import type { ServicePorts } from './services/ports';

/** Folder for what can be made again, per user: XDG_CACHE_HOME, or the system's own place. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  const named = env['GATEHOUSE_CACHE'];
  if (named !== undefined && named !== '') return named;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Gatehouse');
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? homedir(), 'Gatehouse', 'Cache');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gatehouse');
}

/** What services need from this machine. */
export function composePorts(env: NodeJS.ProcessEnv = process.env): ServicePorts {
  // Beside this program when it is built; from source there is none.
  const engineThread = join(import.meta.dirname, 'engine-thread.js');
  return {
    clock: systemClock,
    os: operatingSystem(),
    templateDir: join(cacheFolder(env), 'mysql-templates'),
    ...(existsSync(engineThread) ? { engineThread } : {}),
  };
}

/** Folder for the app's own settings, per user: GATEHOUSE_CONFIG, XDG_CONFIG_HOME, or the system's own place. */
function configFolder(env: NodeJS.ProcessEnv): string {
  const named = env['GATEHOUSE_CONFIG'];
  if (named !== undefined && named !== '') return named;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Gatehouse');
  if (process.platform === 'win32') return join(env['APPDATA'] ?? homedir(), 'Gatehouse');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gatehouse');
}

/** What a shell brings: how it asks for folders, opens links and writes its log. */
export type ShellPorts = Pick<
  AppPorts,
  'shell' | 'version' | 'samplesDir' | 'systemVault' | 'pickFolder' | 'openExternal' | 'log'
>;

/** The app behind a shell. The shell calls `start` before its first page, and `dispose` when it quits. */
export function composeSession(shell: ShellPorts, env: NodeJS.ProcessEnv = process.env): Session {
  return new Session({
    ...composePorts(env),
    ...shell,
    configDir: configFolder(env),
    workspacesDir: env['GATEHOUSE_WORKSPACES'] || join(homedir(), 'Gatehouse'),
  });
}
