import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aclModel,
  aclToJson,
  debugAcl,
  lookupTable,
  parseAclFile,
  type AclModel,
} from '../../../../src-main/domain/acl';
import { findEntryFaults } from '../../../../src-main/domain/acl/entry-check';
import { bytesOf, textOf } from '../../../../src-main/domain/acl/go-text';
import { readRecording } from '../../../conformance/acl/recordings';
import { current, hardened, load } from './acl-builder';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const { cases } = readRecording('acl-files') as { cases: { kind: string; content?: string; contentBase64?: string }[] };
const seeds = cases
  .filter(({ kind }) => kind === 'file')
  .map(({ content, contentBase64 }) =>
    content === undefined ? Buffer.from(contentBase64 ?? '', 'base64') : Buffer.from(content, 'utf8'),
  )
  .filter((bytes) => bytes.length < 1500);

/** What must hold for any bytes: an answer, no exception, and no refusal or loss that nobody hears of. */
function mustHold(bytes: Uint8Array): void {
  const { acl, vitess, findings } = parseAclFile(bytes, {
    file: 'acl.json',
    fidelity: hardened,
    knownPrincipals: ['app'],
    knownTables: ['orders'],
  });
  expect(acl !== null).toBe(vitess.accepted);
  expect(vitess.message === null).toBe(vitess.accepted);
  if (acl === null) {
    expect(findings.some(({ level }) => level === 'error')).toBe(true);
    return;
  }
  JSON.parse(debugAcl(acl));
  for (const group of acl.groups)
    for (const entry of group.entries) expect(lookupTable(acl, entry.text.replace(/%$/, ''))?.entry).toBe(entry);
  if (bytes.length < 4000 && !/\\ud[89a-f]/.test(JSON.stringify(aclModel(acl))))
    expect(aclModel(load(aclToJson(aclModel(acl))))).toEqual(aclModel(acl));
}

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('delete', 'insert', 'replace', 'cut'),
    what: fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\u',
        '\\',
        '%',
        'null',
        'true',
        '1e',
        '-',
        '\0',
        'é',
        '🚪',
        '"readers":',
        '"name":1',
        '//',
        '\n',
      ),
      fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('hostile files', () => {
  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), mustHold), { numRuns });
  });

  test('bytes that look like a protobuf', () => {
    const byte = fc.constantFrom(
      0x0a,
      0x12,
      0x1a,
      0x22,
      0x2a,
      0x00,
      0x01,
      0x02,
      0x03,
      0x08,
      0x61,
      0x25,
      0x80,
      0xff,
      0x0b,
      0x0c,
      0x3a,
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (bytes) => mustHold(Uint8Array.from(bytes))),
      { numRuns },
    );
  });

  test('recorded files with faults put in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), edits, (seed, changes) => {
        let bytes = Buffer.from(seed);
        for (const { at, kind, what } of changes) {
          const from = bytes.length === 0 ? 0 : at % bytes.length;
          const put = kind === 'delete' || kind === 'cut' ? Buffer.alloc(0) : Buffer.from(what, 'latin1');
          const to = kind === 'cut' ? bytes.length : kind === 'insert' ? from : from + 1;
          bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
        }
        mustHold(bytes);
      }),
      { numRuns },
    );
  });

  test('deep nesting and long files end in an answer', () => {
    for (const text of [
      '['.repeat(200_000),
      '{"a":'.repeat(50_000),
      `{"x":${'['.repeat(12_000)}${']'.repeat(12_000)}}`,
    ])
      mustHold(Buffer.from(text));
    // Thousands of names that are nearly known ones: looking for what was meant has a bound.
    const known = Array.from({ length: 5000 }, (_, index) => `orders_${index}`);
    const nearly = known.map((name) => name.replace('r', 'rr'));
    const many = { table_groups: [{ name: 'g', table_names_or_prefixes: nearly, readers: nearly }] };
    const { findings } = parseAclFile(Buffer.from(JSON.stringify(many)), {
      file: 'acl.json',
      fidelity: current,
      knownPrincipals: known,
      knownTables: known,
    });
    expect(findings.filter(({ code }) => code === 'acl.unknown-table').length).toBe(5000);
    const entries = Array.from({ length: 20_000 }, (_, index) => `table_${index}`);
    mustHold(
      Buffer.from(
        JSON.stringify({ table_groups: [{ name: 'g', table_names_or_prefixes: entries, readers: entries }] }),
      ),
    );
  });
});

test('text and bytes lead to each other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      expect(Buffer.compare(bytesOf(textOf(bytes)), bytes)).toBe(0);
    }),
    { numRuns },
  );
});

const letter = fc.constantFrom('a', 'b', '%', '\0', 'é', '🚪', '\uffee');
const entry = fc.array(letter, { maxLength: 4 }).map((letters) => letters.join(''));

test('an overlap is found exactly where one table could have two entries', () => {
  const covers = (one: string, table: string): boolean =>
    one.endsWith('%') ? table.startsWith(one.slice(0, -1)) : table === one;
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (raw) => {
      const entries = raw.filter((text) => !text.includes('\0'));
      const faults = findEntryFaults(entries);
      expect(faults.filter(({ kind }) => kind === 'percent').map(({ index }) => index)).toEqual(
        entries.flatMap((text, index) => (/%./u.test(text) ? [index] : [])),
      );
      const sound = entries.filter((_, index) => !faults.some((fault) => fault.index === index));
      for (const one of sound) {
        const inside = one.replace(/%$/, '');
        expect(sound.filter((other) => covers(other, inside)).length).toBe(1);
      }
      for (const fault of faults) {
        if (fault.kind !== 'overlap') continue;
        const [one = '', other = ''] = [entries[fault.index], entries[fault.other]];
        expect(covers(one, other.replace(/%$/, '')) || covers(other, one.replace(/%$/, ''))).toBe(true);
      }
    }),
    { numRuns },
  );
});

test('what is written is read again', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 5 });
  const model: fc.Arbitrary<AclModel> = fc.record({
    groups: fc.array(
      fc.record({
        name,
        entries: fc.constant([]),
        readers: fc.array(name),
        writers: fc.array(name),
        admins: fc.array(name),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(
      model,
      fc.uniqueArray(fc.stringMatching(/^[a-z]{6}%?$/), { selector: (text) => text.slice(0, 6) }),
      (acl, tables) => {
        const full = { groups: acl.groups.map((group, index) => ({ ...group, entries: index === 0 ? tables : [] })) };
        const reading = parseAclFile(Buffer.from(aclToJson(full)), { file: 'f', fidelity: current });
        expect(reading.vitess).toEqual({ accepted: true, message: null, log: null });
        expect(reading.acl === null ? null : aclModel(reading.acl)).toEqual(full);
        for (const group of reading.acl?.groups ?? []) expect(group.line).toBeGreaterThan(0);
      },
    ),
    { numRuns: Math.ceil(numRuns / 10) },
  );
});
