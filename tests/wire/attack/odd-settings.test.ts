import { afterEach, describe, expect, it } from 'vitest';
import { aclEscape } from '../../../src-main/services/attack/acl-escape/family';
import { certificates } from '../../../src-main/services/attack/certificates/family';
import { injection } from '../../../src-main/services/attack/injection/family';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { manInTheMiddle } from '../../../src-main/services/attack/man-in-the-middle/family';
import type { AttackFamily } from '../../../src-main/services/attack/planned';
import { rogueComponent } from '../../../src-main/services/attack/rogue-component/family';
import { attackRig, type AttackRig } from '../../support/attack-ground';

const families: readonly AttackFamily[] = [certificates, manInTheMiddle, rogueComponent, aclEscape, injection];
const all: AttackFamily = { group: 'acl-escape', plan: (world) => families.flatMap((family) => family.plan(world)) };

let rig: AttackRig | null = null;
afterEach(async () => {
  await rig?.close();
  rig = null;
});

const starting =
  (...starts: readonly string[]) =>
  (id: string): boolean =>
    starts.some((start) => id.startsWith(start));

/** The outcomes of those attacks whose id begins so, each once, with how many there were. */
async function outcomes(wanted: (id: string) => boolean) {
  const planned = rig!.planned.filter(({ card }) => wanted(card.id));
  const performed = await performAttacks(rig!.ground, planned);
  return performed.map(({ card, result }) => ({ id: card.id, outcome: result.outcome, result }));
}

describe('a workspace with one setting changed', () => {
  it('MySQL’s TLS is gone and requireSecureTransport is left: callers and attackers come in clear', async () => {
    rig = await attackRig('shop', all, { change: (topology) => delete topology.gateways[0].mysql.tls });
    const performed = await outcomes(
      starting('acl-escape/plain/', 'acl-escape/union/', 'acl-escape/cte-own-name/', 'injection/'),
    );
    expect(performed.length).toBeGreaterThan(20);
    expect(performed.filter(({ outcome }) => outcome === 'cannot-decide').map(({ id }) => id)).toEqual([]);
  }, 60_000);

  it.each(['serverName', 'ca'])(
    'the link does not work for want of %s: said at once, with the setting',
    async (key) => {
      rig = await attackRig('shop', all, { change: (topology) => delete topology.gateways[0].tabletLink[key] });
      const begun = performance.now();
      const performed = await outcomes(
        (id) => id.endsWith('/main/zone1-100') && !id.startsWith('injection/') && !id.startsWith('acl-escape/'),
      );
      expect(performance.now() - begun).toBeLessThan(6_000);
      const tried = performed.filter(({ outcome }) => outcome !== 'not-here');
      expect(tried.length).toBeGreaterThan(2);
      for (const { result } of tried) {
        expect(result).toMatchObject({
          outcome: 'cannot-decide',
          sentence: expect.stringContaining('through gateway main without an attacker either') as string,
          settings: [{ name: `gateway main: tabletLink.${key}`, place: { file: 'gatehouse.json' } }],
        });
        expect(JSON.stringify([result.why, result.evidence])).toMatch(/no healthy tablet|handshake failed/);
      }
    },
    60_000,
  );

  it('without authentication another caller is the honest one', async () => {
    rig = await attackRig('shop', all, { change: (topology) => (topology.gateways[0].mysql.auth = 'none') });
    const performed = await outcomes(
      (id) => id.startsWith('rogue-component/tablet-') || /^acl-escape\/grpc-.*\/batch-/.test(id),
    );
    expect(performed.length).toBeGreaterThan(5);
    expect(performed.filter(({ outcome }) => outcome === 'cannot-decide').map(({ id }) => id)).toEqual([]);
  }, 60_000);
});
