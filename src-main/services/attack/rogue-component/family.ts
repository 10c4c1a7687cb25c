import type { AttackFamily } from '../planned';
import { attacksOnLink } from './rogue-tablet';
import { attacksOnPort } from './tablet-port';

/** A gateway, a caller or a tablet that is not the one it seems to be. */
export const rogueComponent: AttackFamily = {
  group: 'rogue-component',
  plan: (world) => {
    const { tablets, gateways } = world.workspace.topology;
    return [
      ...tablets.flatMap((tablet) => attacksOnPort(world, tablet)),
      ...gateways.flatMap((gateway) => tablets.flatMap((tablet) => attacksOnLink(world, gateway, tablet))),
    ];
  },
};
