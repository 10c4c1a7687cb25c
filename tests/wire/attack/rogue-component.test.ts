import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { honestCaller, honestConnection } from '../../../src-main/services/attack/honest';
import { attackRun } from '../../../src-main/services/attack/cells';
import { byAuthorityOf } from '../../../src-main/services/attack/issue-for';
import { attackersTls, callTablet } from '../../../src-main/services/attack/rogue-component/direct-call';
import { rogueComponent } from '../../../src-main/services/attack/rogue-component/family';
import { FORGED, openRogueTablet } from '../../../src-main/services/attack/rogue-component/rogue-server';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
const on = (kind: string): string => `rogue-component/${kind}/zone1-100`;
const link = (kind: string, gateway = 'main'): string => `rogue-component/tablet-${kind}/${gateway}/zone1-100`;

/** An honest caller of every gateway is still answered. */
async function expectHonest({ ground }: AttackRig): Promise<void> {
  for (const { name } of ground.workspace.topology.gateways) {
    const honest = honestCaller(worldOf(ground.workspace), name);
    if (honest === null) continue;
    const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal());
    expect([name, run.attempt.stage]).toEqual([name, 'done']);
    expect(JSON.stringify(run.attempt.table)).not.toContain(FORGED);
  }
}

describe('rogue components of a workspace that checks them', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', rogueComponent);
  }, 60_000);
  afterAll(() => rig.close());
  afterEach(() => expectHonest(rig));

  it.each([
    ['plaintext', 'record', /does not speak TLS/],
    ['no-certificate', 'alert', /^certificate required \(116\)$/],
    ['impostor', 'record', /name of a known one but another key/],
    ['wrong-purpose', 'record', /lacks clientAuth/],
    ['callers-certificate', 'record', /neither in the CA file nor sent along/],
  ])('the tablet refuses: %s', async (kind, evidence, words) => {
    const id = kind === 'callers-certificate' ? `${on(kind)}/billing` : on(kind);
    const result = await rig.perform(id);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'tablet' } });
    expect(result.evidence.find((item) => item.kind === evidence)?.text).toMatch(words);
    expect(result.settings[0]).toMatchObject({ place: { file: 'gatehouse.json' }, flag: '--grpc-ca', advice: null });
  });

  it.each([
    ['plaintext', /./],
    ['impostor', /x509|certificate/],
    ['other-authority', /x509|certificate/],
    ['wrong-name', /tablet-100\.shop\.internal/],
    ['wrong-purpose', /lacks serverAuth/],
  ])('the gateway does not talk to a rogue tablet: %s', async (kind, words) => {
    const result = await rig.perform(link(kind));
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'gateway' } });
    expect(result.evidence[0]).toMatchObject({ kind: 'record', side: 'gateway' });
    expect(result.evidence[0]?.text).toMatch(words);
    expect(result.trace?.stoppedAt).toBe('C');
    expect(result.settings[0]?.advice).toBeNull();
  });

  it('names what cannot be tried here', () => {
    const left = rig.planned.filter(({ card }) => card.notHere !== null).map(({ card }) => card.id);
    expect(left).toEqual([on('wrong-name'), on('no-password')]);
  });

  it('the same call with a right certificate reads, so that the certificate alone made the difference', async () => {
    const { ground } = rig;
    const tablet = ground.workspace.topology.tablets[0]!;
    const pair = await byAuthorityOf(ground, 'pki/tablet-clients/ca-cert.pem', {
      subject: { commonName: 'a gateway' },
      extendedKeyUsage: ['clientAuth'],
    });
    const call = { tls: attackersTls(pair), immediate: { username: 'auditor', groups: [] } };
    const read = await callTablet(ground, tablet, { ...call, sql: 'select count(*) from payments' }, signal());
    expect(read.seen).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows', side: 'tablet' }] });
    const denied = await callTablet(ground, tablet, { ...call, sql: 'select count(*) from staff_notes' }, signal());
    expect(denied.seen).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'D', side: 'tablet' } });
  });

  it('a rogue tablet with a right certificate is taken, so that the certificate alone made the difference', async () => {
    const { ground } = rig;
    const [tablet] = ground.workspace.topology.tablets;
    const pair = await byAuthorityOf(ground, 'pki/tablet-servers/ca-cert.pem', {
      subject: { commonName: 'x' },
      dnsNames: ['tablet-100.shop.internal'],
      extendedKeyUsage: ['serverAuth'],
    });
    const rogue = await openRogueTablet(tablet!, pair);
    const honest = honestCaller(worldOf(ground.workspace), 'main')!;
    const relay = ground.links.find(({ gateway }) => gateway === 'main')!;
    const dialled = relay.nextConnection(signal());
    relay.stand(rogue.onTheLink);
    await dialled;
    const run = await attackRun(ground, 'x', honestConnection(ground, honest), signal());
    relay.stand(null);
    await rogue.close();
    expect(run.attempt.table?.rows).toEqual([[FORGED]]);
  });

  it('no result holds a key or a password', async () => {
    const results = [];
    for (const { card } of rig.planned) if (card.notHere === null) results.push(await rig.perform(card.id));
    const text = JSON.stringify([results, rig.planned.map(({ card }) => card)]);
    for (const name of rig.ground.secrets.names()) expect(text).not.toContain(rig.ground.secrets.get(name)!.reveal());
    expect(text).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE/);
    const key = await readFile(join(rig.ground.dir, 'pki/callers/billing-key.pem'), 'utf8');
    expect(text).not.toContain(key.split('\n')[1]);
    // What each attack leaves behind, the next one finds; so does an honest caller.
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['stopped']));
  }, 60_000);
});

describe('rogue components get through where nobody checks them', () => {
  const rigs: AttackRig[] = [];
  const rigWith = async (change: Parameters<typeof attackRig>[2]): Promise<AttackRig> => {
    const rig = await attackRig('shop', rogueComponent, change);
    rigs.push(rig);
    return rig;
  };
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.close();
  });

  it('a link in clear: anybody at the tablet, any tablet for the gateway', async () => {
    const rig = await rigWith({
      change: (topology) => {
        delete topology.tablets[0].grpc.tls;
        for (const gateway of topology.gateways) delete gateway.tabletLink;
      },
    });
    const caller = await rig.perform(on('plaintext'));
    expect(caller).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows', side: 'tablet' }] });
    expect(caller.settings[0]?.advice).not.toBeNull();
    const tablet = await rig.perform(link('plaintext', 'certs'));
    expect(tablet).toMatchObject({ outcome: 'got-through', evidence: [{ kind: 'rows', side: 'client' }] });
    expect(tablet.evidence[0]?.text).toContain(FORGED);
    expect(tablet.settings[0]?.advice).not.toBeNull();
    await expectHonest(rig);
  }, 60_000);

  it('a tablet that asks for no certificate: none, and one of anybody', async () => {
    const rig = await rigWith({ change: (topology) => delete topology.tablets[0].grpc.tls.clientCa });
    for (const kind of ['no-certificate', 'impostor', 'callers-certificate'])
      expect(await rig.perform(kind === 'callers-certificate' ? `${on(kind)}/olga` : on(kind))).toMatchObject({
        outcome: 'got-through',
        settings: [{ name: 'tablet zone1-100: grpc.tls.clientCa', place: { file: 'gatehouse.json' } }],
      });
    expect(await rig.perform(on('plaintext'))).toMatchObject({ outcome: 'stopped' });
  }, 60_000);

  it('authorities that are named too high: callers at the tablet, another machine for the gateway', async () => {
    const rig = await rigWith({
      change: (topology) => {
        topology.tablets[0].grpc.tls.clientCa = 'pki/root/ca-cert.pem';
        topology.gateways[0].tabletLink.ca = 'pki/root/ca-cert.pem';
      },
    });
    expect(await rig.perform(`${on('callers-certificate')}/billing`)).toMatchObject({ outcome: 'got-through' });
    expect(await rig.perform(link('other-authority'))).toMatchObject({ outcome: 'got-through' });
    expect(await rig.perform(link('other-authority', 'certs'))).toMatchObject({ outcome: 'stopped' });
    await expectHonest(rig);
  }, 60_000);

  it('an honest caller whom nobody answers tells nothing of a rogue tablet', async () => {
    const rig = await rigWith({ files: { 'acl.json': '{"table_groups": []}' } });
    expect(await rig.perform(link('plaintext'))).toMatchObject({
      outcome: 'cannot-decide',
      sentence: expect.stringContaining('is not answered through gateway main without an attacker either') as string,
      evidence: [{ text: expect.stringContaining("denied to user 'shop_web'") as string }],
    });
  }, 60_000);

  it('names that a tablet compares loosely or not at all', async () => {
    type Change = NonNullable<NonNullable<Parameters<typeof attackRig>[2]>['change']>;
    const mtls =
      (allowedSubstrings: string[]): Change =>
      (topology) =>
        Object.assign(topology.tablets[0].grpc, { authMode: 'mtls', allowedSubstrings });
    const exact = await rigWith({ change: mtls(['CN=shop gateways']) });
    expect(await exact.perform(on('wrong-name'))).toMatchObject({
      outcome: 'stopped',
      evidence: [{ kind: 'error', text: 'gRPC code 16: client certificate not authorized' }],
    });
    const loose = await rigWith({ change: mtls(['CN=']) });
    expect(await loose.perform(on('wrong-name'))).toMatchObject({
      outcome: 'got-through',
      settings: [{ name: 'tablet zone1-100: grpc.allowedSubstrings', flag: '--grpc-auth-mtls-allowed-substrings' }],
    });
  }, 60_000);

  it('a gateway that demands a name which every machine has', async () => {
    const rig = await attackRig('reference', rogueComponent, {
      change: (topology) => {
        topology.gateways[0].tabletLink.serverName = 'localhost';
      },
    });
    rigs.push(rig);
    expect(await rig.perform(link('wrong-name', 'mutual-tls'))).toMatchObject({
      outcome: 'got-through',
      settings: [{}, { flag: '--tablet-grpc-server-name' }].slice(1),
    });
    expect(await rig.perform(link('wrong-name', 'override'))).toMatchObject({ outcome: 'stopped' });
    await expectHonest(rig);
  }, 60_000);
});
