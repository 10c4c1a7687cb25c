import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/**
 * The workspace that somebody asked for on the command line or by opening a `.gatehouse` file: the last argument that is
 * a folder or such a file. Options, and whatever does not exist, are no request; null: none.
 *
 * @param argv arguments after the program (and, in development, after the app's own folder)
 */
export function requestedWorkspace(argv: readonly string[], cwd: string): string | null {
  for (const argument of [...argv].reverse()) {
    if (argument.startsWith('-') || argument.includes('\0')) continue;
    const path = isAbsolute(argument) ? argument : resolve(cwd, argument);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true || (found?.isFile() === true && path.endsWith('.gatehouse'))) return path;
  }
  return null;
}
