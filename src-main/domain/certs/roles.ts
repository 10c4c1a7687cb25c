import type { CertificateRole, ExtendedKeyUsage } from './types';

/** What certificates of a role may be used for, and what a form or the command line says about it. */
export interface RoleTemplate {
  readonly role: CertificateRole;
  readonly title: string;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  /** True when clients compare the certificate's names with the one they dialled. */
  readonly needsNames: boolean;
}

const template = (
  role: CertificateRole,
  title: string,
  extendedKeyUsage: readonly ExtendedKeyUsage[],
): RoleTemplate => ({
  role,
  title,
  extendedKeyUsage,
  needsNames: extendedKeyUsage.includes('serverAuth'),
});

/** One purpose for each role, so that no certificate opens a door it was not made for. */
export const roleTemplates: Readonly<Record<CertificateRole, RoleTemplate>> = {
  'gateway-server': template('gateway-server', 'gateway, towards clients', ['serverAuth']),
  'tablet-server': template('tablet-server', 'tablet, towards gateways', ['serverAuth']),
  'gateway-as-tablet-client': template('gateway-as-tablet-client', 'gateway, as client of tablets', ['clientAuth']),
  'control-plane-client': template('control-plane-client', 'control plane, as client of tablets', ['clientAuth']),
  caller: template('caller', 'caller', ['clientAuth']),
  'mysql-server': template('mysql-server', 'MySQL server', ['serverAuth']),
  'mysql-client': template('mysql-client', 'tablet, as client of MySQL', ['clientAuth']),
};
