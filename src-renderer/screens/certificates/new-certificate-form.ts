import type { CertificateRow, CertificatesPart, NewCertificate } from '../../../src-main/contract';

export type ValidFor = '1' | '90' | '365' | '3650' | 'until';

/** Authorities that can sign here. */
export const authoritiesFor = (part: CertificatesPart): readonly CertificateRow[] =>
  part.rows.filter(({ canSign }) => canSign);

/** The role that a certificate made for something has in the tree. */
const roleOf: Partial<Record<NewCertificate['for'], CertificateRow['role']>> = {
  caller: 'caller',
  'gateway-server': 'gateway-server',
  'gateway-as-tablet-client': 'gateway-as-tablet-client',
  'tablet-server': 'tablet-server',
  'mysql-server': 'mysql-server',
};

/**
 * The authority that signs certificates of a kind: the one whose others of the kind are here, else the one that the other
 * end trusts for it, else the first. A new authority is below the root.
 */
export function usualAuthority(part: CertificatesPart, wanted: NewCertificate['for']): string | null {
  const authorities = authoritiesFor(part);
  if (wanted === 'authority') return authorities.find(({ role }) => role === 'root')?.authority ?? null;
  const role = roleOf[wanted];
  const sibling = part.rows.find((row) => row.role === role && authorities.some(({ id }) => id === row.parent));
  const trusted =
    wanted === 'caller'
      ? part.checks.find(({ callers }) => callers)?.against[0]
      : wanted === 'gateway-as-tablet-client'
        ? part.checks.find(({ link, shownBy }) => link === 'gateway-tablet' && shownBy === 'dialler')?.against[0]
        : undefined;
  const id = sibling?.parent ?? trusted;
  return (
    (authorities.find((row) => row.id === id) ?? authorities.find((row) => row.role === 'authority') ?? authorities[0])
      ?.authority ?? null
  );
}

/** A form as it is before anybody has typed. */
export function emptyForm(part: CertificatesPart, preset: Partial<NewCertificate>): NewCertificate {
  const wanted = preset.for ?? (authoritiesFor(part).length === 0 ? 'authority' : 'caller');
  return {
    commonName: '',
    validFor: 365,
    dns: [],
    ip: [],
    key: 'ecdsa-p256',
    serial: '',
    purposes: [],
    request: null,
    signedBy: usualAuthority(part, wanted),
    ...preset,
    for: wanted,
  };
}
