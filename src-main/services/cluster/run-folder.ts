import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DisposableBag } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { atForcedEnd } from './forced-end';

const PREFIX = 'gatehouse-vitess-';
const patience = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

/**
 * Makes a folder of mode 0700 below the system's temporary one, which goes with the bag or when the process ends by force.
 * `note` remembers it, so that the next run removes what a killed one left: private keys lie in it.
 */
export async function makeRunFolder(note: string, bag: DisposableBag): Promise<string> {
  await removeLeft(note);
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const forget = atForcedEnd(() => {
    rmSync(folder, patience);
    rmSync(note, { force: true });
  });
  bag.add({
    dispose: async () => {
      await rm(folder, patience);
      await rm(note, { force: true });
      forget();
    },
  });
  await mkdir(dirname(note), { recursive: true, mode: 0o700 });
  await writeFileAtomic(note, `${folder}\n`, 0o600);
  return folder;
}

/** Removes the folder of a note, if it is one of ours: a folder, not a link, directly below the temporary one. */
async function removeLeft(note: string): Promise<void> {
  const folder = (await readFile(note, 'utf8').catch(() => '')).trim();
  if (!folder.startsWith(join(tmpdir(), PREFIX)) || dirname(folder) !== tmpdir()) return;
  const found = await lstat(folder).catch(() => null);
  if (found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid()))
    await rm(folder, patience);
}
