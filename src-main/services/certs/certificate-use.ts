import type { CertificateRoleName } from '../../contract/areas/certificates';
import type { Check } from '../../domain/topology';
import type { IndexedCertificate, PkiIndex } from './pki-index';

/** A check with the certificates that have a part in it; ids of the index. */
export interface ResolvedCheck {
  readonly check: Check;
  /** Shown certificates: one, or those of all callers whom the authority vouches for. */
  readonly shown: readonly string[];
  readonly callers: boolean;
  readonly against: readonly string[];
  /** A file that gatehouse.json names and in which there is no certificate. */
  readonly missingFile: string | null;
}

const serverRoles = { gateway: 'gateway-server', tablet: 'tablet-server', backend: 'mysql-server' } as const;

/** What the certificates of a workspace are for, told from the links and from who signed what. */
export class CertificateUse {
  readonly byId: ReadonlyMap<string, IndexedCertificate>;
  readonly checks: readonly ResolvedCheck[];
  readonly #children = new Map<string, IndexedCertificate[]>();
  readonly #roles = new Map<string, CertificateRoleName>();
  readonly #shownRole = new Map<string, CertificateRoleName>();
  /** What the leaves of an authority are for. */
  readonly #leafRole = new Map<string, CertificateRoleName>();

  constructor(
    readonly index: PkiIndex,
    checks: readonly Check[],
  ) {
    this.byId = new Map(index.certificates.map((item) => [item.id, item]));
    for (const item of index.certificates)
      if (item.issuer !== null) this.#children.set(item.issuer, [...(this.#children.get(item.issuer) ?? []), item]);
    for (const check of checks) this.#learn(check);
    for (const item of index.certificates) this.#roles.set(item.id, this.#roleOf(item));
    this.checks = checks.map((check) => this.#resolve(check));
  }

  roleOf(id: string): CertificateRoleName {
    return this.#roles.get(id) ?? 'other';
  }

  /** Certificates that this one has signed. */
  childrenOf(id: string): readonly IndexedCertificate[] {
    return this.#children.get(id) ?? [];
  }

  /** Itself, its issuer and so on; ids. */
  chainOf(id: string): string[] {
    const chain: string[] = [];
    for (let at: string | null = id; at !== null && !chain.includes(at); at = this.byId.get(at)?.issuer ?? null)
      chain.push(at);
    return chain;
  }

  /** An authority with its key here whose leaves are of this role; null: there is none. */
  authorityFor(role: CertificateRoleName): IndexedCertificate | null {
    for (const [id, leaves] of this.#leafRole) {
      const item = this.byId.get(id);
      if (leaves === role && item?.authority != null && hasKey(item)) return item;
    }
    return null;
  }

  /** Ids of the certificates in a file. */
  #in(file: string | null): readonly string[] {
    return file === null ? [] : (this.index.byFile.get(file) ?? []);
  }

  /** Takes over what a check says about the roles of shown certificates and of authorities. */
  #learn({ link, shownBy, shows, against }: Check): void {
    const [shown] = this.#in(shows);
    const client =
      link === 'gateway-tablet' ? 'gateway-as-tablet-client' : link === 'tablet-backend' ? 'mysql-client' : 'caller';
    const listener = link === 'gateway-tablet' ? 'tablet' : link === 'tablet-backend' ? 'backend' : 'gateway';
    const role = shownBy === 'listener' ? serverRoles[listener] : client;
    if (shown !== undefined) {
      if (!this.#shownRole.has(shown)) this.#shownRole.set(shown, role);
      const issuer = this.byId.get(shown)?.issuer ?? null;
      if (issuer !== null && !this.#leafRole.has(issuer)) this.#leafRole.set(issuer, role);
    }
    for (const id of this.#in(against)) {
      // A root above several authorities says nothing about the leaves below them.
      const direct = this.childrenOf(id).some(({ certificate }) => !certificate.isCa);
      if (direct || this.childrenOf(id).length === 0) this.#leafRole.set(id, this.#leafRole.get(id) ?? role);
    }
  }

  #roleOf(item: IndexedCertificate): CertificateRoleName {
    const { certificate, id } = item;
    if (certificate.isCa) return certificate.rawSubject.equals(certificate.rawIssuer) ? 'root' : 'authority';
    const shown = this.#shownRole.get(id);
    if (shown !== undefined) return shown;
    for (const above of this.chainOf(id).slice(1)) {
      const role = this.#leafRole.get(above);
      if (role !== undefined) return role;
    }
    const { client, server } = purposesOf(item);
    return server && !client ? 'server' : client && !server ? 'client' : 'other';
  }

  #resolve(check: Check): ResolvedCheck {
    const { link, shownBy, shows, against: bundle, reason } = check;
    const given = this.#in(bundle);
    const callers =
      shows === null && shownBy === 'dialler' && link.startsWith('client-gateway') && reason === 'verified';
    const shown = callers
      ? this.index.certificates
          .filter(({ id, certificate }) => !certificate.isCa && this.chainOf(id).some((above) => given.includes(above)))
          .map(({ id }) => id)
      : this.#in(shows).slice(0, 1);
    // A client trusts whom it likes; that it must be the signer of what the gateway shows is certain.
    const issuer = shown[0] === undefined ? null : (this.byId.get(shown[0])?.issuer ?? null);
    const against = check.checkedBy === 'client' && issuer !== null ? [issuer] : given;
    const missing = [shows, bundle].find((file) => file !== null && this.#in(file).length === 0);
    return { check, shown, callers, against, missingFile: missing ?? null };
  }
}

/** Whether the private key of a certificate is here. */
export const hasKey = ({ key }: IndexedCertificate): boolean => key === 'clear' || key === 'encrypted';

/** What a leaf may be used as: no purposes, or "any", means both. */
export function purposesOf({ certificate }: Pick<IndexedCertificate, 'certificate'>): {
  client: boolean;
  server: boolean;
} {
  const purposes = certificate.extendedKeyUsage ?? [];
  const any = purposes.length === 0 || purposes.includes('any');
  return { client: any || purposes.includes('clientAuth'), server: any || purposes.includes('serverAuth') };
}
