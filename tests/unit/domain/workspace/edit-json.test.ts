import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setJson } from '../../../../src-main/domain/workspace';

const shop = readFileSync(new URL('../../../../resources/samples/shop/gatehouse.json', import.meta.url), 'utf8');
/** Lines that are in one text and not in the other. */
const changedLines = (before: string, after: string): string[] => {
  const had = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !had.has(line));
};

describe('setJson', () => {
  test('replaces a value and touches nothing else', () => {
    const after = setJson(shop, ['gateways', 1, 'mysql', 'requireSecureTransport'], false);
    expect(changedLines(shop, after)).toEqual(['        "requireSecureTransport": false']);
  });

  test('adds a key on a line of its own where keys have lines of their own', () => {
    const after = setJson(shop, ['tablets', 0, 'grpc', 'tls', 'crl'], 'pki/x/crl.pem');
    expect(changedLines(shop, after)).toEqual([
      '          "clientCa": "pki/tablet-clients/ca-cert.pem",',
      '          "crl": "pki/x/crl.pem"',
    ]);
  });

  test('adds a key on the same line where they share one', () => {
    const after = setJson(shop, ['gateways', 0, 'mysql', 'tls', 'clientCa'], 'pki/callers/ca-cert.pem');
    expect(after).toContain('"key": "pki/gateways/main-key.pem", "clientCa": "pki/callers/ca-cert.pem" }');
  });

  test('an object over several lines, at the indentation of its place', () => {
    const after = setJson('{\n  "a": [\n    { "b": null }\n  ]\n}\n', ['a', 0, 'b'], { c: 'd', e: ['f', 'g'] });
    expect(JSON.parse(after)).toEqual({ a: [{ b: { c: 'd', e: ['f', 'g'] } }] });
    expect(after.split('\n').slice(2, 4)).toEqual(['    { "b": {', '      "c": "d",']);
  });

  test('empty objects and lists, appending, the root', () => {
    expect(setJson('{}', ['a'], 1)).toBe('{\n  "a": 1\n}');
    expect(setJson('{ "a": [] }', ['a', 0], 'x')).toContain('"x"');
    expect(setJson('[1, 2]', [2], 3)).toBe('[1, 2, 3]');
    expect(setJson(' 1 ', [], 2)).toBe(' 2 ');
  });

  test.each<[string, (string | number)[], string]>([
    ['{', ['a'], 'json.unreadable'],
    ['{}', ['a', 'b'], 'json.no-such-place'],
    ['[]', [1], 'json.no-such-place'],
    ['{}', [0], 'json.no-such-place'],
    ['{ "a": 1 }', ['a', 'b'], 'json.no-such-place'],
  ])('%s at %j is refused', (text, path, code) => {
    expect(() => setJson(text, path, 1)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code }) as unknown }) as Error,
    );
  });

  test('does what setting in the parsed value does, for any value, key and formatting', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        fc.constantFrom(undefined, 2, '\t'),
        (object, key, value, indent) => {
          fc.pre(key !== '__proto__' && !('__proto__' in object));
          const after = setJson(JSON.stringify(object, null, indent), [key], value);
          const wanted = JSON.parse(JSON.stringify({ ...object, [key]: value })) as unknown;
          expect(JSON.parse(after)).toEqual(wanted);
        },
      ),
    );
  });
});
