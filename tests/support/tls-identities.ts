import { createAuthority, createCrl, issueCertificate, type IssuedIdentity } from '../../src-main/domain/certs';

/** A leaf certificate with its chain and key as PEM. */
export interface Identity {
  /** Leaf, then intermediates. */
  readonly cert: string;
  /** The leaf alone. */
  readonly leaf: string;
  readonly key: string;
  readonly serial: string;
}

export interface LeafOptions {
  readonly name: string;
  readonly issuer?: IssuedIdentity;
  readonly purposes?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const day = 86_400_000;

/** A small set of authorities around `now`: a root, an intermediate below it, and a stranger. */
export function createPki(now = new Date()) {
  const around = { notBefore: new Date(now.getTime() - 30 * day), notAfter: new Date(now.getTime() + 30 * day) };
  const root = createAuthority({ subject: { commonName: 'Test Root' }, ...around });
  const intermediate = createAuthority({
    subject: { commonName: 'Test Intermediate' },
    issuer: asIssuer(root),
    ...around,
  });
  const stranger = createAuthority({ subject: { commonName: 'Stranger' }, ...around });

  const leaf = (options: LeafOptions): Identity => {
    const issuer = options.issuer ?? root;
    const issued = issueCertificate({
      subject: options.name === '' ? { organization: 'nameless' } : { commonName: options.name },
      issuer: asIssuer(issuer),
      extendedKeyUsage: options.purposes ?? ['clientAuth', 'serverAuth'],
      dnsNames: options.dnsNames ?? ['localhost'],
      ipAddresses: options.ipAddresses ?? ['127.0.0.1'],
      notBefore: options.notBefore ?? new Date(now.getTime() - day),
      notAfter: options.notAfter ?? new Date(now.getTime() + day),
    });
    const chain = issuer === intermediate ? issued.pem + intermediate.pem : issued.pem;
    return { cert: chain, leaf: issued.pem, key: issued.privateKeyPem.reveal(), serial: issued.certificate.serial };
  };

  let crlNumber = 0;
  const crl = (issuer: IssuedIdentity, ...revoked: readonly Identity[]): string =>
    createCrl({
      issuer: asIssuer(issuer),
      thisUpdate: new Date(now.getTime() - 60_000),
      nextUpdate: new Date(now.getTime() + 7 * day),
      number: ++crlNumber,
      revoked: revoked.map(({ serial }) => ({
        serial,
        date: new Date(now.getTime() - 60_000),
        reason: 'keyCompromise' as const,
      })),
    }).pem;

  /** A certificate that signed itself, with the same names as an honest one. */
  const selfSigned = (name: string): Identity => {
    const made = createAuthority({
      subject: { commonName: name },
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      ...around,
    });
    return { cert: made.pem, leaf: made.pem, key: made.privateKeyPem.reveal(), serial: made.certificate.serial };
  };

  return { now, day, root, intermediate, stranger, leaf, crl, selfSigned };
}

export type Pki = ReturnType<typeof createPki>;

const asIssuer = (identity: IssuedIdentity) => ({ certificate: identity.certificate, privateKey: identity.privateKey });
