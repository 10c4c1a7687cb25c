import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A foreign program's answer: exit code and both outputs together. */
export interface ForeignAnswer {
  readonly code: number;
  readonly text: string;
}

/** Runs a foreign program; never throws for its exit code. */
export function runForeign(command: string, args: readonly string[], input?: string | Buffer): ForeignAnswer {
  const result = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { code: result.status ?? -1, text: `${result.stdout}${result.stderr}` };
}

/** True when a command is there; otherwise prints why its tests do not run. */
export function haveCommand(command: string, what: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`not run: ${what}, because ${command} is not installed`);
    return false;
  }
}

/** A directory that is removed after the tests of this file, with a way to write files into it. */
export function temporaryDirectory(): {
  readonly path: string;
  write(name: string, content: string | Uint8Array): string;
} {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-certs-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
