import type { ResponsibleSetting } from '../../../domain/attacks';
import type { AttackGround } from '../ground';
import { fidelitySetting } from '../named-settings';
import { fidelityOf } from '../../workspace/load-workspace';
import { aclDoors } from '../named-settings';
import { tabletBehind } from '../prize';
import { settingOf } from '../tls/places';
import type { Door } from './doors';
import type { Fault } from './faults';

/** What stands in question at a door: a fault of the certificate, or what is known of its revocation. */
export type Doubt = Exclude<Fault, 'none'> | 'revoked' | 'crl-out-of-date';

/** The settings that decide over a doubt at a door; `through`: it was let in. */
export function doorSettings(ground: AttackGround, door: Door, doubt: Doubt, through: boolean): ResponsibleSetting[] {
  const { place, bundle, crl } = door;
  const mysql = place.kind === 'mysql';
  const ca = settingOf(ground, place, ['tls', 'clientCa'], bundle, {
    flag: mysql ? '--mysql-server-ssl-ca' : '--grpc-ca',
    ...(through && doubt !== 'revoked'
      ? { advice: 'Name an authority that signs the right certificates and no others.' }
      : {}),
  });
  const list = settingOf(ground, place, ['tls', 'crl'], crl ?? 'none', {
    flag: mysql ? '--mysql-server-ssl-crl' : '--grpc-crl',
    ...(through && crl === null
      ? { advice: 'Keep a list of revoked certificates for this authority, and name it here.' }
      : {}),
  });
  const gateway =
    place.kind === 'tablet' ? null : (ground.workspace.topology.gateways[place.path[1] as number] ?? null);
  const { mode } = fidelityOf(ground.workspace, gateway);
  const fidelity = fidelitySetting(
    ground.workspace,
    gateway,
    place.part,
    through && mode === 'vitess'
      ? doubt === 'weak-key'
        ? 'Sign no weak keys: a stock program takes them.'
        : 'Renew the list well before it ends: a stock program goes on without it.'
      : null,
  );
  switch (doubt) {
    case 'revoked':
      return [list];
    case 'crl-out-of-date':
      return [list, fidelity];
    case 'weak-key':
      return [fidelity];
    case 'wrong-name':
    case 'no-common-name':
      return [...(through ? aclBehind(ground, door) : []), who(ground, door, through)];
    default:
      return [ca];
  }
}

/**
 * Settings of the ACL behind a gRPC listener that let pass a caller whom nothing is open to: no name is compared before it.
 * None where names are compared at the login, and at a tablet's own port.
 */
export function aclBehind({ workspace }: AttackGround, { place }: Door): readonly ResponsibleSetting[] {
  const tablet = tabletBehind(workspace);
  return place.kind !== 'grpc' || tablet === undefined ? [] : aclDoors(workspace, tablet);
}

/** Where a name is compared: at the login of MySQL, in the substrings of gRPC, or by the table ACL alone. */
function who(ground: AttackGround, { place }: Door, through: boolean): ResponsibleSetting {
  if (place.kind === 'mysql')
    return settingOf(ground, place, ['auth'], 'static', {
      flag: '--mysql-auth-server-impl',
      ...(through ? { advice: 'Set mysql.auth to "clientcert": then the login name must be the certificate’s.' } : {}),
    });
  return settingOf(ground, place, ['authMode'], 'none', {
    flag: '--grpc-auth-mode',
    ...(through
      ? { advice: 'Set grpc.authMode to "mtls" with allowedSubstrings: otherwise any name of the authority is taken.' }
      : {}),
  });
}
