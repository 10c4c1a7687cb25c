import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auditHash,
  auditLines,
  canonicalJson,
  nextRecord,
  readAuditLine,
  sha256Hex,
  verifyAudit,
  type AuditRecord,
} from '../../../../src-main/domain/audit';
import '../../../support/fuzz-seed';

const by = { at: '2026-11-22T10:00:00.000Z', who: 'alice', program: 'gatehouse certs issue' };

/** A chain of `count` records as lines without their line feeds. */
function chain(count: number, who = by.who): string[] {
  let last: AuditRecord | null = null;
  return Array.from({ length: count }, (_, index) => {
    const { record, line } = nextRecord(
      last,
      { what: 'certificates.changed', summary: `change ${index + 1}`, facts: { files: [`pki/${index}`], ok: true } },
      { ...by, who },
    );
    last = record;
    return line;
  });
}
const file = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const record = (line: string | undefined): AuditRecord => JSON.parse(line ?? '') as AuditRecord;
/** A record as an attacker writes it who knows how hashes are made. */
function forged(like: AuditRecord, change: Partial<AuditRecord>): string {
  const { hash: _, ...body } = { ...like, ...change };
  return canonicalJson({ ...body, hash: auditHash(body) });
}

const good = chain(6);
const at = (line: number): string => good[line - 1]!;

test('a chain as Gatehouse writes it is intact, and its head is the last hash', () => {
  expect(verifyAudit(file(good))).toMatchObject({ intact: true, faults: [], notes: [], head: record(at(6)).hash });
});

const replaced = (line: number, text: string): string[] => good.map((old, index) => (index === line - 1 ? text : old));
const without = (...gone: number[]): string[] => good.filter((_, index) => !gone.includes(index + 1));
/** Everything from `line` on with new hashes: what somebody does who rewrites the log. */
function rewrittenFrom(line: number): string[] {
  let last = record(at(line - 1));
  return good.map((text, index) => {
    if (index < line - 1) return text;
    const made = nextRecord(last, { what: 'settings.changed', summary: 'nothing happened', facts: {} }, by);
    last = made.record;
    return made.line;
  });
}

describe('every kind of tampering', () => {
  const cases: readonly (readonly [name: string, lines: readonly string[] | Buffer, kind: string, line: number])[] = [
    ['a word changed', replaced(3, at(3).replace('change 3', 'change x')), 'changed', 3],
    ['a fact changed', replaced(3, at(3).replace('true', 'false')), 'changed', 3],
    ['who changed', replaced(1, at(1).replace('alice', 'mallo')), 'changed', 1],
    ['the last record changed', replaced(6, at(6).replace('change 6', 'change x')), 'changed', 6],
    ['changed with a new hash of its own', replaced(3, forged(record(at(3)), { summary: 'x' })), 'changed', 3],
    ['the first one changed with a new hash', replaced(1, forged(record(at(1)), { summary: 'x' })), 'changed', 1],
    ['a hash changed', replaced(4, at(4).replace(record(at(4)).hash, 'f'.repeat(64))), 'changed', 4],
    ['a number changed with a new hash', replaced(6, forged(record(at(6)), { seq: 60 })), 'changed', 6],
    ['written with spaces', replaced(2, JSON.stringify(record(at(2)), null, 1).replaceAll('\n', ' ')), 'changed', 2],
    ['a key twice', replaced(2, at(2).replace('{"at"', '{"at":"","at"')), 'changed', 2],
    ['carriage returns', replaced(2, `${at(2)}\r`), 'changed', 2],
    ['an empty line', [...good.slice(0, 3), '', ...good.slice(3)], 'changed', 4],
    ['no JSON', replaced(5, 'hello'), 'changed', 5],
    ['a byte that is no UTF-8', Buffer.concat([file(good.slice(0, 2)), Buffer.from([0xff, 10])]), 'changed', 3],
    ['one removed', without(3), 'removed', 3],
    ['two removed', without(3, 4), 'removed', 3],
    ['the first removed', without(1), 'removed', 1],
    ['the first three removed', without(1, 2, 3), 'removed', 1],
    [
      'a forged one inserted',
      [...good.slice(0, 3), forged(record(at(4)), { summary: 'x' }), ...good.slice(3)],
      'inserted',
      4,
    ],
    ['a forged one inserted at the beginning', [forged(record(at(1)), { summary: 'x' }), ...good], 'inserted', 1],
    ['a copy inserted behind it', [...good.slice(0, 3), at(3), ...good.slice(3)], 'inserted', 4],
    ['a copy of the first one at the end', [...good, at(1)], 'inserted', 7],
    ['two exchanged', [at(1), at(2), at(4), at(3), at(5), at(6)], 'moved', 3],
    ['the end cut inside a record', Buffer.from(file(good).subarray(0, file(good).length - 20)), 'truncated', 6],
    ['cut to part of the first record', Buffer.from(file(good).subarray(0, 20)), 'truncated', 1],
    ['zeros at the end, as a power cut leaves them', Buffer.concat([file(good), Buffer.alloc(64)]), 'truncated', 7],
    ['emptied', Buffer.alloc(0), 'absent', 0],
  ];
  test.each(cases)('%s', (_name, lines, kind, line) => {
    const { intact, faults } = verifyAudit(Buffer.isBuffer(lines) ? lines : file(lines as readonly string[]));
    expect(intact).toBe(false);
    expect(faults).toContainEqual(expect.objectContaining({ kind, line }));
    expect(faults[0]).toMatchObject({ kind, line });
  });

  test.each<[string, number[], number, string]>([
    ['neighbours', [1, 2, 4, 3, 5, 6], 3, 'it and line 4 were exchanged'],
    ['two that are apart', [1, 5, 3, 4, 2, 6], 2, 'it and line 5 were exchanged'],
    ['the first and the last', [6, 2, 3, 4, 5, 1], 1, 'it and line 6 were exchanged'],
    ['one carried further on', [1, 3, 4, 5, 2, 6], 2, 'lines 2 to 5 stand in another order'],
  ])('%s exchanged: one fault', (_name, order, line, message) => {
    const { faults } = verifyAudit(file(order.map((number) => at(number))));
    expect(faults).toEqual([{ kind: 'moved', line, message: expect.stringContaining(message) as string }]);
  });
  test('two exchanges are two faults, and one that was changed besides is told too', () => {
    const lines = [2, 1, 3, 4, 6, 5].map((number) => at(number));
    expect(verifyAudit(file(lines)).faults.map(({ kind, line }) => [kind, line])).toEqual([
      ['moved', 1],
      ['moved', 5],
    ]);
    lines[3] = at(4).replace('change 4', 'change x');
    expect(verifyAudit(file(lines)).faults.map(({ kind, line }) => [kind, line])).toEqual([
      ['moved', 1],
      ['changed', 4],
      ['moved', 5],
    ]);
  });

  test('no file', () => expect(verifyAudit(null)).toMatchObject({ intact: false, faults: [{ kind: 'absent' }] }));
  test('several places are told, each', () => {
    const lines = [...replaced(2, at(2).replace('change 2', 'change x'))];
    lines.splice(3, 1);
    expect(verifyAudit(file(lines)).faults.map(({ kind, line }) => [kind, line])).toEqual([
      ['changed', 2],
      ['removed', 4],
    ]);
  });
});

describe('what a chain alone cannot tell, and a known head can', () => {
  const head = record(at(6)).hash;
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['cut at its end', good.slice(0, 4)],
    ['rewritten from the fifth record on', rewrittenFrom(5)],
    ['rewritten whole', chain(6, 'eve')],
  ];
  test.each(cases)('%s', (_name, lines) => {
    expect(verifyAudit(file(lines)).intact).toBe(true);
    expect(verifyAudit(file(lines), head)).toMatchObject({ intact: false, faults: [{ kind: 'head' }] });
  });
  test('a head that is there, also when the log has grown since', () => {
    expect(verifyAudit(file(good), head)).toMatchObject({ intact: true, knownHead: 6 });
    expect(verifyAudit(file(good), record(at(2)).hash)).toMatchObject({ intact: true, knownHead: 2 });
  });
  test('no file does not have it either', () =>
    expect(verifyAudit(null, head).faults.map(({ kind }) => kind)).toEqual(['absent', 'head']));
});

describe('the rest of a record that a crash has left', () => {
  const fragment = Buffer.from(at(3).slice(0, 50));
  const vouched = (facts: { line: number; sha256: string }): Buffer => {
    const note = nextRecord(record(at(2)), { what: 'log.fragment', summary: 'x', facts }, by);
    return Buffer.concat([file(good.slice(0, 2)), fragment, Buffer.from(`\n${note.line}\n`)]);
  };
  test('is no fault when the next record names it, and is told', () => {
    const verdict = verifyAudit(vouched({ line: 3, sha256: sha256Hex(fragment) }));
    expect(verdict).toMatchObject({ intact: true, notes: [{ line: 3 }] });
  });
  test.each([
    ['another line', { line: 4, sha256: sha256Hex(fragment) }],
    ['other bytes', { line: 3, sha256: sha256Hex(Buffer.from('x')) }],
  ])('is one when it names %s', (_name, facts) => {
    expect(verifyAudit(vouched(facts)).faults).toMatchObject([{ kind: 'changed', line: 3 }]);
  });
  test('only the line feed is missing: the record is whole', () => {
    expect(verifyAudit(Buffer.from(good.join('\n')))).toMatchObject({ intact: true, notes: [{ line: 6 }] });
  });
});

describe('the reader, fuzzed', () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);
  test('any bytes: a verdict, never an exception, and never intact without records', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const verdict = verifyAudit(bytes);
        expect(verdict.intact).toBe(false);
      }),
      { numRuns: runs },
    );
  });
  test('any JSON as a line is no record unless it is one', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readAuditLine(Buffer.from(text))).toBeNull();
      }),
      { numRuns: runs },
    );
  });
  test('one byte of a good log, anywhere, changed, removed or inserted: broken', () => {
    const bytes = file(good);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom('set', 'remove', 'insert'),
        (place, byte, how) => {
          const rest = bytes.subarray(how === 'insert' ? place : place + 1);
          const middle = how === 'remove' ? [] : [byte];
          const made = Buffer.concat([bytes.subarray(0, place), Buffer.from(middle), rest]);
          if (made.equals(bytes)) return;
          // The last line feed says nothing: without it the record is whole.
          const onlyEnd = Buffer.from(auditLines(made).tail).equals(Buffer.from(at(6)));
          expect(verifyAudit(made).intact).toBe(onlyEnd);
        },
      ),
      { numRuns: Math.min(runs, 3_000) },
    );
  });
  test('what is written is read, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (summary, value) => {
        const { record: made, line } = nextRecord(
          null,
          { what: 'settings.changed', summary, facts: { value: value as string } },
          by,
        );
        const bytes = Buffer.from(`${line}\n`);
        expect(auditLines(bytes).lines).toHaveLength(1);
        expect(readAuditLine(Buffer.from(line))).toEqual(made);
        expect(verifyAudit(bytes).intact).toBe(true);
      }),
      { numRuns: Math.min(runs, 2_000) },
    );
  });
  test('a line nested ten thousand deep is refused', () => {
    const deep = at(1).replace('"ok":true', `"ok":${'['.repeat(10_000)}${']'.repeat(10_000)}`);
    expect(readAuditLine(Buffer.from(deep))).toBeNull();
  });
});
