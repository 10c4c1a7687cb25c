import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from '../../domain/kernel';

const run = promisify(execFile);

/** Findings for private keys and secrets that git tracks; none when the folder is no git work tree or git is absent. */
export async function trackedSecrets(dir: string): Promise<Finding[]> {
  let listed: string;
  try {
    ({ stdout: listed } = await run('git', ['-C', dir, 'ls-files', '-z', '--', '.'], { maxBuffer: 16 * 1024 * 1024 }));
  } catch {
    return [];
  }
  return listed
    .split('\0')
    .filter((path) => /(-key\.pem|\.p12|\.key)$|^\.gatehouse\/|(^|\/)grpc-(users|credentials)[^/]*\.json$/.test(path))
    .map((path) => ({
      code: 'workspace.secret-tracked',
      level: 'error' as const,
      file: path,
      line: 0,
      column: 0,
      message: 'git tracks this file, which holds a secret',
      remedy: `Run "git rm --cached ${path}", and issue what it holds anew: whoever has the history has the secret.`,
    }));
}
