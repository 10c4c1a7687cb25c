import type { AttackFamily } from '../planned';
import { clearPasswords } from './clear-password';
import { nativeMethods } from './native-method';
import { oldVersions } from './old-version';
import { plaintext } from './plaintext';

/** Everything by which a connection can be talked into less protection than both ends have. */
export const downgrade: AttackFamily = {
  group: 'downgrade',
  plan: (world) => [...plaintext(world), ...oldVersions(world), ...clearPasswords(world), ...nativeMethods(world)],
};
