import { createHash } from 'node:crypto';
import { auditHash, chainStart, readAuditLine, type AuditRecord } from './record';

/** What is wrong at one place of an audit log. */
export interface AuditFault {
  readonly kind: 'absent' | 'changed' | 'removed' | 'inserted' | 'moved' | 'truncated' | 'head';
  /** Line of the file, from 1; 0: the whole of it. */
  readonly line: number;
  readonly message: string;
}

/** What is worth knowing of an audit log that is no fault. */
export interface AuditNote {
  readonly line: number;
  readonly message: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  /** Every line that is a record, in the file's order. */
  readonly records: readonly { readonly line: number; readonly record: AuditRecord }[];
  /** Hash of the last record, or null: there is none. Good for nothing when the chain is broken. */
  readonly head: string | null;
  /** In the order of lines; those behind `MOST_FAULTS` are not told one by one. */
  readonly faults: readonly AuditFault[];
  readonly notes: readonly AuditNote[];
  /** Line of the record with the known head, or null: none was given, or it is not there. */
  readonly knownHead: number | null;
}

const MOST_FAULTS = 100;

/** SHA-256 of bytes, in hexadecimal. */
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Splits at line feeds; `tail` is what stands behind the last one. */
export function auditLines(content: Uint8Array): { readonly lines: Uint8Array[]; readonly tail: Uint8Array } {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, start)) {
    lines.push(content.subarray(start, end));
    start = end + 1;
  }
  return { lines, tail: content.subarray(start) };
}

/**
 * Judges a whole audit log. Seen are changed, removed, inserted and moved records and a last line that is not whole. A chain
 * that was cut at its end, or written anew from some record on, looks like any other: only `knownHead`, a hash that
 * somebody has noted elsewhere, tells it.
 *
 * @param content the file's bytes, or null: there is no file
 * @param knownHead hash of a record that must be in the chain
 */
export function verifyAudit(content: Uint8Array | null, knownHead: string | null = null): AuditVerdict {
  const faults: AuditFault[] = [];
  const notes: AuditNote[] = [];
  const fault = (kind: AuditFault['kind'], line: number, message: string): void => {
    if (faults.length < MOST_FAULTS) faults.push({ kind, line, message });
  };
  if (content === null || content.length === 0) {
    const what = content === null ? 'There is no audit log' : 'The audit log is empty';
    fault('absent', 0, `${what}: nothing was recorded yet, or it was removed.`);
    if (knownHead !== null) fault('head', 0, headMissing(knownHead));
    return { intact: false, records: [], head: null, faults, notes, knownHead: null };
  }
  const { lines, tail } = auditLines(content);
  const whole = tail.length === 0 || readAuditLine(tail) !== null;
  if (tail.length > 0 && whole) {
    lines.push(tail);
    notes.push({ line: lines.length, message: 'The last line has no line end; its record is whole.' });
  }
  const read = lines.map((bytes) => readAuditLine(bytes));
  const places = new Map<string, number>();
  read.forEach((record, index) => {
    if (record !== null && !places.has(record.hash)) places.set(record.hash, index + 1);
  });

  let last: AuditRecord | null = null;
  let lastLine = 0;
  let orderTries = 0;
  read.forEach((record, index) => {
    const line = index + 1;
    if (record === null) {
      if (isNotedFragment(lines[index]!, line, read[index + 1] ?? null))
        notes.push({ line, message: 'Part of a record that a program did not finish; the next record says so.' });
      else fault('changed', line, `Line ${line} is no record as Gatehouse writes it: it was changed.`);
      return;
    }
    if (auditHash(record) !== record.hash)
      fault('changed', line, `Line ${line} was changed: what it says does not fit its hash.`);
    const first = places.get(record.hash) ?? line;
    if (first < line) {
      fault('inserted', line, `Line ${line} was inserted: it repeats line ${first}.`);
      return;
    }
    if (line <= lastLine) return;
    if (record.previous !== (last?.hash ?? chainStart) && orderTries < MOST_FAULTS) {
      orderTries += 1;
      const disorder = reordered(read, index, last);
      if (disorder !== null) {
        fault('moved', line, disorder.message);
        ({ last } = disorder);
        lastLine = disorder.lastLine;
        return;
      }
    }
    judgePlace(record, line, { last, lastLine, places, read }, fault);
    last = record;
    lastLine = line;
  });
  if (!whole)
    fault(
      'truncated',
      lines.length + 1,
      `Line ${lines.length + 1} is cut off after ${tail.length} bytes: a program ended while it wrote, or the end was removed.`,
    );
  const knownLine = knownHead === null ? null : (places.get(knownHead) ?? null);
  if (knownHead !== null && knownLine === null) fault('head', 0, headMissing(knownHead));
  const records = read.flatMap((record, index) => (record === null ? [] : [{ line: index + 1, record }]));
  return {
    intact: faults.length === 0,
    records,
    head: records.at(-1)?.record.hash ?? null,
    faults: faults.sort((a, b) => a.line - b.line),
    notes: notes.sort((a, b) => a.line - b.line),
    knownHead: knownLine,
  };
}

const headMissing = (head: string): string =>
  `No record has the head ${head}: the log was cut off before it, or written anew, or the head is of another log.`;

interface Place {
  readonly last: AuditRecord | null;
  readonly lastLine: number;
  /** Lines by the hashes of their records. */
  readonly places: ReadonlyMap<string, number>;
  readonly read: readonly (AuditRecord | null)[];
}

/**
 * Records from `index` on that follow the one before them once they are put in the order of their numbers: nothing was
 * removed or inserted there, they were only exchanged. Null: it is something else.
 */
function reordered(
  read: readonly (AuditRecord | null)[],
  index: number,
  last: AuditRecord | null,
): { readonly message: string; readonly last: AuditRecord; readonly lastLine: number } | null {
  const first = (last?.seq ?? 0) + 1;
  const found: AuditRecord[] = [];
  let highest = first;
  do {
    const record = read[index + found.length];
    if (record === undefined || record === null || record.seq < first) return null;
    found.push(record);
    highest = Math.max(highest, record.seq);
  } while (found.length < highest - first + 1);
  const sorted = [...found].sort((a, b) => a.seq - b.seq);
  const chained = sorted.every(
    (record, at) => record.previous === ((at === 0 ? last : sorted[at - 1])?.hash ?? chainStart),
  );
  if (!chained || found.length < 2) return null;
  const misplaced = found.flatMap((record, at) => (record === sorted[at] ? [] : [index + at + 1]));
  const [one, other] = misplaced;
  return {
    message:
      misplaced.length === 2
        ? `Line ${one} was moved: it and line ${other} were exchanged.`
        : `Line ${one} was moved: lines ${one} to ${misplaced.at(-1)} stand in another order than they were written in.`,
    last: sorted.at(-1)!,
    lastLine: index + found.length,
  };
}

/** Whether a record follows the one before it; else what has most likely been done. */
function judgePlace(
  record: AuditRecord,
  line: number,
  { last, lastLine, places, read }: Place,
  fault: (kind: AuditFault['kind'], line: number, message: string) => void,
): void {
  const expected = (last?.seq ?? 0) + 1;
  if (record.previous === (last?.hash ?? chainStart)) {
    if (record.seq !== expected)
      fault('changed', line, `Line ${line} was changed: it has number ${record.seq} where ${expected} is due.`);
    return;
  }
  const before = record.previous === chainStart ? 0 : places.get(record.previous);
  if (before !== undefined && before < line) {
    const from = before + 1;
    const alone = from === lastLine || lastLine === 0;
    fault(
      'inserted',
      Math.min(from, line - 1) || line,
      alone
        ? `Line ${from} was inserted: line ${line} follows ${before === 0 ? 'the beginning' : `line ${before}`}.`
        : `Lines ${from} to ${lastLine} were inserted: line ${line} follows ${before === 0 ? 'the beginning' : `line ${before}`}.`,
    );
    return;
  }
  if (before !== undefined && read[before - 1] !== null) {
    fault('moved', line, `Line ${line} was moved: it follows what stands in line ${before}.`);
    return;
  }
  const missing = record.seq - expected;
  if (missing > 0)
    fault(
      'removed',
      line,
      `${missing === 1 ? 'One record was' : `${missing} records were`} removed before line ${line}: number ${record.seq} stands where ${expected} is due.`,
    );
  else if (last === null)
    fault('changed', line, `Line ${line} was changed: as the first record it would follow nothing, and it does not.`);
  else
    fault(
      'changed',
      lastLine,
      `Line ${lastLine} was changed and given a new hash: line ${line} follows another record than it.`,
    );
}

/** Whether the record behind a line that is none vouches for it as a fragment that a crash has left. */
function isNotedFragment(bytes: Uint8Array, line: number, next: AuditRecord | null): boolean {
  if (next?.what !== 'log.fragment' || auditHash(next) !== next.hash) return false;
  return next.facts['line'] === line && next.facts['sha256'] === sha256Hex(bytes);
}
