import { afterEach, describe, expect, it } from 'vitest';
import { aclEscape } from '../../../src-main/services/attack/acl-escape/family';
import { injection } from '../../../src-main/services/attack/injection/family';
import { performAttacks } from '../../../src-main/services/attack/lab';
import type { AttackFamily } from '../../../src-main/services/attack/planned';
import { rogueComponent } from '../../../src-main/services/attack/rogue-component/family';
import { attackRig, type AttackRig } from '../../support/attack-ground';

const families: readonly AttackFamily[] = [rogueComponent, aclEscape, injection];
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
      starting(
        'acl-escape/plain/',
        'acl-escape/union/',
        'acl-escape/cte-own-name/',
        'rogue-component/tablet-',
        'injection/',
      ),
    );
    expect(performed.length).toBeGreaterThan(20);
    expect(performed.filter(({ outcome }) => outcome === 'cannot-decide').map(({ id }) => id)).toEqual([]);
  }, 60_000);
});
