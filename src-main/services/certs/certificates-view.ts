import type {
  CertificateCheck,
  CertificateRow,
  CertificatesPart,
  CertificateStatus,
} from '../../contract/areas/certificates';
import { inspectChain, keyText } from '../../domain/certs';
import type { Finding } from '../../domain/kernel';
import type { Topology } from '../../domain/topology';
import { type CertificateUse, hasKey, purposesOf, type ResolvedCheck } from './certificate-use';
import { statusOf } from './certificate-status';
import { readFaulty, type FaultKind } from './faulty-record';
import { keyFileOf } from './pki-folder';
import { PkiReader, type IndexedCertificate, type PkiIndex } from './pki-index';
import { useOf } from './usual-set';
import { describePlan, planUsualSet } from './usual-set-plan';

const DAY = 86_400_000;

/** What the screen of certificates shows of a workspace's folder; nothing secret is in it. */
export async function certificatesView(
  input: { readonly dir: string; readonly topology: Topology; readonly now: Date },
  reader = new PkiReader(),
): Promise<CertificatesPart> {
  const { dir, topology, now } = input;
  const use = await useOf(dir, topology, reader);
  const { index } = use;
  const faulty = await readFaulty(dir);
  const rows = index.certificates.map((item) => rowOf(item, { use, index, topology, faulty, now }));
  return {
    rows,
    checks: use.checks.map((check) => checkOf(check, use)),
    crls: index.crls.flatMap(({ file, crl, authority }) =>
      authority === null
        ? []
        : [
            {
              authority: authority.id,
              name: nameOf(authority),
              file,
              thisUpdate: crl.thisUpdate.toISOString(),
              nextUpdate: crl.nextUpdate?.toISOString() ?? null,
              entries: crl.revoked.size,
              used: use.checks.some(({ check }) => check.crl === file),
            },
          ],
    ),
    locked: false,
    usualSet: describePlan(planUsualSet(topology, use)),
    gateways: topology.gateways.map(({ name, mysql }) => ({
      name,
      mysql: mysql !== null,
      auth: mysql?.auth ?? 'none',
      trust: mysql?.tls?.clientCa ?? null,
    })),
    findings: [...index.findings],
  };
}

/** Common name, else the first other name, else the serial. */
export function nameOf({ certificate }: Pick<IndexedCertificate, 'certificate'>): string {
  const { lastCommonName, dnsNames, ipAddresses, subjectText, serial } = certificate;
  return lastCommonName || dnsNames[0] || ipAddresses[0] || subjectText || `serial ${serial}`;
}

interface RowContext {
  readonly use: CertificateUse;
  readonly index: PkiIndex;
  readonly topology: Topology;
  readonly faulty: ReadonlyMap<string, FaultKind>;
  readonly now: Date;
}

function rowOf(item: IndexedCertificate, context: RowContext): CertificateRow {
  const { use, index, now } = context;
  const { certificate, id, file } = item;
  const { status, date, note } = statusOf(item, { use, crls: index.crls, now });
  const role = use.roleOf(id);
  const chain = use.chainOf(id);
  const top = use.byId.get(chain.at(-1) ?? id)?.certificate ?? certificate;
  const issuer = item.issuer === null ? undefined : use.byId.get(item.issuer);
  const children = use.childrenOf(id);
  const own = file.endsWith('-cert.pem') && !id.includes('#');
  const selfIssued = certificate.rawSubject.equals(certificate.rawIssuer);
  const mine = use.checks.filter((check) => takesPart(check, id));
  return {
    id,
    file,
    parent: item.issuer,
    connected: top.rawSubject.equals(top.rawIssuer) && (top !== certificate || certificate.isCa),
    name: nameOf(item),
    role,
    status,
    statusDate: date.toISOString(),
    statusNote: note,
    daysLeft: Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY),
    faulty: context.faulty.get(certificate.fingerprint) ?? null,
    key: item.key,
    keyFile: own ? keyFileOf(file) : '',
    uses: usesOf(mine, id),
    trustedBy: trustOf(mine, id),
    signs: {
      authorities: children.filter((child) => child.certificate.isCa).length,
      certificates: children.filter((child) => !child.certificate.isCa).length,
    },
    caller: role === 'caller' ? callerOf(item, status, mine) : null,
    subject: certificate.subjectText,
    issuer: issuer === undefined ? certificate.issuerText : nameOf(issuer),
    serial: certificate.serial,
    names: [...certificate.dnsNames, ...certificate.ipAddresses, ...certificate.uris, ...certificate.emails],
    purposes: certificate.isCa
      ? { client: false, server: false, authority: true }
      : { ...purposesOf(item), authority: false },
    keyText: keyText(certificate),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    chain,
    checks: mine.map(({ check }) => check.id),
    findings: findingsOf(item, status, context, mine),
    renewable: own && (selfIssued ? certificate.isCa && hasKey(item) : issuer !== undefined && hasKey(issuer)),
    revocable: !selfIssued && issuer !== undefined && issuer.authority !== null && hasKey(issuer),
    canSign: item.authority !== null && certificate.isCa && hasKey(item),
    authority: certificate.isCa ? item.authority : null,
  };
}

/** Whether a certificate is shown, or checked against, on a link. */
const takesPart = ({ shown, against }: ResolvedCheck, id: string): boolean =>
  shown.includes(id) || against.includes(id);

type Parts = CertificateRow['uses'];

/** Names by the kind of part, without repetition. */
function gather(
  entries: readonly { readonly kind: Parts[number]['kind']; readonly names: readonly string[] }[],
): Parts {
  const byKind = new Map<Parts[number]['kind'], Set<string>>();
  for (const { kind, names } of entries) {
    const known = byKind.get(kind) ?? new Set<string>();
    for (const name of names) known.add(name);
    byKind.set(kind, known);
  }
  return [...byKind].map(([kind, names]) => ({ kind, names: [...names] }));
}

function usesOf(mine: readonly ResolvedCheck[], id: string): Parts {
  return gather(
    mine.flatMap(({ check, shown, callers }) => {
      if (callers || !shown.includes(id)) return [];
      const { link, shownBy, from, to } = check;
      if (shownBy === 'listener')
        return [
          {
            kind: link === 'gateway-tablet' ? 'tablet' : link === 'tablet-backend' ? 'backend' : 'gateway',
            names: to,
          } as const,
        ];
      return [{ kind: link === 'tablet-backend' ? 'tablet' : 'gateway', names: from } as const];
    }),
  );
}

function trustOf(mine: readonly ResolvedCheck[], id: string): Parts {
  return gather(
    mine.flatMap(({ check, against }) => {
      if (!against.includes(id) || check.checkedBy === 'nobody') return [];
      return [{ kind: check.checkedBy, names: check.shownBy === 'listener' ? check.from : check.to }];
    }),
  );
}

/** How gateways know a caller, and which of them let it in as far as its certificate goes. */
function callerOf(
  item: IndexedCertificate,
  status: CertificateStatus,
  mine: readonly ResolvedCheck[],
): CertificateRow['caller'] {
  const gateways = mine.flatMap(({ check, callers, shown }) => {
    if (!callers || !shown.includes(item.id)) return [];
    const letsIn = status === 'revoked' ? check.crl === null : !refusing.has(status);
    return letsIn ? check.to : [];
  });
  return {
    name: item.certificate.lastCommonName,
    groups: [...item.certificate.dnsNames],
    gateways: [...new Set(gateways)],
  };
}

/** With these a gateway refuses whoever shows the certificate. */
const refusing: ReadonlySet<CertificateStatus> = new Set([
  'expired',
  'not-yet-valid',
  'wrong-purpose',
  'signer-unknown',
  'self-signed',
]);

function findingsOf(
  item: IndexedCertificate,
  status: CertificateStatus,
  context: RowContext,
  mine: readonly ResolvedCheck[],
): Finding[] {
  const { certificate, file, id } = item;
  const { use, now } = context;
  const role = use.roleOf(id);
  const add = (code: string, level: Finding['level'], message: string, remedy: string): void => {
    findings.push({ code: `certificates.${code}`, level, file, line: 0, column: 0, message, remedy });
  };
  // What the status says already, and what is true of authorities as such.
  const told = new Set([
    'chain.expired',
    'chain.not-yet-valid',
    'chain.authority-as-leaf',
    'certificate.localhost-group',
  ]);
  // The certificate is on show beside its findings: its name in front of each says nothing.
  const prefix = `${certificate.subjectText}: `;
  const findings: Finding[] = inspectChain({ certificates: [certificate], file, now }).flatMap((finding) =>
    told.has(finding.code)
      ? []
      : [finding.message.startsWith(prefix) ? { ...finding, message: finding.message.slice(prefix.length) } : finding],
  );
  if (item.key === 'mismatch')
    add(
      'key-mismatch',
      'error',
      `${keyFileOf(file)} is not the key of this certificate`,
      'Give the key that was made with it, or renew the certificate.',
    );
  if (role === 'caller')
    for (const [group, others] of sharedGroups(item, context))
      add(
        'shared-group',
        'warning',
        others === 'all'
          ? `Every caller's certificate here has the DNS name ${group}, so every caller is in group ${group}.`
          : `${others} callers' certificates share the DNS name ${group}, so they share a group of that name.`,
        'Issue callers with the groups they should have as DNS names and nothing else.',
      );
  if (status === 'revoked')
    for (const { check, shown } of mine)
      if (shown.includes(id) && check.checkedBy !== 'nobody' && check.checkedBy !== 'client' && check.crl === null)
        add(
          'revocation-not-checked',
          'error',
          `${check.checkedBy} ${(check.shownBy === 'listener' ? check.from : check.to).join(', ')} looks at no CRL: whoever shows this certificate is still let in`,
          'Let it look at the CRL of the authority: "Use the CRL".',
        );
  for (const { check } of mine)
    if (check.warning !== null) add(`link-${check.reason}`, 'warning', check.warning, 'See "Who checks whom".');
  return findings;
}

/** DNS names that other callers' certificates have too: how many, or that all have it. */
function sharedGroups(item: IndexedCertificate, { use, index }: RowContext): [string, number | 'all'][] {
  const callers = index.certificates.filter(({ id }) => use.roleOf(id) === 'caller');
  return item.certificate.dnsNames.flatMap((group): [string, number | 'all'][] => {
    const sharing = callers.filter(({ certificate }) => certificate.dnsNames.includes(group)).length;
    const isHost = /^localhost$|\./.test(group);
    // A group that some share is what groups are for; one that is a host's name is an accident.
    if (sharing < 2 || !isHost) return [];
    return [[group, sharing === callers.length ? 'all' : sharing]];
  });
}

function checkOf(
  { check, shown, callers, against, missingFile }: ResolvedCheck,
  use: CertificateUse,
): CertificateCheck {
  const ends = shown.length > 0 ? shown.flatMap((id) => use.chainOf(id)) : against.flatMap((id) => use.chainOf(id));
  return {
    id: check.id,
    link: check.link,
    from: [...check.from],
    to: [...check.to],
    shownBy: check.shownBy,
    checkedBy: check.checkedBy,
    reason: check.reason,
    names: [...check.names],
    flags: [...check.flags],
    shown: [...shown],
    callers,
    against: [...against],
    missingFile,
    crl: check.crl,
    path: [...new Set([...ends, ...against])],
    warning: check.warning,
  };
}
