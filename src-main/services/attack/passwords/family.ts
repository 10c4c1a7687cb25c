import { notHere, type AttackFamily } from '../planned';
import { doorsOf } from './door';
import { emptyPasswords } from './empty';
import { enumeration } from './enumeration';
import { guesses } from './guesses';
import { oldPassword } from './rotation';
import { wrongSourceHost } from './source-host';
import { tabletPasswords } from './tablet-users';

/** Passwords that are empty, wrong, old, stolen as hashes or used from elsewhere. */
export const passwords: AttackFamily = {
  group: 'passwords',
  plan: (world) => {
    const { workspace } = world;
    const planned = workspace.topology.gateways
      .flatMap((gateway) => doorsOf(workspace, gateway))
      .flatMap((door) => [
        ...emptyPasswords(world, door),
        ...guesses(world, door),
        ...(door.file === '' ? [] : enumeration(door)),
        ...(door.protocol === 'mysql' && door.file !== '' ? [wrongSourceHost(world, door), oldPassword(door)] : []),
      ]);
    planned.push(...workspace.topology.tablets.flatMap((tablet) => tabletPasswords(world, tablet)));
    if (planned.length > 0) return planned;
    const card = {
      ...({ id: 'passwords/none', group: 'passwords', title: 'A password' } as const),
      ...({ aim: 'every gateway', about: [], hop: 'A', scored: true } as const),
    };
    return [notHere(card, 'Neither a gateway nor a tablet lets anybody in by a password of a users file.')];
  },
};
