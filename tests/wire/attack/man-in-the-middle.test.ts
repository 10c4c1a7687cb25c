import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { manInTheMiddle } from '../../../src-main/services/attack/man-in-the-middle/family';
import { attackRig, type AttackRig } from '../../support/attack-ground';

const secretsOf = (rig: AttackRig): string[] =>
  rig.ground.secrets.names().flatMap((name) => {
    const text = rig.ground.secrets.get(name)?.reveal() ?? '';
    return text.length >= 6 ? [text] : [];
  });

describe('a man in the middle of shop', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', manInTheMiddle);
  }, 60_000);
  afterAll(() => rig.close());

  it.each(['main/mysql', 'main/grpc', 'certs/mysql', 'certs/grpc'])(
    '%s: stopped by a client that verifies, who gives nothing away',
    async (place) => {
      const result = await rig.perform(`man-in-the-middle/client-verifies/${place}`);
      expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'client' } });
      expect(result.evidence[0]).toMatchObject({ kind: 'record', side: 'client' });
      expect(result.evidence[0]?.text).toContain('self-signed certificate in certificate chain');
      expect(result.why).toEqual(['Nothing was read in between.']);
      expect(result.trace?.stoppedAt).toBe('A');
      expect(result.settings).toMatchObject([{ place: null, advice: null }]);
    },
  );

  it.each([
    ['main/mysql', 'a hash of the password with its salt, the statement and the rows'],
    ['main/grpc', 'the password as it was typed, the statement and the rows'],
  ])('%s: a client that verifies nobody is read', async (place, read) => {
    const id = `man-in-the-middle/client-verifies-nobody/${place}`;
    expect(rig.planned.find(({ card }) => card.id === id)?.card).toMatchObject({
      scored: false,
      unscored: 'weak-on-purpose',
    });
    const result = await rig.perform(id);
    expect(result.outcome).toBe('got-through');
    expect(result.sentence).toContain(read);
    expect(result.evidence).toContainEqual({ kind: 'rows', side: 'mysql', text: 'answered with 1 row' });
    expect(result.settings[0]?.advice).toContain('VERIFY_IDENTITY');
  });

  it.each(['certs/mysql', 'certs/grpc'])('%s: the gateway wants the client’s certificate of him', async (place) => {
    const result = await rig.perform(`man-in-the-middle/client-verifies-nobody/${place}`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(result.evidence).toContainEqual({ kind: 'alert', side: 'gateway', text: 'certificate_required (116)' });
    expect(result.evidence.find(({ kind }) => kind === 'record')?.text).toContain('The client sent no certificate');
  });

  it.each(['main', 'certs'])(
    'link of %s: stopped by the gateway, and by the tablet where the gateway cannot tell',
    async (gateway) => {
      const result = await rig.perform(`man-in-the-middle/link/${gateway}/zone1-100`);
      expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'gateway' } });
      expect(result.evidence[0]?.text).toContain('certificate signed by unknown authority');
      expect(result.why).toEqual(['Nothing was read in between.']);
      const stolen = await rig.perform(`man-in-the-middle/link-with-tablet-key/${gateway}/zone1-100`);
      expect(stolen).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'tablet' } });
      expect(stolen.evidence).toContainEqual({ kind: 'alert', side: 'tablet', text: 'certificate_required (116)' });
    },
  );

  it('leaves everything as it was, and no secret in any result', async () => {
    const performed = await performAttacks(rig.ground, rig.planned);
    const scored = performed.filter(({ card }) => card.scored);
    expect(scored.map(({ result }) => result.outcome)).toEqual(scored.map(() => 'stopped'));
    const text = JSON.stringify(performed);
    const secrets = secretsOf(rig);
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('PRIVATE KEY');
  }, 30_000);
});

describe('a man in the middle of a shop in clear', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', manInTheMiddle, {
      change: (topology) => {
        const [main, certs] = topology.gateways;
        main.mysql.tls = null;
        main.mysql.requireSecureTransport = false;
        main.grpc.tls = null;
        main.tabletLink = null;
        certs.tabletLink = null;
        topology.tablets[0].grpc.tls = null;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it.each([
    ['main/mysql', 'a hash of the password with its salt'],
    ['main/grpc', 'the password as it was typed'],
  ])('%s: everything is read, and that counts', async (place, password) => {
    const id = `man-in-the-middle/in-clear/${place}`;
    expect(rig.planned.find(({ card }) => card.id === id)?.card.scored).toBe(true);
    const result = await rig.perform(id);
    expect(result.outcome).toBe('got-through');
    expect(result.sentence).toContain(password);
    expect(result.settings[0]?.advice).toMatch(/^Set (mysql|grpc)\.tls\.$/);
    for (const secret of secretsOf(rig)) expect(JSON.stringify(result)).not.toContain(secret);
  });

  it('the link: the statement is read, and that counts', async () => {
    const result = await rig.perform('man-in-the-middle/link-in-clear/certs/zone1-100');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('the statement');
    expect(result.settings).toMatchObject([{ name: 'gateway certs: tabletLink', flag: '--tablet-grpc-ca' }]);
    expect(result.settings[0]?.advice).not.toBeNull();
  });
});

describe('a man in the middle where one end checks nobody', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', manInTheMiddle, {
      change: (topology) => {
        topology.tablets[0].grpc.tls.clientCa = null;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it('a tablet that asks for no certificate talks to whoever has another tablet’s key', async () => {
    const result = await rig.perform('man-in-the-middle/link-with-tablet-key/main/zone1-100');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('the statement');
    expect(result.settings[0]).toMatchObject({ flag: '--grpc-ca', value: 'null' });
  });
});
