import type { KeyObject } from 'node:crypto';
import { type IssuedCrl, readCrl } from '../../../src-main/domain/certs';
import { oidTlv, partsOf, signBody, tlv } from './altered';

interface CrlAlterations {
  /** Adds an extension to the list. */
  readonly extension?: { readonly oid: string; readonly critical: boolean; readonly value: Buffer };
  /** Adds an entry with a critical extension of this OID. */
  readonly entry?: { readonly serial: string; readonly extension: string };
  /** Signs anew; without it the old signature stays. */
  readonly issuer?: { readonly privateKey: KeyObject };
}

/** A list with parts that the writer under test never writes. */
export function crlWith(list: IssuedCrl, { extension, entry, issuer }: CrlAlterations): IssuedCrl {
  const [body = Buffer.alloc(0), algorithm = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(list.der);
  const fields = partsOf(body);
  const last = fields.length - 1;
  if (extension !== undefined) {
    const extensions = partsOf(partsOf(fields[last] as Buffer)[0] as Buffer);
    extensions.push(
      tlv(0x30, oidTlv(extension.oid), ...(extension.critical ? [tlv(0x01, '\xff')] : []), tlv(0x04, extension.value)),
    );
    fields[last] = tlv(0xa0, tlv(0x30, ...extensions));
  }
  if (entry !== undefined) {
    const odd = tlv(0x30, oidTlv(entry.extension), tlv(0x01, '\xff'), tlv(0x04, tlv(0x30)));
    const entries = tlv(
      0x30,
      tlv(0x30, tlv(0x02, Buffer.from(entry.serial, 'hex')), tlv(0x17, '260101000000Z'), tlv(0x30, odd)),
    );
    fields.splice(last, 0, entries);
  }
  const altered = tlv(0x30, tlv(0x30, ...fields), algorithm, signature);
  const der = issuer === undefined ? altered : signBody(altered, issuer.privateKey, 'sha256');
  const reading = readCrl(der);
  if (!reading.ok) throw new Error(reading.failure.detail ?? reading.failure.summary);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return { crl: reading.value, der, pem: `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n` };
}
