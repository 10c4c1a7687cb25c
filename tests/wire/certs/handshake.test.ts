import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';

import {
  createAuthority,
  createCrl,
  issueCertificate,
  type IssuedIdentity,
  type KeySpec,
  Verifier,
  writePkcs12,
} from '../../../src-main/domain/certs';
import { Secret } from '../../../src-main/domain/kernel';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Outcome {
  /** What Node's server (OpenSSL) says about the client's certificate; null = accepted. */
  readonly clientError: string | null;
  /** What Node's client says about the server's certificate; null = accepted. */
  readonly serverError: string | null;
  /** What verifyPeer says about the same chain. */
  readonly ours: string | null;
  readonly echoed: boolean;
}

/** One real handshake over a loopback socket, with Node's own verification on both sides and ours beside it. */
async function handshake(
  serverOptions: TlsOptions,
  clientOptions: ConnectionOptions,
  verify: (chain: Buffer[]) => string | null,
): Promise<Outcome> {
  const server = createServer({ requestCert: true, rejectUnauthorized: false, ...serverOptions });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const client = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    servername: 'gate.example',
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
    ...clientOptions,
  });
  try {
    await once(client, 'secureConnect');
    const [socket] = await accepted;
    const chain: Buffer[] = [];
    for (
      let certificate = socket.getPeerX509Certificate();
      certificate !== undefined && chain.length < 8;
      certificate = certificate.issuerCertificate
    )
      chain.push(certificate.raw);
    socket.on('error', () => undefined);
    socket.on('data', (data) => socket.end(data));
    client.end('hello');
    const [echo] = (await once(client, 'data')) as [Buffer];
    return {
      clientError: socket.authorized ? null : String(socket.authorizationError),
      serverError: client.authorized ? null : String(client.authorizationError),
      ours: verify(chain),
      echoed: echo.toString() === 'hello',
    };
  } finally {
    client.destroy();
  }
}

const start = new Date(Date.now() - 3_600_000);
const make = (spec: KeySpec) => {
  const root = createAuthority({ subject: { commonName: `Root ${spec}` }, key: spec, notBefore: start, days: 30 });
  const middle = createAuthority({
    subject: { commonName: 'Middle' },
    key: spec,
    issuer: root,
    notBefore: start,
    days: 20,
    pathLength: 0,
  });
  const gate = issueCertificate({
    issuer: middle,
    key: spec,
    role: 'gateway-server',
    subject: { commonName: 'gate' },
    dnsNames: ['gate.example'],
    notBefore: start,
    days: 10,
  });
  const caller = (commonName: string, notAfter?: Date): IssuedIdentity =>
    issueCertificate({
      issuer: middle,
      key: spec,
      role: 'caller',
      subject: { commonName },
      notBefore: start,
      ...(notAfter === undefined ? { days: 10 } : { notAfter }),
    });
  return { root, middle, gate, caller };
};

describe.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)('real handshakes: %s', (spec) => {
  const { root, middle, gate, caller } = make(spec);
  const verifier = new Verifier();
  const good = caller('good');
  const revoked = caller('revoked');
  const expired = caller('expired', new Date(Date.now() - 60_000));
  const foreignRoot = createAuthority({
    subject: { commonName: `Root ${spec}` },
    key: spec,
    notBefore: start,
    days: 30,
  });
  const foreign = issueCertificate({
    issuer: foreignRoot,
    key: spec,
    role: 'caller',
    subject: { commonName: 'foreign' },
    notBefore: start,
    days: 10,
  });
  const times = { thisUpdate: start, nextUpdate: new Date(Date.now() + 3_600_000), number: 1 };
  const lists = [
    createCrl({ issuer: root, ...times, revoked: [] }),
    createCrl({
      issuer: middle,
      ...times,
      revoked: [{ serial: revoked.certificate.serial, date: start, reason: 'keyCompromise' }],
    }),
  ];
  const ours = (chain: Buffer[]): string | null => {
    const verdict = verifier.verifyPeer({
      purpose: 'client',
      chain,
      anchors: [root.certificate],
      crls: lists.map(({ crl }) => crl),
      now: new Date(),
      fidelity: { mode: 'hardened', version: '24.0.4' },
    });
    return verdict.ok ? null : verdict.cause;
  };
  const chainOf = (identity: IssuedIdentity): { cert: string; key: string } => ({
    cert: identity.pem + middle.pem,
    key: identity.privateKeyPem.reveal(),
  });
  const listening: TlsOptions = { ...chainOf(gate), ca: root.pem, crl: lists.map(({ pem }) => pem) };

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: both sides accept, Node and we', async (version) => {
    const outcome = await handshake(
      listening,
      { ...chainOf(good), ca: root.pem, minVersion: version, maxVersion: version },
      ours,
    );
    expect(outcome).toEqual({ clientError: null, serverError: null, ours: null, echoed: true });
  });

  test.each([
    ['expired', () => chainOf(expired), 'CERT_HAS_EXPIRED', 'expired'],
    ['revoked', () => chainOf(revoked), 'CERT_REVOKED', 'revoked'],
    [
      'foreign',
      () => ({ cert: foreign.pem, key: foreign.privateKeyPem.reveal() }),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|CERT_SIGNATURE_FAILURE',
      'unknown-authority',
    ],
    [
      'without intermediate',
      () => ({ cert: good.pem, key: good.privateKeyPem.reveal() }),
      'UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'unknown-authority',
    ],
    ['a server certificate', () => chainOf(gate), 'INVALID_PURPOSE', 'wrong-purpose'],
    ['no certificate', () => ({}), 'UNABLE_TO_GET_ISSUER_CERT|undefined|null', 'certificate-required'],
  ] as const)('a client with %s is refused by Node and by us', async (_what, identity, nodeSays, weSay) => {
    const outcome = await handshake(listening, { ...identity(), ca: root.pem }, ours);
    expect(outcome.ours).toBe(weSay);
    expect(outcome.clientError).toMatch(new RegExp(nodeSays));
  });

  test('a PKCS#12 file loads as it is', async () => {
    const passphrase = new Secret('pass');
    const pfx = await writePkcs12({
      certificates: [gate.certificate, middle.certificate],
      privateKey: gate.privateKey,
      passphrase,
    });
    const outcome = await handshake(
      { pfx, passphrase: passphrase.reveal(), ca: root.pem },
      { ...chainOf(good), ca: root.pem },
      ours,
    );
    expect(outcome).toMatchObject({ clientError: null, serverError: null, echoed: true });
  });
});
