import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { claimedIdentity } from '../../../src-main/services/attack/claimed-identity/family';
import { failOpen } from '../../../src-main/services/attack/fail-open/family';
import { passwords } from '../../../src-main/services/attack/passwords/family';
import { performAttacks } from '../../../src-main/services/attack/lab';
import type { AttackFamily, AttackWorld } from '../../../src-main/services/attack/planned';
import { rogueComponent } from '../../../src-main/services/attack/rogue-component/family';
import type { Workspace } from '../../../src-main/services/workspace/load-workspace';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';
import { makeWorkspace } from '../../support/workspace';

const families: readonly AttackFamily[] = [rogueComponent, claimedIdentity, passwords, failOpen];
const all: AttackFamily = { group: 'fail-open', plan: (world) => families.flatMap((family) => family.plan(world)) };
let rig: AttackRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

/** What a workspace can lack, without anything else being different. */
const without: Readonly<Record<string, (workspace: Workspace) => Partial<Workspace>>> = {
  nothing: () => ({}),
  tests: () => ({ suites: [] }),
  tablets: ({ topology }) => ({ topology: { ...topology, tablets: [] } }),
  gateways: ({ topology }) => ({ topology: { ...topology, gateways: [] } }),
  'readable files': () => ({ users: new Map(), grpcUsers: new Map(), acls: new Map(), files: new Map() }),
  certificates: () => ({ certificates: new Map() }),
  keyspaces: ({ topology }) => ({ topology: { ...topology, keyspaces: [] } }),
};

describe('plans', () => {
  it.each(['shop', 'reference', 'user-guide'] as const)('of %s hold for whatever is missing', async (sample) => {
    const made = await makeWorkspace(sample);
    const workspace = await made.load();
    for (const [what, change] of Object.entries(without)) {
      const world: AttackWorld = worldOf({ ...workspace, ...change(workspace) }, () => false);
      for (const family of families) {
        const planned = family.plan(world);
        const ids = planned.map(({ card }) => card.id);
        expect([what, family.group, ids.filter((id, index) => ids.indexOf(id) !== index)]).toEqual([
          what,
          family.group,
          [],
        ]);
        for (const { card } of planned) {
          expect(card.group).toBe(family.group);
          expect(card.id.startsWith(`${family.group}/`)).toBe(true);
          for (const text of [card.title, card.aim, ...card.about])
            expect(text).not.toMatch(/undefined|null|NaN|\[object/);
          for (const sentence of [...card.about, card.notHere ?? 'Nothing is missing.'])
            expect(sentence).toMatch(/^\S.*[^.]\.$/s);
        }
      }
    }
    await made.remove();
  });
});

describe('the whole of these groups', () => {
  it('decides everything in vitess mode as well', async () => {
    rig = await attackRig('shop', all, { overrides: { fidelity: 'vitess' } });
    const performed = await performAttacks(rig.ground, rig.planned);
    expect(performed.filter(({ result }) => result.outcome === 'cannot-decide').map(({ card }) => card.id)).toEqual([]);
    expect(performed.filter(({ result }) => result.outcome === 'got-through').map(({ card }) => card.id)).toEqual([
      'claimed-identity/principal/main/grpc',
      'claimed-identity/nameless-certificate/certs/grpc',
      'fail-open/topology.claimed-callers/main',
    ]);
    for (const { result } of performed)
      for (const { name, value } of result.settings) expect(`${name} ${value}`).not.toMatch(/undefined|\[object/);
  }, 90_000);

  it('says so where no key is there to make a certificate with', async () => {
    const made = await attackRig('shop', all);
    rig = made;
    for (const authority of ['root', 'tablet-clients', 'tablet-servers', 'callers', 'gateways', 'mysql', 'elsewhere'])
      await rm(join(made.ground.dir, `pki/${authority}/ca-key.pem`), { force: true });
    for (const id of [
      'rogue-component/wrong-purpose/zone1-100',
      'rogue-component/tablet-wrong-name/main/zone1-100',
      'rogue-component/tablet-other-authority/main/zone1-100',
      'claimed-identity/nameless-certificate/certs/grpc',
    ]) {
      const { outcome, sentence } = await made.perform(id);
      expect([id, outcome, sentence]).toEqual([id, 'not-here', expect.stringContaining('No key of the authorities')]);
    }
    expect(await made.perform('rogue-component/impostor/zone1-100')).toMatchObject({ outcome: 'stopped' });
  }, 60_000);
});
