import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';

import { GatehouseError, type Secret } from '../kernel';
import type { ParsedCertificate } from './certificate';
import {
  constructed,
  type DerNode,
  encode,
  integer,
  nullValue,
  octetString,
  oid,
  primitive,
  sequence,
  setOf,
  tag,
} from './der';
import { keysMatch } from './keys';
import { type EncryptionTools, encryptPbes2, ITERATIONS } from './pbes2';
import { deriveMacKey } from './pkcs12-key';
import { pkcs12Oids as ids } from './pkcs12-oids';
import { refuseRequest } from './request-refusal';

/** A key with its chain, to be given to somebody in one file. */
export interface Pkcs12Request extends EncryptionTools {
  /** Leaf first. */
  readonly certificates: readonly ParsedCertificate[];
  readonly privateKey: KeyObject;
  readonly passphrase: Secret;
  /** Name under which programs list the key; default: the common name. */
  readonly friendlyName?: string;
}

const explicit = (node: DerNode): DerNode => constructed(tag.contextConstructed(0), [node]);

/**
 * Writes a PKCS#12 file (RFC 7292): certificates and key each under PBES2, integrity by HMAC-SHA256, both with 200,000
 * iterations, so that neither is the easier one to guess at.
 * @throws GatehouseError when key and leaf do not belong together or the passphrase is empty
 */
export async function writePkcs12(request: Pkcs12Request): Promise<Buffer> {
  const leaf = request.certificates[0];
  const password = request.passphrase.reveal();
  if (leaf === undefined || !keysMatch(request.privateKey, leaf.publicKey)) {
    throw refuseRequest(
      'certs.key-mismatch',
      'The private key does not belong to the first certificate; give the key that was made with it.',
    );
  }
  if (password === '')
    throw new GatehouseError({
      code: 'certs.passphrase-empty',
      summary: 'An empty passphrase protects nothing; choose one.',
    });
  const random = request.random ?? randomBytes;
  const attributes = setOf([
    attribute(ids.friendlyName, primitive(tag.bmp, request.friendlyName ?? (leaf.lastCommonName || 'key'))),
    attribute(ids.localKeyId, octetString(createHash('sha1').update(leaf.der).digest())),
  ]);

  const certificates = sequence(
    request.certificates.map((certificate, index) =>
      sequence([
        oid(ids.certBag),
        explicit(sequence([oid(ids.x509Certificate), explicit(octetString(certificate.der))])),
        index === 0 ? attributes : null,
      ]),
    ),
  );
  const encryptedCertificates = await encryptPbes2(encode(certificates), password, request);
  const plainKey = request.privateKey.export({ type: 'pkcs8', format: 'der' });
  const encryptedKey = await encryptPbes2(plainKey, password, request);
  plainKey.fill(0);
  const keys = sequence([
    sequence([
      oid(ids.shroudedKeyBag),
      explicit(sequence([encryptedKey.algorithm, octetString(encryptedKey.ciphertext)])),
      attributes,
    ]),
  ]);

  const safe = encode(
    sequence([
      sequence([
        oid(ids.encryptedData),
        explicit(
          sequence([
            integer(0),
            sequence([
              oid(ids.data),
              encryptedCertificates.algorithm,
              primitive(tag.context(0), encryptedCertificates.ciphertext),
            ]),
          ]),
        ),
      ]),
      sequence([oid(ids.data), explicit(octetString(encode(keys)))]),
    ]),
  );
  const salt = random(16);
  const iterations = Math.max(request.iterations ?? ITERATIONS, ITERATIONS);
  const mac = createHmac('sha256', await deriveMacKey('sha256', password, salt, iterations))
    .update(safe)
    .digest();
  return encode(
    sequence([
      integer(3),
      sequence([oid(ids.data), explicit(octetString(safe))]),
      sequence([
        sequence([sequence([oid(ids.sha256), nullValue()]), octetString(mac)]),
        octetString(salt),
        integer(iterations),
      ]),
    ]),
  );
}

const attribute = (type: string, value: DerNode): DerNode => sequence([oid(type), setOf([value])]);
