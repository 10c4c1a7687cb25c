import { createReadStream } from 'node:fs';
import { LONGEST_PASTE } from '../../domain/flags';
import { fail, succeed, type Result } from '../../domain/kernel';

/**
 * The text of a file, or of standard input for `-`: no more of it than a check takes, so that an endless one ends in a
 * refusal. Fails with `flags.unreadable`.
 */
export async function readPasted(file: string, stdin: NodeJS.ReadableStream = process.stdin): Promise<Result<string>> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of file === '-' ? stdin : createReadStream(file)) {
      parts.push(Buffer.from(part as Buffer));
      length += (part as Buffer).length;
      // A letter takes at most four bytes.
      if (length > LONGEST_PASTE * 4) break;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail({
      code: 'flags.unreadable',
      summary: code === 'ENOENT' ? `${file} is not there.` : `${file} cannot be read (${code ?? 'unknown'}).`,
      detail: String(error),
    });
  }
  return succeed(Buffer.concat(parts).toString('utf8'));
}
