import { execFile } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findClient } from '../../../src-main/services/callers/connection-lines';
import type { SampleName } from '../../../src-main/services/workspace/init-workspace';
import type { RunOverrides } from '../../../src-main/services/workspace/load-workspace';
import { installedPrograms } from '../backend/backend-fixture';
import { createFleet, differing, makeWorkspace, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** The samples over real connections: what was expected by hand, what the files predict and what happens are one. */
const programs = await installedPrograms();
const mariadb = await findClient('mariadb');
if (mariadb === null) console.warn('not run: the text of a refused login, as there is no mariadb on the PATH');

const busy = 120_000;
const runs: readonly [SampleName, RunOverrides, number][] = [
  ['reference', { fidelity: 'vitess' }, 40],
  ['reference', { fidelity: 'hardened' }, 40],
  ['reference', { fidelity: 'vitess', vitess: '24.0-recorded' }, 40],
  ['user-guide', { fidelity: 'vitess' }, 117],
  ['user-guide', { fidelity: 'hardened' }, 117],
  ['user-guide', { fidelity: 'vitess', vitess: '24.0-recorded' }, 117],
  ['shop', { fidelity: 'hardened' }, 223],
];

describe.each(programs)('with $vendor $version', (program) => {
  const made = new Map<SampleName, MadeWorkspace>();
  const fleet = createFleet();

  beforeAll(async () => {
    for (const sample of new Set(runs.map(([name]) => name))) made.set(sample, await makeWorkspace(sample));
  });
  afterEach(() => fleet.stop(), busy);
  afterAll(async () => {
    for (const workspace of made.values()) await workspace.remove();
  });

  it.each(runs)(
    '%s, %j, verifies without a difference',
    async (sample, overrides, cells) => {
      const cluster = await fleet.start(await made.get(sample)!.load(overrides), program);
      expect(cluster.addresses.backends[0]).toMatchObject({ vendor: program.vendor, version: program.version });
      const report = await verifyOf(cluster);
      expect(differing(report)).toEqual([]);
      expect(report.totals).toMatchObject({ cells, asExpected: cells, differsFromPrediction: 0 });
      // Of both kinds, so that a cluster that answers everything alike cannot pass.
      expect(report.totals.allowed).toBeGreaterThan(0);
      expect(report.totals.stopped).toBeGreaterThan(0);
    },
    busy,
  );

  it.skipIf(mariadb === null)(
    'the guide’s wrong password is refused in exactly vtgate’s words',
    async () => {
      const workspace = await made.get('user-guide')!.load({ fidelity: 'vitess' });
      const { addresses } = await fleet.start(workspace, program);
      const { host, port } = addresses.gateways.find(({ name }) => name === 'plain')!.mysql!;
      const words = await new Promise<string>((resolve) =>
        execFile(
          mariadb!.command,
          ['--no-defaults', '-h', host, '-P', String(port), '-u', 'myuser1', '-pincorrect_password'],
          (_, __, stderr) => resolve(stderr),
        ),
      );
      expect(words).toBe("ERROR 1045 (28000): Access denied for user 'myuser1'\n");
    },
    busy,
  );
});
