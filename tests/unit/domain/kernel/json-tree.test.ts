import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson, type JsonNode } from '../../../../src-main/domain/kernel';

const plain = (node: JsonNode): unknown => {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map((member) => [member.key, plain(member.value)]));
    case 'array':
      return node.items.map(plain);
    case 'number':
      return Number(node.raw);
    case 'null':
      return null;
    default:
      return node.value;
  }
};

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);

describe('readJson', () => {
  it('keeps places and duplicate keys', () => {
    const reading = readJson('{\n  "a": 1,\n  "a": [true]\n} trailing');
    if (!reading.ok || reading.root.kind !== 'object') throw new Error('not read');
    expect(reading.root.members.map((member) => [member.key, member.keyPlace.line, member.keyPlace.column])).toEqual([
      ['a', 2, 3],
      ['a', 3, 3],
    ]);
    expect(reading.end).toBe(27);
  });

  it.each([
    ['', 1, 1],
    ['{"a":}', 1, 6],
    ['[1,\n2,]', 2, 3],
    ['{"a" 1}', 1, 6],
    ['"\\x"', 1, 3],
    ['nul', 1, 1],
    ['[01]', 1, 3],
    ['\ufeff{}', 1, 1],
  ])('names the place of the fault in %j', (text, line, column) => {
    const reading = readJson(text);
    expect(reading.ok).toBe(false);
    if (!reading.ok) expect([reading.error.line, reading.error.column]).toEqual([line, column]);
  });

  it('agrees with JSON.parse on every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const reading = readJson(text);
        expect(reading.ok && plain(reading.root)).toEqual(
          plain((readJson(JSON.stringify(JSON.parse(text))) as { root: JsonNode }).root),
        );
      }),
      { numRuns },
    );
  });

  it('accepts exactly what JSON.parse accepts among damaged texts', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (text, at, damage) => {
        const cut = at % (text.length + 1);
        const damaged = text.slice(0, cut) + damage + text.slice(cut + 1);
        let parses = true;
        try {
          JSON.parse(damaged);
        } catch {
          parses = false;
        }
        const reading = readJson(damaged);
        expect(reading.ok && damaged.slice(reading.end).trim() === '').toBe(parses);
      }),
      { numRuns },
    );
  });

  it('refuses bottomless nesting instead of overflowing', () => {
    expect(readJson('['.repeat(200_000)).ok).toBe(false);
  });
});
