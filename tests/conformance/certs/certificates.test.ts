import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import {
  checkCrlConfiguration,
  inspectChain,
  openPrivateKey,
  parsePem,
  Verifier,
} from '../../../src-main/domain/certs';
import type { PeerVerdict } from '../../../src-main/domain/certs';
import { haveCommand, temporaryDirectory } from '../../support/certs/foreign-tools';
import { recorded } from '../../support/certs/pki';

const recordings = fileURLToPath(new URL('../recorded/', import.meta.url));

interface TlsSettings {
  readonly cert?: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly max?: string;
}

interface RecordedCase {
  readonly id: string;
  readonly kind?: string;
  readonly server: string;
  readonly tls?: TlsSettings;
  readonly flags?: readonly string[];
  readonly expect: {
    readonly result?: string;
    readonly alert?: string;
    readonly start?: string;
    readonly log?: readonly string[];
    readonly code?: string;
    readonly message?: string;
    readonly probe?: { readonly alert?: string };
    readonly callers?: { readonly immediate?: { readonly username: string; readonly groups: readonly string[] } };
  };
}

interface Recording {
  readonly servers: Readonly<Record<string, readonly string[]>>;
  readonly cases: readonly RecordedCase[];
}

const read = (name: string): Recording => JSON.parse(readFileSync(join(recordings, name), 'utf8')) as Recording;
const logins = read('logins.json');
const links = read('grpc-links.json');

/** The value of a flag that names a file of {certs}, without directory. */
const fileOf = (flags: readonly string[], name: string): string | null => {
  const flag = flags.find((text) => text.startsWith(`--${name}=`));
  return flag === undefined ? null : flag.slice(name.length + 3).replace('{certs}/', '');
};

const haveOpenssl = haveCommand('openssl', 'certificates of the recordings');
const directory = temporaryDirectory();

describe.runIf(haveOpenssl)('certificates of the recordings', () => {
  execFileSync('bash', [join(recordings, 'certificates.sh'), directory.path], { stdio: 'ignore' });
  const text = (file: string): string => readFileSync(join(directory.path, file), 'utf8');
  const now = new Date();
  const verifier = new Verifier();

  /** The verdict of a listener with these flags on a client certificate; null when it asks for none. */
  function judge(flags: readonly string[], prefix: 'mysql-server-ssl' | 'grpc', tls: TlsSettings): PeerVerdict | null {
    const ca = fileOf(flags, `${prefix}-ca`);
    const cert = fileOf(flags, `${prefix}-cert`);
    if (ca === null || cert === null) return null;
    const crl = fileOf(flags, `${prefix}-crl`);
    const anchors = parsePem(text(ca), ca).certificates;
    const configuration = checkCrlConfiguration({
      crlText: crl === null ? null : text(crl),
      anchors,
      hasCertAndKey: true,
      now,
      fidelity: recorded,
    });
    expect(configuration.failure).toBeNull();
    const chain = tls.cert === undefined ? [] : parsePem(text(`${tls.cert}.pem`), tls.cert).certificates;
    return verifier.verifyPeer({
      purpose: 'client',
      chain: chain.map(({ der }) => der),
      anchors,
      crls: configuration.crls,
      now,
      fidelity: recorded,
      tlsVersion: tls.max === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
    });
  }

  const mysqlCases = logins.cases.filter(({ kind, tls }) => kind === undefined && tls !== undefined);
  const certificateLess = new Set(['handshake_failure', 'protocol_version']);

  test(`MySQL logins: verdict, alert and Vitess's words (${mysqlCases.length} cases)`, () => {
    let judged = 0;
    let refused = 0;
    for (const { id, server, tls, expect: wanted } of mysqlCases) {
      const verdict = judge(logins.servers[server] ?? [], 'mysql-server-ssl', tls as TlsSettings);
      // Versions and suites are agreed on before any certificate is looked at.
      const aboutProtocol =
        wanted.result === 'tls-failed' || (certificateLess.has(wanted.alert ?? '') && tls?.cert !== undefined);
      if (verdict === null || aboutProtocol || wanted.alert === 'protocol_version') continue;
      judged += 1;
      expect({ id, refused: !verdict.ok }).toEqual({ id, refused: wanted.result === 'tls-refused' });
      if (verdict.ok) continue;
      refused += 1;
      expect({ id, alert: verdict.alert }).toEqual({ id, alert: wanted.alert });
      const log = (wanted.log ?? []).find((line) => line.includes('post-SSL client handshake')) ?? '';
      const words = verdict.vitessText.replace(/current time \S+ is/, 'current time {now} is');
      expect({ id, words: log.includes(words), log, vitessText: words }).toEqual({
        id,
        words: true,
        log,
        vitessText: words,
      });
    }
    expect(judged).toBeGreaterThan(150);
    expect(refused).toBeGreaterThan(30);
  });

  const grpcCases = links.cases.filter(({ kind, tls }) => kind === undefined && tls !== undefined);

  test(`gRPC calls: verdict, alert, caller (${grpcCases.length} cases)`, () => {
    let judged = 0;
    let named = 0;
    for (const { id, server, tls, expect: wanted } of grpcCases) {
      const flags = links.servers[server] ?? [];
      const verdict = judge(flags, 'grpc', tls as TlsSettings);
      const refusedName = wanted.message?.includes('x509:') === true;
      if (verdict === null || refusedName || wanted.message?.includes('protocol version') === true) continue;
      judged += 1;
      const alert = wanted.probe?.alert;
      expect({ id, refused: !verdict.ok }).toEqual({ id, refused: alert !== undefined });
      if (!verdict.ok) expect({ id, alert: verdict.alert }).toEqual({ id, alert });
      const caller = wanted.callers?.immediate;
      if (verdict.ok && caller !== undefined) {
        named += 1;
        if (verdict.peer.commonName !== '')
          expect({ id, name: verdict.peer.commonName }).toEqual({ id, name: caller.username });
        // A static-authentication name that replaces a missing CN clears the groups (vitess-behaviour §4.1).
        const cleared = flags.some(
          (flag) => flag.startsWith('--grpc-use-static') || flag.startsWith('--grpc-use-effective-groups'),
        );
        if (!cleared) expect({ id, groups: verdict.peer.dnsNames }).toEqual({ id, groups: caller.groups });
      }
    }
    expect(judged).toBeGreaterThan(150);
    expect(named).toBeGreaterThan(40);
  });

  test('gRPC mtls authorisation looks into the same subject texts', () => {
    let judged = 0;
    for (const { id, server, tls, expect: wanted } of grpcCases) {
      const flags = links.servers[server] ?? [];
      if (!flags.includes('--grpc-auth-mode=mtls') || tls?.cert === undefined || wanted.code === 'UNAVAILABLE')
        continue;
      const allowed =
        flags
          .find((flag) => flag.startsWith('--grpc-auth-mtls-allowed-substrings='))
          ?.split('=')
          .slice(1)
          .join('=') ?? '';
      const subjects = parsePem(text(`${tls.cert}.pem`), tls.cert).certificates.map(({ subjectText }) => subjectText);
      const asked = fileOf(flags, 'grpc-ca') !== null;
      const passes = asked && allowed.split(':').some((part) => subjects.some((subject) => subject.includes(part)));
      // A service that does not exist is answered before anybody is authorised.
      if (wanted.code === 'UNIMPLEMENTED') continue;
      judged += 1;
      expect({ id, refused: wanted.message === 'client certificate not authorized' }).toEqual({ id, refused: !passes });
    }
    expect(judged).toBeGreaterThan(40);
  });

  test('clients judge the server certificate by name and authority as recorded', () => {
    const chain = parsePem(text('server.pem'), 'server').certificates.map(({ der }) => der);
    let judged = 0;
    for (const { id, tls, expect: wanted } of grpcCases) {
      if (tls?.ca === undefined || tls.serverName === undefined) continue;
      const verdict = verifier.verifyPeer({
        purpose: 'server',
        name: tls.serverName,
        chain,
        anchors: parsePem(text(`${tls.ca}.pem`), tls.ca).certificates,
        now,
        fidelity: recorded,
      });
      const reason = /x509: .*?(?="|$)/.exec(wanted.message ?? '')?.[0];
      judged += 1;
      expect({ id, refused: !verdict.ok }).toEqual({ id, refused: reason !== undefined });
      if (!verdict.ok)
        expect({ id, words: verdict.vitessText.startsWith(reason?.replace(/ \(possibly.*/, '') ?? '?') }).toEqual({
          id,
          words: true,
        });
    }
    expect(judged).toBeGreaterThan(100);
  });

  const starts = logins.cases.filter(
    ({ kind, flags }) => kind === 'start' && flags?.some((flag) => flag.includes('-ssl-')) === true,
  );

  test(`start of vtgate with certificates and lists (${starts.length} cases)`, () => {
    let judged = 0;
    for (const { id, flags = [], expect: wanted } of starts) {
      const cert = fileOf(flags, 'mysql-server-ssl-cert');
      const ca = fileOf(flags, 'mysql-server-ssl-ca');
      const crl = fileOf(flags, 'mysql-server-ssl-crl');
      if (
        flags.some((flag) => flag.includes('nothing') || flag.includes('min-version') || flag.includes('auth-method'))
      )
        continue;
      judged += 1;
      const caFails = ca !== null && parsePem(text(ca), ca, 'certificates').certificates.length === 0;
      const garbage = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';
      const configuration = checkCrlConfiguration({
        crlText: crl === null ? null : crl === '{garbage}' ? garbage : text(crl),
        anchors: ca === null || caFails ? null : parsePem(text(ca), ca).certificates,
        hasCertAndKey: true,
        now,
        fidelity: recorded,
      });
      const keyFile = fileOf(flags, 'mysql-server-ssl-key');
      const pair = cert === null || keyFile === null ? [] : pairFindings(cert, keyFile);
      expect({ id, refused: caFails || configuration.failure !== null || pair.length > 0 }).toEqual({
        id,
        refused: wanted.start === 'refused',
      });
      if (configuration.failure !== null) expect(wanted.log?.join()).toContain(configuration.failure.detail);
    }
    expect(judged).toBeGreaterThan(5);
  });

  function pairFindings(cert: string, key: string): readonly string[] {
    const certificates = parsePem(text(cert), cert, 'certificate');
    const found = certificates.findings.filter(({ level }) => level === 'error').map(({ code }) => code);
    if (certificates.certificates.length === 0) return found;
    const opened = openKey(key);
    return inspectChain({ certificates: certificates.certificates, file: cert, now, privateKey: opened })
      .filter(({ code }) => code === 'chain.key-mismatch')
      .map(({ code }) => code);
  }

  function openKey(key: string) {
    const result = openPrivateKey(text(key));
    if (!result.ok) throw new Error(result.failure.summary);
    return result.value;
  }

  test('every certificate of the recordings is read and says what certificates.sh asked for', () => {
    const leaf = (name: string) => parsePem(text(`${name}.pem`), name).certificates[0];
    expect(leaf('subject')?.subjectText).toBe('CN=client3,OU=Data,O=Acme');
    expect(leaf('two-cn')).toMatchObject({ subjectText: 'CN=second', lastCommonName: 'second' });
    expect(leaf('empty-subject')).toMatchObject({ subjectText: '', lastCommonName: '', dnsNames: ['dev'] });
    expect(leaf('comma')?.subjectText).toBe('CN=x\\,O=Acme');
    expect(leaf('san-other')).toMatchObject({
      dnsNames: [],
      emails: ['a@example.org'],
      ipAddresses: ['10.0.0.1'],
      uris: ['spiffe://x/y'],
    });
    expect(leaf('vttlstest')).toMatchObject({
      dnsNames: ['localhost', 'vtgate client 1'],
      ipAddresses: ['127.0.0.1', '::1'],
      extendedKeyUsage: ['serverAuth', 'clientAuth'],
    });
    expect(existsSync(join(directory.path, 'crl-expired.pem'))).toBe(true);
    expect(parsePem(text('crl-both.pem'), 'crl-both.pem', 'crl').crls.map(({ issuerText }) => issuerText)).toEqual([
      'CN=Client CA',
      'CN=Client Intermediate CA',
    ]);
  });
});
