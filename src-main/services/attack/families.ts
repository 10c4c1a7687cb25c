import { aclEscape } from './acl-escape/family';
import type { AttackFamily, AttackWorld, PlannedAttack } from './planned';
import { certificates } from './certificates/family';
import { claimedIdentity } from './claimed-identity/family';
import { downgrade } from './downgrade/family';
import { failOpen } from './fail-open/family';
import { manInTheMiddle } from './man-in-the-middle/family';
import { injection } from './injection/family';
import { passwords } from './passwords/family';
import { rogueComponent } from './rogue-component/family';

/** Every group's attacks, in the order in which the groups are shown. */
export const families: readonly AttackFamily[] = [
  certificates,
  manInTheMiddle,
  rogueComponent,
  claimedIdentity,
  downgrade,
  passwords,
  aclEscape,
  injection,
  failOpen,
];

/** Everything that can be tried on a workspace; ids are unique. */
export const planAttacks = (world: AttackWorld): PlannedAttack[] => families.flatMap((family) => family.plan(world));
