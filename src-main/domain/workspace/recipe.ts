import { fields, readJsonFile, type FieldReader, type Finding } from '../kernel';

const { integer, listOf, mapOf, nullable, objectOf, oneOf, optional, required, text } = fields;

type Read<T> = T extends FieldReader<infer V> ? V : never;

/** What makes a certificate unusable on purpose, for tests that must be refused. */
export type CertificateFault = 'expired' | 'not-yet-valid' | 'other-authority';

/** One authority of a recipe: `pki/ID/ca-cert.pem` and its key. */
const authority = objectOf({
  id: required(text),
  commonName: required(text),
  issuer: optional(nullable(text), null),
});

/** One certificate of a recipe: `pki/AUTHORITY/ID-cert.pem` and its key. */
const certificate = objectOf({
  authority: required(text),
  id: required(text),
  role: required(
    oneOf(
      'gateway-server',
      'tablet-server',
      'gateway-as-tablet-client',
      'control-plane-client',
      'caller',
      'mysql-server',
      'mysql-client',
    ),
  ),
  commonName: required(text),
  dns: optional(listOf(text), []),
  ip: optional(listOf(text), []),
  fault: optional(nullable(oneOf('expired', 'not-yet-valid', 'other-authority')), null),
  revoked: optional(nullable(oneOf('keyCompromise', 'superseded', 'cessationOfOperation')), null),
});

const userEntry = objectOf({
  password: required(objectOf({ secret: required(text) })),
  hashes: required(listOf(oneOf('native', 'sha2'))),
  userData: optional(nullable(text), null),
  groups: optional(listOf(text), []),
});

const secretName: FieldReader<{ readonly secret: string }> = objectOf({ secret: required(text) });

const recipe = objectOf({
  schema: required(integer(1, 1)),
  title: required(text),
  about: required(text),
  authorities: optional(listOf(authority), []),
  certificates: optional(listOf(certificate), []),
  crls: optional(listOf(text), []),
  bundles: optional(listOf(objectOf({ path: required(text), authorities: required(listOf(text)) })), []),
  users: optional<Map<string, Map<string, Read<typeof userEntry>[]>>>(mapOf(mapOf(listOf(userEntry))), new Map()),
  grpcUsers: optional<Map<string, Map<string, { readonly secret: string }>>>(mapOf(mapOf(secretName)), new Map()),
});

/** What a sample makes anew for each workspace: keys, certificates, passwords and the files that hold their hashes. */
export type Recipe = Read<typeof recipe>;
export type RecipeAuthority = Read<typeof authority>;
export type RecipeCertificate = Read<typeof certificate>;
export type RecipeUserEntry = Read<typeof userEntry>;

/** Reads a sample's `sample.json`. */
export function readRecipe(bytes: Uint8Array, file: string): { recipe: Recipe | null; findings: Finding[] } {
  const { value, findings } = readJsonFile(bytes, file, 'sample', recipe);
  return { recipe: value, findings };
}
