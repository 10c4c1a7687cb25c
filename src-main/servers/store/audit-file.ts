import { constants } from 'node:fs';
import { chmod, open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  auditHash,
  auditLines,
  nextRecord,
  readAuditLine,
  sha256Hex,
  type AuditEntry,
  type AuditRecord,
} from '../../domain/audit';
import { GatehouseError } from '../../domain/kernel';
import { acquireLock, type WorkspaceLock } from './lock';
import { ensurePrivateFolder } from './private-folder';

/** How long an append waits for other programs that append to the same log, milliseconds. */
const LOCK_MS = 10_000;
const LOCK_PAUSE_MS = 10;
/** What is read of a log's end to find its last record, bytes; the whole is read when it is not in there. */
const TAIL_BYTES = 256 * 1024;

/** Where the audit log of the workspace in `dir` is. */
export const auditPath = (dir: string): string => join(dir, '.gatehouse', 'audit.ndjson');

/** The bytes of a workspace's audit log, or null when there is none. Rejects with `audit.unreadable`. */
export async function readAuditFile(dir: string): Promise<Buffer | null> {
  try {
    return await readFile(auditPath(dir));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new GatehouseError(
      { code: 'audit.unreadable', summary: `${auditPath(dir)} cannot be read (${code ?? 'unknown'}).` },
      { cause: error },
    );
  }
}

/** Appends of this process to one log, one after the other. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Appends a record to the audit log of the workspace in `dir` and waits until it is on the disk. Programs that append at
 * the same time take turns, so that the chain does not fork. A fragment that a killed program has left is kept, and a
 * record behind it says so. Rejects with `audit.unwritable` or `audit.locked`; nothing was appended then.
 */
export function appendAudit(
  dir: string,
  entry: AuditEntry,
  by: Pick<AuditRecord, 'who' | 'program'> & { readonly now: () => Date },
): Promise<AuditRecord> {
  const path = auditPath(dir);
  const done = (turns.get(path) ?? Promise.resolve()).then(async () => {
    const lock = await take(`${path}.lock`, by.program);
    try {
      return await append(path, entry, by);
    } catch (error) {
      if (error instanceof GatehouseError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new GatehouseError(
        { code: 'audit.unwritable', summary: `${path} cannot be written (${code}).`, detail: String(error) },
        { cause: error },
      );
    } finally {
      await lock.release();
    }
  });
  const settled = done.then(
    () => undefined,
    () => undefined,
  );
  turns.set(path, settled);
  void settled.then(() => {
    if (turns.get(path) === settled) turns.delete(path);
  });
  return done;
}

async function take(path: string, program: string): Promise<WorkspaceLock> {
  await ensurePrivateFolder(dirname(path)).catch((error: unknown) => {
    if (error instanceof GatehouseError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new GatehouseError({ code: 'audit.unwritable', summary: `${dirname(path)} cannot be written (${code}).` });
  });
  const until = performance.now() + LOCK_MS;
  for (;;) {
    const lock = await acquireLock(path, program).catch((error: unknown) => {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new GatehouseError({ code: 'audit.unwritable', summary: `${dirname(path)} cannot be written (${code}).` });
    });
    if (lock.ok) return lock.value;
    if (performance.now() > until)
      throw new GatehouseError({ code: 'audit.locked', summary: 'Another program does not let go of the audit log.' });
    await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS * (1 + Math.random())));
  }
}

async function append(
  path: string,
  entry: AuditEntry,
  { who, program, now }: Parameters<typeof appendAudit>[2],
): Promise<AuditRecord> {
  const file = await open(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0),
    0o600,
  );
  try {
    const found = await file.stat();
    if (!found.isFile())
      throw new GatehouseError({ code: 'audit.unwritable', summary: `${path} is no file. Move it out of the way.` });
    if ((found.mode & 0o077) !== 0) await chmod(path, 0o600);
    const { last, tail } = await endOf(file, found.size);
    let text = '';
    let before = last;
    if (tail.length > 0 && readAuditLine(tail) === null) {
      const { lines } = auditLines(await readWhole(file, found.size));
      const fragment = nextRecord(
        before,
        {
          what: 'log.fragment',
          summary: `Line ${lines.length + 1} is part of a record that a program did not finish.`,
          facts: { line: lines.length + 1, bytes: tail.length, sha256: sha256Hex(tail) },
        },
        { at: now().toISOString(), who, program },
      );
      text += `\n${fragment.line}\n`;
      before = fragment.record;
    } else if (tail.length > 0) text += '\n';
    const { record, line } = nextRecord(before, entry, { at: now().toISOString(), who, program });
    await file.appendFile(`${text}${line}\n`);
    await file.sync();
    return record;
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, size: number, from = 0): Promise<Buffer> {
  const buffer = Buffer.alloc(size - from);
  let at = 0;
  while (at < buffer.length) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return buffer.subarray(0, at);
}

/** The last record whose hash fits it, which the next one follows, and what stands behind the last line feed. */
async function endOf(
  file: FileHandle,
  size: number,
): Promise<{ readonly last: AuditRecord | null; readonly tail: Uint8Array }> {
  for (const from of size > TAIL_BYTES ? [size - TAIL_BYTES, 0] : [0]) {
    const { lines, tail } = auditLines(await readWhole(file, size, from));
    // The first line of a part may be the rest of one.
    const whole = from === 0 ? lines : lines.slice(1);
    const candidates = tail.length > 0 ? [...whole, tail] : whole;
    for (const line of candidates.reverse()) {
      const record = readAuditLine(line);
      if (record !== null && auditHash(record) === record.hash) return { last: record, tail };
    }
    if (from === 0) return { last: null, tail };
  }
  return { last: null, tail: new Uint8Array() };
}
