import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** Part of the reader to heading of the document. */
const parts: Readonly<Record<string, readonly string[]>> = {
  listen: ['Listen'],
  serverTls: ['Server TLS'],
  clientTls: ['Client TLS'],
  mysqlListener: ['MySQL listener'],
  statementRules: ['Statements'],
  grpcListener: ['gRPC listener'],
  gateway: ['Gateway'],
  tablet: ['Tablet'],
  managed: ['Backend', 'Managed TLS'],
  external: ['Backend'],
  keyspace: ['Keyspace'],
  topology: ['Workspace'],
};

/** Keys by the constant of the reader in which they stand. */
function keysOfReader(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', body = ''] of read('src-main/domain/topology/read-topology.ts').matchAll(
    /(?<=\n)const (\w+)(?::[^=\n]+)? = objectOf\(\{([\s\S]*?)\}\);\n/g,
  ))
    found.set(name, new Set([...body.matchAll(/(\w+): (?:required|optional)[<(]/g)].map(([, key = '']) => key)));
  return found;
}

/** Keys by heading; `acl.file` counts as `file`. */
function keysOfDocument(): Map<string, Set<string>> {
  const sections = read('docs/gatehouse-json.md')
    .split(/\n#{2,3} /)
    .slice(1);
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf('\n')),
      new Set([...section.matchAll(/^\| `(?:\w+\.)?(\w+)` /gm)].map(([, key = '']) => key)),
    ]),
  );
}

describe('docs/gatehouse-json.md', () => {
  const reader = keysOfReader();
  const document = keysOfDocument();

  it('has every part of the reader', () => {
    expect([...reader.keys()].sort()).toEqual(Object.keys(parts).sort());
    expect([...reader.values()].reduce((sum, keys) => sum + keys.size, 0)).toBeGreaterThan(80);
    expect([...document.keys()].sort()).toEqual([...new Set(Object.values(parts).flat())].sort());
  });

  it.each(Object.entries(parts))('has every key of %s', (part, headings) => {
    const written = new Set(headings.flatMap((heading) => [...(document.get(heading) ?? [])]));
    expect([...(reader.get(part) ?? [])].filter((key) => !written.has(key))).toEqual([]);
  });

  it('has no key that the reader does not know', () => {
    for (const [heading, keys] of document) {
      const known = new Set(
        Object.entries(parts)
          .filter(([, headings]) => headings.includes(heading))
          .flatMap(([part]) => [...(reader.get(part) ?? [])]),
      );
      expect(
        [...keys].filter((key) => !known.has(key)),
        heading,
      ).toEqual([]);
    }
  });
});
