import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './domain/kernel';
import { operatingSystem } from './platform/os';
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
  return { clock: systemClock, os: operatingSystem(), templateDir: join(cacheFolder(env), 'mysql-templates') };
}
