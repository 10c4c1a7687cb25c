import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composePorts } from '../../src-main/compose';
import type { AppPorts } from '../../src-main/services/app/app-ports';
import { Session } from '../../src-main/services/app/session';

/** A session in folders of its own; `end` closes it and removes them. */
export async function appSession(ports: Partial<AppPorts> = {}): Promise<{
  readonly session: Session;
  readonly folder: string;
  readonly log: string[];
  end(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-app-'));
  const log: string[] = [];
  const session = new Session({
    ...composePorts(),
    version: '0.0.0-test',
    shell: 'browser',
    configDir: join(folder, 'config'),
    workspacesDir: join(folder, 'workspaces'),
    samplesDir: join(import.meta.dirname, '../../resources/samples'),
    pickFolder: () => Promise.resolve(null),
    openExternal: () => Promise.resolve(),
    log: (level, text) => void log.push(`${level} ${text}`),
    ...ports,
  });
  await session.start();
  return {
    session,
    folder,
    log,
    end: async () => {
      await session.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
