import type { CertificateAdvice, NewCertificate } from '../../contract/areas/certificates';
import { parsePem, readCsr, speaksFor, type ParsedCsr } from '../../domain/certs';
import { readSerial } from './issued-serials';
import { hasKey, type CertificateUse } from './certificate-use';
import type { IndexedCertificate } from './pki-index';

const DAY = 86_400_000;
type Note = CertificateAdvice['notes'][number];

const serverFor = new Set<NewCertificate['for']>(['gateway-server', 'tablet-server', 'mysql-server']);
const linkOf = {
  'gateway-server': ['client-gateway-mysql', 'client-gateway-grpc'],
  'tablet-server': ['gateway-tablet'],
  'mysql-server': ['tablet-backend'],
} as const;

/** A name as a part of a file: what a file may not be called is a dash. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_.]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[-.]+$/g, '')
    .slice(0, 60)
    .toLowerCase();

/** The request in a form, or null where there is none; a broken one is null too and noted by `advise`. */
export function requestOf(form: Pick<NewCertificate, 'request'>): ParsedCsr | null {
  if (form.request === null) return null;
  const block = parsePem(form.request, '').blocks.find(({ kind }) => kind === 'certificate-request');
  const reading = block?.kind === 'certificate-request' ? readCsr(block.der) : null;
  return reading?.ok === true ? reading.value : null;
}

/** When a certificate of this form would end; null: the day is none. */
export function endOf({ validFor }: Pick<NewCertificate, 'validFor'>, now: Date): Date | null {
  if (typeof validFor === 'number') return new Date(now.getTime() + validFor * DAY);
  const end = new Date(`${validFor}T23:59:59Z`);
  return Number.isNaN(end.getTime()) ? null : end;
}

/** Where a certificate of this form is written to: the first free name. */
export function fileFor(form: NewCertificate, use: CertificateUse): string | null {
  const files = new Set(use.index.byFile.keys());
  const request = requestOf(form);
  const name = request === null ? form.commonName : request.subject.commonName;
  const base = slugOf(name || (request?.dnsNames ?? form.dns)[0] || form.ip[0] || '') || form.for;
  const at = (name: string): string =>
    form.for === 'authority'
      ? `pki/${name}/ca-cert.pem`
      : `pki/${form.signedBy ?? ''}/${name === 'ca' ? 'ca-1' : name}-cert.pem`;
  if (form.for !== 'authority' && form.signedBy === null) return null;
  let id = base;
  for (let next = 2; files.has(at(id)); next += 1) id = `${base}-${next}`;
  return at(id);
}

/** What the form for a new certificate says while it is filled in (ux §8.4). Errors keep it from being created. */
export function advise(form: NewCertificate, use: CertificateUse, now: Date): CertificateAdvice {
  const notes: Note[] = [];
  const note = (field: Note['field'], level: Note['level'], text: string): void =>
    void notes.push({ field, level, text });
  const request = requestOf(form);
  const commonName = request === null ? form.commonName : request.subject.commonName;
  const dns = request === null ? form.dns : request.dnsNames;
  const ip = request === null ? form.ip : request.ipAddresses;
  if (form.request !== null && request === null)
    note('for', 'error', 'This is no certificate request that can be read.');

  const signer = signerOf(form, use);
  if (form.signedBy !== null && signer === null)
    note('signedBy', 'error', `There is no authority ${form.signedBy} whose key is here.`);
  if (form.signedBy === null && form.for !== 'authority')
    note('signedBy', 'error', 'Only an authority signs itself. Choose an authority, or create the usual set first.');

  judgeNames(form, { commonName, dns, ip }, use, note);
  const end = endOf(form, now);
  if (end === null) note('validFor', 'error', 'This is no day.');
  else if (end <= now) note('validFor', 'error', 'The day is in the past.');
  else if (signer !== null && end > signer.certificate.notAfter)
    note(
      'validFor',
      'warning',
      `Ends after its authority (${dayText(signer.certificate.notAfter)}). It will stop working then.`,
    );
  else if (serverFor.has(form.for) && end.getTime() - now.getTime() > 825 * DAY)
    note('validFor', 'info', 'Clients on macOS refuse server certificates that are valid for more than 825 days.');

  if (form.serial !== '' && readSerial(form.serial) === null)
    note('serial', 'error', 'Write up to 40 hexadecimal digits.');
  else if (form.serial !== '' && signer !== null && used(form.serial, signer, use))
    note('serial', 'error', 'The authority has given this serial number to another certificate.');
  if (form.for === 'other' && form.purposes.length === 0)
    note('purposes', 'warning', 'Without a purpose it may be used by clients and servers alike.');
  if (form.key === 'ed25519' && request === null)
    note('key', 'warning', 'Ed25519 certificates fail in TLS under BoringSSL, and so in the Gatehouse window.');
  const file = fileFor(form, use);
  return { notes, file, notAfter: end?.toISOString() ?? null };
}

const dayText = (day: Date): string =>
  day.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

function signerOf(form: NewCertificate, use: CertificateUse): IndexedCertificate | null {
  const found = use.index.certificates.find(({ authority }) => authority !== null && authority === form.signedBy);
  return found !== undefined && hasKey(found) ? found : null;
}

const used = (serial: string, signer: IndexedCertificate, use: CertificateUse): boolean =>
  use.childrenOf(signer.id).some(({ certificate }) => certificate.serial === readSerial(serial));

type AddNote = (field: Note['field'], level: Note['level'], text: string) => void;

function judgeNames(
  form: NewCertificate,
  names: { readonly commonName: string; readonly dns: readonly string[]; readonly ip: readonly string[] },
  use: CertificateUse,
  note: AddNote,
): void {
  const { commonName, dns, ip } = names;
  if (commonName === '') {
    if (form.for === 'caller')
      note(
        'commonName',
        'warning',
        'This certificate has no common name. The gateway will see the caller as unsecure_grpc_client.',
      );
    else if (form.for === 'authority') note('commonName', 'error', 'An authority needs a name.');
  } else if (commonName !== commonName.trim())
    note(
      'commonName',
      'warning',
      `The name ${commonName.endsWith(commonName.trim()) ? 'begins' : 'ends'} with a space. Names are compared exactly.`,
    );
  if (form.for === 'caller') {
    const callers = use.index.certificates.filter(({ id }) => use.roleOf(id) === 'caller');
    if (commonName !== '' && callers.some(({ certificate }) => certificate.lastCommonName === commonName))
      note('commonName', 'info', 'Another certificate has this common name: both are the same caller.');
    for (const name of dns) {
      const sharing = callers.filter(({ certificate }) => certificate.dnsNames.includes(name)).length;
      if (sharing > 0 && sharing === callers.length && callers.length > 1)
        note('dns', 'warning', `All callers share the DNS name ${name}, so they share a group of that name.`);
      else if (/^localhost$/i.test(name))
        note('dns', 'warning', `The DNS name ${name} puts the caller into a group of that name.`);
    }
  }
  for (const address of ip) if (!/^[\d.]+$|:/.test(address)) note('ip', 'error', `${address} is no IP address.`);
  for (const name of dns) if (/[^\x20-\x7e]/.test(name)) note('dns', 'error', `${name}: DNS names are ASCII.`);
  if (!serverFor.has(form.for)) return;
  if (dns.length + ip.length === 0) {
    note('dns', 'warning', 'It has no DNS name and no IP address: every client refuses it.');
    return;
  }
  const links: readonly string[] = linkOf[form.for as keyof typeof linkOf];
  const dialled = use.checks.filter(
    ({ check }) => check.shownBy === 'listener' && links.includes(check.link) && check.names.length > 0,
  );
  const lacking = dialled.find(
    ({ check }) => !check.names.some((wanted) => speaksFor({ dnsNames: dns, ipAddresses: ip }, wanted)),
  );
  if (lacking !== undefined)
    note(
      'dns',
      'warning',
      `Clients dial ${lacking.check.names.join(' or ')}; the certificate names only ${[...dns, ...ip].join(', ')}.`,
    );
}
