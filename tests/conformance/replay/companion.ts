import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Our own copy of the recordings; the program is started in the repository's folder. */
const own = join(process.cwd(), 'tests', 'conformance', 'recorded');

/**
 * Path of a file that a recording needs beside itself: the one in `folder`, or our own copy where that has none.
 *
 * @param folder of the recording
 * @param name with its ending: `certificates.sh`
 */
export function companionPath(folder: string, name: string): string {
  const beside = join(folder, name);
  return existsSync(beside) ? beside : join(own, name);
}

/** A recording that another one leans on, for what they share: tables, users, passwords. */
export const companion = <T>(folder: string, name: string): T =>
  JSON.parse(readFileSync(companionPath(folder, `${name}.json`), 'utf8')) as T;
