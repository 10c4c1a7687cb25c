import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackRun, type AttackConnection } from '../../../src-main/services/attack/cells';
import { showToClient } from '../../../src-main/services/attack/certificates/client-check';
import { certificates } from '../../../src-main/services/attack/certificates/family';
import { listenersFaults } from '../../../src-main/services/attack/certificates/faults';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { callersOf } from '../../../src-main/services/attack/tls/callers';
import { gatewayPlaces } from '../../../src-main/services/attack/tls/places';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';

const billing: AttackConnection = {
  ...{ gateway: 'certs', user: 'billing', sql: 'select count(*) from payments' },
  transport: 'mysql-mutual-tls',
  ...{ certificate: 'pki/callers/billing-cert.pem', trust: 'pki/root/ca-cert.pem' },
};
const recordOf = (result: { readonly evidence: readonly { readonly kind: string; readonly text: string }[] }): string =>
  result.evidence.find(({ kind }) => kind === 'record')?.text ?? '';
const faults = [
  ['expired', /expired at/],
  ['not-yet-valid', /is valid only from/],
  ['wrong-ca', /has the name of a known one but another key/],
  ['self-signed', /is self-signed and not in the CA file/],
  ['wrong-purpose', /may not be used by a client/],
  ['weak-key', /has a key that is too weak/],
] as const;

describe('faulty certificates at shop', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', certificates);
  }, 60_000);
  afterAll(() => rig.close());
  const honest = async (): Promise<string> =>
    (await attackRun(rig.ground, 'honest', billing, AbortSignal.timeout(10_000))).attempt.stage;

  describe.each(['certs/mysql', 'certs/grpc', 'zone1-100'])('%s', (place) => {
    it.each(faults)('%s: stopped, in the record of who refused it', async (fault, words) => {
      const result = await rig.perform(`certificates/${fault}/${place}`);
      const side = place === 'zone1-100' ? 'tablet' : 'gateway';
      expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side } });
      expect(recordOf(result)).toMatch(words);
      expect(recordOf(result)).toContain('alert');
      expect(result.settings.every(({ advice }) => advice === null)).toBe(true);
      expect(rig.planned.find(({ card }) => card.id === `certificates/${fault}/${place}`)?.card.scored).toBe(true);
      expect(result.why.length).toBeGreaterThan(0);
    });
  });

  it('another name, and none: refused at the login and by the table ACL', async () => {
    const login = await rig.perform('certificates/wrong-name/certs/mysql');
    expect(login).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expect(login.evidence[0]?.text).toContain("does not match client cert common name 'wrong.invalid'");
    expect(login.sentence).toBe('Gateway certs did not let in whoever showed a certificate of another name.');
    const nameless = await rig.perform('certificates/no-common-name/certs/mysql');
    expect(nameless.evidence[0]?.text).toContain("does not match client cert common name ''");
    for (const fault of ['wrong-name', 'no-common-name']) {
      const denied = await rig.perform(`certificates/${fault}/certs/grpc`);
      expect(denied, fault).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'D', side: 'tablet' } });
    }
  });

  it.each(['certs/mysql', 'certs/grpc'])('%s: revoked, and revoked in a session that began before', async (place) => {
    const list = join(rig.ground.dir, 'pki/callers/crl.pem');
    const before = await readFile(list, 'utf8');
    const revoked = await rig.perform(`certificates/revoked/${place}`);
    expect(revoked).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expect(recordOf(revoked)).toMatch(/was revoked at/);
    const resumed = await rig.perform(`certificates/revoked-resumed/${place}`);
    expect(resumed.outcome).toBe('stopped');
    expect(recordOf(resumed)).toMatch(/was revoked at/);
    expect(resumed.why[0]).toMatch(/session was (not )?resumed/);
    expect(await readFile(list, 'utf8')).toBe(before);
    expect(await honest()).toBe('done');
  });

  it.each(['certs/mysql', 'certs/grpc'])('%s: nobody passes by a list that has ended', async (place) => {
    const result = await rig.perform(`certificates/crl-out-of-date/${place}`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(recordOf(result)).toMatch(/Nobody can tell whether .* is revoked/);
    expect(await honest()).toBe('done');
  });

  it('the tablet reads no list: a revoked certificate gets through, and a resumed session makes no difference', async () => {
    const revoked = await rig.perform('certificates/revoked/zone1-100');
    expect(revoked.outcome).toBe('got-through');
    expect(revoked.settings).toMatchObject([{ flag: '--grpc-crl', value: 'none' }]);
    expect(revoked.settings[0]?.advice).not.toBeNull();
    // One mistake, one attack that gets through.
    const resumed = rig.planned.find(({ card }) => card.id === 'certificates/revoked-resumed/zone1-100');
    expect(resumed?.card.notHere).toBe(
      'No list of revoked certificates is read here, so resumption makes no difference; see "A revoked certificate".',
    );
  });

  it.each([
    ['expired', /certificate has expired/],
    ['not-yet-valid', /certificate is not yet valid/],
    ['wrong-ca', /self-signed certificate in certificate chain|unable to get/],
    ['self-signed', /self-signed certificate/],
    ['wrong-name', /does not match certificate's altnames/],
    ['wrong-purpose', /unsuitable certificate purpose|unsupported certificate purpose/],
  ] as const)('shown by a gateway, %s: the client’s own check stops it', async (fault, words) => {
    for (const place of ['main/mysql', 'main/grpc', 'certs/mysql']) {
      const result = await rig.perform(`certificates/client-${fault}/${place}`);
      expect(result, place).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'client' } });
      expect(result.evidence[0]?.text).toMatch(words);
      expect(result.why).toEqual(['Nothing was sent inside TLS.']);
    }
  });

  it('shown by a gateway: a client that checks nobody takes every fault', async () => {
    const { workspace } = rig.ground;
    const [place] = gatewayPlaces(workspace.topology);
    const [by] = callersOf(worldOf(workspace), place!);
    for (const fault of listenersFaults) {
      const about = { place: place!, by: by!, fault, verifies: false };
      const result = await showToClient(rig.ground, about, AbortSignal.timeout(10_000));
      expect(result.outcome, fault).toBe('got-through');
      expect(result.evidence.at(-1)?.text).toContain('bytes of the client, out of TLS');
    }
  });

  it.each([
    ['expired', /expired/],
    ['not-yet-valid', /is valid only from/],
    ['self-signed', /unknown authority|self-signed/],
    ['weak-key', /./],
  ] as const)('shown by a tablet, %s: the gateway’s record', async (fault, words) => {
    const attack = rig.planned.find(({ card }) => card.id.startsWith(`certificates/${fault}/link/`));
    expect(attack?.card.aim).toBe('link main, certs → zone1-100');
    const result = await rig.perform(attack!.card.id);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'gateway' } });
    expect(recordOf(result)).toMatch(words);
    expect(await honest()).toBe('done');
  });

  it('shown by a tablet, revoked: the gateway reads no list, and forged rows are read', async () => {
    const result = await rig.perform('certificates/revoked/link/main/zone1-100');
    expect(result.outcome).toBe('got-through');
    expect(result.settings).toMatchObject([{ flag: '--tablet-grpc-crl', value: 'none' }]);
    expect(result.settings[0]?.advice).not.toBeNull();
    expect(await honest()).toBe('done');
  });

  it.each([
    ['expired', /expired/],
    ['not-yet-valid', /not yet valid/],
    ['wrong-ca', /self-signed|unable to/],
    ['self-signed', /self-signed/],
    ['wrong-name', /altnames|is not in the cert's list/],
    ['wrong-purpose', /purpose/],
  ] as const)('shown by MySQL, %s: the tablet’s record', async (fault, words) => {
    const result = await rig.perform(`certificates/${fault}/mysql-local`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'E', side: 'tablet' } });
    expect(result.evidence[0]?.text).toMatch(words);
    expect(await honest()).toBe('done');
  });

  it('says where nobody asks for a certificate', () => {
    const reason = (id: string) => rig.planned.find(({ card }) => card.id === id)?.card.notHere;
    expect(reason('certificates/not-asked/main/mysql')).toContain('a password decides');
    expect(reason('certificates/crl-out-of-date/zone1-100')).toContain('reads no list');
    expect(reason('certificates/wrong-name/zone1-100')).toContain('compares no names');
  });

  it('holds no key in any result, and has unique ids', async () => {
    const ids = rig.planned.map(({ card }) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
    const performed = await performAttacks(
      rig.ground,
      rig.planned.filter(({ alone }) => !alone),
    );
    expect(performed.filter(({ result }) => result.outcome === 'cannot-decide')).toEqual([]);
    expect(JSON.stringify(performed)).not.toMatch(/PRIVATE KEY|BEGIN/);
  }, 30_000);
});

describe('faulty certificates at a shop that takes them', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', certificates, {
      overrides: { fidelity: 'vitess' },
      change: (topology) => {
        const [main, certs] = topology.gateways;
        main.grpc.authMode = 'none';
        delete main.grpc.usersFile;
        certs.grpc.tls.crl = null;
        topology.tablets[0].grpc.tls.clientCa = null;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it.each([
    ['weak-key/certs/mysql', 'A certificate with a weak key was taken'],
    ['weak-key/certs/grpc', 'A certificate with a weak key was taken'],
    ['revoked/certs/grpc', 'A revoked certificate was taken'],
    [
      'crl-out-of-date/certs/mysql',
      'The list of revoked certificates is out of date, and the certificate was taken all the same',
    ],
  ])('%s: got through', async (id, sentence) => {
    const result = await rig.perform(`certificates/${id}`);
    expect(result.outcome).toBe('got-through');
    expect(result.sentence).toContain(sentence);
    expect(result.evidence[0]).toMatchObject({ kind: 'rows' });
    expect(result.trace).not.toBeNull();
    expect(result.settings.some(({ advice }) => advice !== null)).toBe(true);
  });

  it.each(['certs/mysql', 'certs/grpc', 'link/main/zone1-100'])(
    'a weak key at %s is no fault of the workspace: no file could stop it',
    (place) => {
      const attack = rig.planned.find(({ card }) => card.id === `certificates/weak-key/${place}`);
      expect(attack?.card).toMatchObject({ scored: false, unscored: 'for-information' });
      expect(attack?.card.about.at(-1)).toContain('no file changes that');
    },
  );

  it('a weak key of a tablet is taken by a stock gateway', async () => {
    const result = await rig.perform('certificates/weak-key/link/main/zone1-100');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('forged');
  });

  it('a listed certificate stays refused where a list is read', async () => {
    expect(await rig.perform('certificates/revoked/certs/mysql')).toMatchObject({ outcome: 'stopped' });
  });

  it.each(['main/grpc', 'zone1-100'])(
    '%s asks for no certificate and no password: anybody is served',
    async (place) => {
      const result = await rig.perform(`certificates/not-asked/${place}`);
      expect(result.outcome).toBe('got-through');
      expect(result.settings[0]).toMatchObject({ flag: '--grpc-ca' });
      expect(result.settings[0]?.advice).not.toBeNull();
    },
  );
});

describe('faulty certificates at listeners that trust too much', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', certificates, {
      change: (topology) => {
        const [, certs] = topology.gateways;
        // The name is not compared with the login, and the tablet enforces no ACL for it.
        certs.mysql.auth = 'none';
        topology.tablets[0].acl.dryRun = true;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it.each(['wrong-name', 'no-common-name'])('%s: got through where no name is compared', async (fault) => {
    const result = await rig.perform(`certificates/${fault}/certs/mysql`);
    expect(result.outcome).toBe('got-through');
    expect(result.settings[0]?.advice).toContain('clientcert');
  });

  it.each(['wrong-name', 'no-common-name'])('%s over gRPC: the ACL that lets pass is named first', async (fault) => {
    const result = await rig.perform(`certificates/${fault}/certs/grpc`);
    expect(result.outcome).toBe('got-through');
    expect(result.settings).toMatchObject([
      { name: 'tablet zone1-100: acl.dryRun', value: 'true', edit: { value: false } },
      { name: 'gateway certs: grpc.authMode' },
    ]);
    expect(result.why).toEqual(['The table ACL lets pass what it denies.']);
  });
});
