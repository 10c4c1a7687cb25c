import type { AttackCard } from '../../../domain/attacks';
import { notHere, type AttackFamily, type AttackWorld, type PlannedAttack } from '../planned';
import { callersOf } from '../tls/callers';
import { gatewayPlaces, tabletPlaces, type Place } from '../tls/places';
import { shownToClients } from './client-check';
import { diallersAt } from './dialler-check';
import { gatewayDoor, tabletDoor } from './doors';
import { shownToGateways } from './link-check';
import { shownToTablets } from './mysql-check';
import { nobodyAsks } from './nobody-asks';

/** Certificates with every fault, on every link on which somebody looks at one. */
export const certificates: AttackFamily = {
  group: 'certificates',
  plan: (world) => [
    ...atGateways(world),
    ...gatewayPlaces(world.workspace.topology).flatMap((place) => shownToClients(world, place)),
    ...atTablets(world),
    ...shownToGateways(world),
    ...shownToTablets(world),
  ],
};

function atGateways(world: AttackWorld): PlannedAttack[] {
  return gatewayPlaces(world.workspace.topology).flatMap((place) => {
    if (place.tls?.clientCa == null) return [nobodyAsks(world, place)];
    const by = callersOf(world, place).find(({ caller }) => caller.certificate !== null);
    const door = by === undefined ? null : gatewayDoor(world.workspace, place, by);
    return door === null
      ? [
          notHere(
            anyFault(place),
            `The workspace’s tests have no caller of ${place.aim} with a certificate who may read, so that nobody could be imitated.`,
          ),
        ]
      : diallersAt(world, door);
  });
}

function atTablets(world: AttackWorld): PlannedAttack[] {
  return tabletPlaces(world.workspace.topology).flatMap((place) => {
    if (place.tls?.clientCa == null) return [nobodyAsks(world, place)];
    const door = tabletDoor(world.workspace, place);
    return door === null
      ? [
          notHere(
            anyFault(place),
            `No gateway of this workspace shows ${place.aim} a certificate that could be imitated.`,
          ),
        ]
      : diallersAt(world, door);
  });
}

export const anyFault = (place: Place): Omit<AttackCard, 'notHere'> => ({
  id: `certificates/any/${place.id}`,
  group: 'certificates',
  title: 'A faulty certificate',
  aim: place.aim,
  about: [`A certificate with a fault is shown at ${place.aim}.`],
  hop: place.hop,
  scored: true,
});
