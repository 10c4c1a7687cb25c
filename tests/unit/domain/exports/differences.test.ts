import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emulatedFor, exportDifferences } from '../../../../src-main/domain/exports';
import { fidelityRules } from '../../../../src-main/domain/fidelity';
import { readTopology, type Topology } from '../../../../src-main/domain/topology';

const shop = (change: object = {}): Topology => {
  const text = readFileSync(new URL('../../../../resources/samples/shop/gatehouse.json', import.meta.url), 'utf8');
  const { topology } = readTopology(
    Buffer.from(JSON.stringify({ ...(JSON.parse(text) as object), ...change })),
    'gatehouse.json',
  );
  if (topology === null) throw new Error('no topology');
  return topology;
};
const ids = (topology: Topology, version: '22' | '23' | '24', kind?: string): string[] =>
  exportDifferences(topology, version)
    .filter((difference) => kind === undefined || difference.kind === kind)
    .map(({ id }) => id);

describe('differences of an export', () => {
  it('are proved by the emulated release that has the same fixes', () => {
    expect([emulatedFor('22'), emulatedFor('23'), emulatedFor('24')]).toEqual(['24.0-recorded', '24.0.4', '24.0.4']);
  });

  it('list what hardened mode adds, and nothing of it for a workspace in vitess mode', () => {
    expect(ids(shop(), '24', 'hardened')).toContain('users-no-secret-refused');
    expect(ids(shop({ fidelity: 'vitess' }), '24', 'hardened')).toEqual([]);
    expect(ids(shop({ fidelity: 'vitess' }), '24', 'always')).toEqual(['tls-alert-not-sendable']);
  });

  it('tell what 22 lacks, and what 23 and 24 lack before their fixes', () => {
    const of = (version: '22' | '23' | '24'): string | undefined =>
      exportDifferences(shop(), version).find(({ id }) => id === 'acl-undetermined-denied')?.there;
    expect(of('22')).toBe('CALL, LOAD DATA, DO and their like pass without a question.');
    expect(of('23')).toMatch(/^The same from 23\.0\.7 on; before: CALL/);
    expect(of('24')).toMatch(/^The same from 24\.0\.4 on; before: CALL/);
  });

  it('leave out what the set-up cannot meet', () => {
    const open = shop({ gateways: [{ name: 'a', grpc: {} }], tablets: [] });
    expect(ids(open, '24')).toEqual([]);
    // Every area of a rule is one that some set-up meets.
    expect(new Set(fidelityRules.map(({ id }) => id.split('-')[0]))).toEqual(
      new Set(['acl', 'certs', 'grpc', 'mysql', 'sql', 'tls', 'users']),
    );
  });
});
