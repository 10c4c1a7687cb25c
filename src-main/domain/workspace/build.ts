import { createAuthority, createCrl, issueCertificate, type IssuedIdentity, type Issuer } from '../certs';
import type { Clock } from '../kernel';
import { GatehouseError, Secret } from '../kernel';
import { cachingSha2Hash, generatePassword, nativeHash } from '../users';
import { FAULTY_FILE, writeFaultyRecord, type FaultKind } from './faulty-record';
import type { Recipe, RecipeCertificate, RecipeUserEntry } from './recipe';

/** A file to be written: path relative to the workspace, and its mode. */
export interface BuiltFile {
  readonly path: string;
  readonly content: string;
  readonly mode: 0o600 | 0o644;
}

/** What a recipe makes: files, and the passwords behind the hashes by their names in the workspace's secrets. */
export interface BuiltWorkspace {
  readonly files: readonly BuiltFile[];
  readonly secrets: ReadonlyMap<string, Secret>;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 365;
const CRL_DAYS = 30;

const missing = (what: string): never => {
  throw new GatehouseError({
    code: 'sample.reference',
    summary: `The sample names ${what}, which it does not define.`,
  });
};

/**
 * Makes the certificates, passwords and users files of a recipe. Pure but for randomness, which `random` may replace;
 * a recipe that refers to nothing throws GatehouseError `sample.reference`.
 */
export function buildWorkspace(
  recipe: Recipe,
  tools: { readonly clock: Clock; readonly random?: (size: number) => Buffer },
): BuiltWorkspace {
  const files: BuiltFile[] = [];
  const secrets = new Map<string, Secret>();
  const issuers = new Map<string, IssuedIdentity>();
  const chains = new Map<string, string>();
  const now = tools.clock.now();
  const add = (path: string, content: string, mode: BuiltFile['mode']): void => {
    files.push({ path, content, mode });
  };

  for (const item of recipe.authorities) {
    const parent =
      item.issuer === null ? null : (issuers.get(item.issuer) ?? missing(`the authority "${item.issuer}"`));
    const made = createAuthority({
      ...tools,
      subject: { commonName: item.commonName },
      days: AUTHORITY_DAYS,
      ...(parent === null ? {} : { issuer: asIssuer(parent) }),
    });
    issuers.set(item.id, made);
    // A root is never sent: whoever trusts it has it.
    chains.set(item.id, parent === null ? '' : made.pem + (chains.get(item.issuer ?? '') ?? ''));
    add(`pki/${item.id}/ca-cert.pem`, made.pem, 0o644);
    add(`pki/${item.id}/ca-key.pem`, made.privateKeyPem.reveal(), 0o600);
  }

  const faulty = new Map<string, FaultKind>();
  const revoked = new Map<
    string,
    { serial: string; date: Date; reason: NonNullable<RecipeCertificate['revoked']> }[]
  >();
  for (const item of recipe.certificates) {
    const issuer = issuers.get(item.authority) ?? missing(`the authority "${item.authority}"`);
    const made = issueCertificate({
      ...tools,
      role: item.role,
      subject: { commonName: item.commonName },
      issuer: asIssuer(issuer),
      dnsNames: item.dns,
      ipAddresses: item.ip,
      ...validity(item, now),
    });
    add(`pki/${item.authority}/${item.id}-cert.pem`, made.pem + (chains.get(item.authority) ?? ''), 0o644);
    add(`pki/${item.authority}/${item.id}-key.pem`, made.privateKeyPem.reveal(), 0o600);
    const fault = item.fault ?? (item.revoked === null ? null : 'revoked');
    if (fault !== null) faulty.set(made.certificate.fingerprint, fault);
    if (item.revoked !== null) {
      const list = revoked.get(item.authority) ?? [];
      list.push({ serial: made.certificate.serial, date: now, reason: item.revoked });
      revoked.set(item.authority, list);
    }
  }

  if (faulty.size > 0) add(FAULTY_FILE, writeFaultyRecord(faulty), 0o644);

  for (const id of recipe.crls) {
    const issuer = issuers.get(id) ?? missing(`the authority "${id}"`);
    const made = createCrl({
      issuer: asIssuer(issuer),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + CRL_DAYS * DAY_MS),
      number: 1,
      revoked: revoked.get(id) ?? [],
    });
    add(`pki/${id}/crl.pem`, made.pem, 0o644);
  }
  for (const bundle of recipe.bundles) {
    const parts = bundle.authorities.map((id) => (issuers.get(id) ?? missing(`the authority "${id}"`)).pem);
    add(bundle.path, parts.join(''), 0o644);
  }

  const passwordFor = (name: string): string => {
    const known = secrets.get(name);
    if (known !== undefined) return known.reveal();
    const made = new Secret(generatePassword(tools.random === undefined ? {} : { random: tools.random }));
    secrets.set(name, made);
    return made.reveal();
  };
  for (const [path, users] of recipe.users) {
    const document = Object.fromEntries(
      [...users].map(([name, entries]) => [name, entries.map((entry) => userEntry(entry, passwordFor))]),
    );
    add(path, `${JSON.stringify(document, null, 2)}\n`, 0o600);
  }
  for (const [path, users] of recipe.grpcUsers) {
    const document = [...users].map(([name, source]) => ({ Username: name, Password: passwordFor(source.secret) }));
    add(path, `${JSON.stringify(document, null, 2)}\n`, 0o600);
  }
  return { files, secrets };
}

const asIssuer = (identity: IssuedIdentity): Issuer => ({
  certificate: identity.certificate,
  privateKey: identity.privateKey,
});

function validity(item: RecipeCertificate, now: Date): { notBefore?: Date; notAfter?: Date; days?: number } {
  if (item.fault === 'expired')
    return { notBefore: new Date(now.getTime() - 400 * DAY_MS), notAfter: new Date(now.getTime() - 35 * DAY_MS) };
  if (item.fault === 'not-yet-valid')
    return { notBefore: new Date(now.getTime() + 30 * DAY_MS), notAfter: new Date(now.getTime() + 395 * DAY_MS) };
  return { days: LEAF_DAYS };
}

function userEntry(entry: RecipeUserEntry, passwordFor: (name: string) => string): Record<string, unknown> {
  const password = passwordFor(entry.password.secret);
  return {
    ...(entry.hashes.includes('native') ? { MysqlNativePassword: nativeHash(password) } : {}),
    ...(entry.hashes.includes('sha2') ? { CachingSha2Password: cachingSha2Hash(password) } : {}),
    ...(entry.userData === null ? {} : { UserData: entry.userData }),
    ...(entry.groups.length === 0 ? {} : { Groups: entry.groups }),
  };
}
