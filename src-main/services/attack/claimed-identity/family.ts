import { notHere, type AttackFamily } from '../planned';
import { grpcClaims } from './grpc-claims';
import { loginNames } from './login-names';

/** Callers who say that they are somebody else. */
export const claimedIdentity: AttackFamily = {
  group: 'claimed-identity',
  plan: (world) => {
    const { gateways } = world.workspace.topology;
    const planned = gateways.flatMap((gateway) => [...grpcClaims(world, gateway), ...loginNames(world, gateway)]);
    if (planned.length > 0) return planned;
    const card = {
      ...({ id: 'claimed-identity/none', group: 'claimed-identity', title: 'A caller claims another name' } as const),
      ...({ aim: 'every gateway', about: [], hop: 'B', scored: true } as const),
    };
    return [
      notHere(
        card,
        'No gateway listens for gRPC, and over MySQL a password decides who asks: nobody can claim anything.',
      ),
    ];
  },
};
