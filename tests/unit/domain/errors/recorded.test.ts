import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCatalogue, explainError } from '../../../../src-main/domain/errors';

type Row = readonly [id: string, stage: string, recording: string, text: string];
const read = (url: string): unknown => JSON.parse(readFileSync(new URL(url, import.meta.url), 'utf8'));
const { rows } = read('./recorded.json') as { rows: readonly Row[] };

const textsOf = new Map<string, ReadonlySet<string>>();
function recorded(file: string): ReadonlySet<string> {
  let texts = textsOf.get(file);
  if (texts === undefined) {
    const found = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value === 'string') found.add(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
    };
    collect(read(`../../../conformance/recorded/${file}`));
    texts = found;
    textsOf.set(file, texts);
  }
  return texts;
}

describe('texts that real programs printed', () => {
  it('are enough', () => {
    expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(120);
  });

  it.each(rows)('%s at %s (%s)', (id, stage, recording, text) => {
    expect(recorded(recording).has(text)).toBe(true);
    const [first] = explainError(text).known;
    expect(first).toMatchObject({ id, stage });
  });
});

describe('the catalogue', () => {
  it('names every entry once, with its source and a remedy', () => {
    expect(errorCatalogue.length).toBeGreaterThanOrEqual(200);
    expect(new Set(errorCatalogue.map(({ id }) => id)).size).toBe(errorCatalogue.length);
    for (const { id, source, texts, title, cause, remedies } of errorCatalogue) {
      expect([id, source, title, cause].every((text) => text.trim() !== '')).toBe(true);
      expect(texts.length).toBeGreaterThan(0);
      expect(remedies.length, id).toBeGreaterThan(0);
      expect(/switch (?:it|verification|tls) off|disable ssl|insecure-skip/i.test(remedies.join(' ')), id).toBe(false);
    }
  });

  it('finds each of its texts again, by the entry itself or by a more telling one', () => {
    for (const { id, texts } of errorCatalogue)
      for (const text of texts) {
        const filled = text.replace('{used}', 'YES').replace(/\{[a-zA-Z]+\}/g, 'x1');
        expect(
          explainError(filled).known.map((one) => one.id),
          text,
        ).toContain(id);
      }
  });

  it('fills what it says from the text', () => {
    for (const { cause, texts } of errorCatalogue)
      for (const [, name] of cause.matchAll(/\{([a-zA-Z]+)\}/g))
        expect(
          texts.some((text) => text.includes(`{${name}}`)),
          cause,
        ).toBe(true);
  });
});
