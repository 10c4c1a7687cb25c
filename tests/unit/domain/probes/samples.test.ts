import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expandSuite, readSuite } from '../../../../src-main/domain/probes';
import { readTopology } from '../../../../src-main/domain/topology';
import { readRecipe } from '../../../../src-main/domain/workspace';

const read = (path: string): Buffer => readFileSync(new URL(`../../../../resources/samples/${path}`, import.meta.url));

describe.each([
  ['shop', 10 * 18],
  ['reference', 9 * 3],
  ['user-guide', 10 * 9],
])('the sample %s', (name, accessCells) => {
  it('has a topology, a recipe and a suite without a fault', () => {
    expect(readTopology(read(`${name}/gatehouse.json`), 'gatehouse.json').findings).toEqual([]);
    expect(readRecipe(read(`${name}/sample.json`), 'sample.json').findings).toEqual([]);
    expect(readSuite(read(`${name}/tests/${name}.json`), 'suite').findings).toEqual([]);
  });

  it('has distinct cells, and its access matrix is complete', () => {
    const { suite } = readSuite(read(`${name}/tests/${name}.json`), 'suite');
    if (suite === null) throw new Error('no suite');
    const cells = expandSuite(suite, () => 'hardened');
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(cells.length);
    expect(cells.filter((cell) => cell.id.includes('/access/')).length).toBe(accessCells);
  });

  it('names only gateways of its topology and only certificates that its recipe makes', () => {
    const { topology } = readTopology(read(`${name}/gatehouse.json`), 'gatehouse.json');
    const { recipe } = readRecipe(read(`${name}/sample.json`), 'sample.json');
    const { suite } = readSuite(read(`${name}/tests/${name}.json`), 'suite');
    if (topology === null || recipe === null || suite === null) throw new Error('not read');
    const gateways = topology.gateways.map((gateway) => gateway.name);
    const certificates = recipe.certificates.map((item) => `pki/${item.authority}/${item.id}-cert.pem`);
    for (const cell of expandSuite(suite, () => 'hardened')) {
      expect(gateways).toContain(cell.caller.gateway);
      if (cell.certificate !== null) expect(certificates).toContain(cell.certificate);
    }
  });
});

describe('readSuite', () => {
  it('finds all faults at once, each with its place', () => {
    const { suite, findings } = readSuite(
      Buffer.from('{\n "schema": 1,\n "name": "x",\n "callers": [{"name": "a"}],\n "colour": 1\n}'),
      'tests/x.json',
    );
    expect(suite).toBeNull();
    expect(findings.map((finding) => [finding.code, finding.line])).toEqual([
      ['suite.missing-key', 4],
      ['suite.missing-key', 4],
      ['suite.unknown-key', 5],
    ]);
  });

  it('refuses a newer schema with a clear text', () => {
    const { findings } = readSuite(Buffer.from('{"schema": 2, "name": "x", "callers": []}'), 'tests/x.json');
    expect(findings[0]?.code).toBe('suite.newer-schema');
  });
});
