import type { AttackFamily } from '../planned';
import { beforeGateways } from './before-gateway';
import { onLinks } from './on-link';

/** Somebody who stands on a link, ends TLS with a certificate of his own, and reads. */
export const manInTheMiddle: AttackFamily = {
  group: 'man-in-the-middle',
  plan: (world) => [...beforeGateways(world), ...onLinks(world)],
};
