import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HelloVersion } from '../../../src-main/clients';
import { downgrade } from '../../../src-main/services/attack/downgrade/family';
import { offer } from '../../../src-main/services/attack/downgrade/old-version';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { backendPlaces, gatewayPlaces, tabletPlaces } from '../../../src-main/services/attack/tls/places';
import { attackRig, type AttackRig } from '../../support/attack-ground';
import { listenTls } from '../../support/tls-server';
import { createPki } from '../../support/tls-identities';

const sha256 = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();
const PASSWORD = 'planted-9f1b7c';
const suite = JSON.stringify({
  schema: 1,
  name: 'shop',
  gatewayTrust: 'pki/root/ca-cert.pem',
  gatewayName: 'localhost',
  callers: [
    {
      ...{ name: 'web', gateway: 'main', user: 'web', password: { text: PASSWORD } },
      transports: ['mysql-tls-verified'],
    },
    {
      ...{ name: 'batch', gateway: 'main', user: 'batch', password: { secret: 'grpc/batch' } },
      ...{ claimed: { principal: 'catalogue-sync', groups: [] }, transports: ['grpc-tls'] },
    },
    {
      ...{ name: 'olga', gateway: 'certs', user: 'olga', password: { text: '' } },
      ...{ certificate: 'pki/callers/olga-cert.pem', claimed: { principal: 'olga', groups: ['operations'] } },
      transports: ['mysql-mutual-tls', 'grpc-mutual-tls'],
    },
  ],
  tables: [
    ...['products', 'orders'].map((name) => ({
      ...{ name, read: `select * from ${name} limit 1` },
      ...{ write: `delete from ${name} where 1 = 0`, admin: `alter table ${name} comment = ''` },
    })),
  ],
  allow: { web: { read: ['orders'] }, batch: { read: ['products'] }, olga: { read: ['orders'] } },
  admissions: [],
});
const users = (entry: object): string => JSON.stringify({ web: [{ ...entry, UserData: 'shop_web' }] }, null, 2);
const sha1 = (value: string | Buffer): Buffer => createHash('sha1').update(value).digest();
const bothHashes = {
  MysqlNativePassword: `*${sha1(sha1(PASSWORD)).toString('hex').toUpperCase()}`,
  CachingSha2Password: sha256(sha256(PASSWORD)).toString('hex'),
};
const sha2Alone = { CachingSha2Password: sha256(sha256(PASSWORD)).toString('hex') };

describe('downgrades of shop as it should be', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', downgrade, {
      files: { 'users.json': users(sha2Alone), 'tests/shop.json': suite },
      change: (topology) => {
        topology.gateways[0].mysql.tls.minVersion = 'TLSv1.3';
        topology.gateways[0].grpc.tls.minVersion = 'TLSv1.3';
        topology.tablets[0].grpc.tls.minVersion = 'TLSv1.3';
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it.each([
    ['tls-1.0/main/mysql', 'gateway'],
    ['tls-1.0/main/grpc', 'gateway'],
    ['tls-1.0/zone1-100', 'tablet'],
    ['tls-1.0/mysql-local', 'mysql'],
    ['tls-1.1/certs/mysql', 'gateway'],
    ['tls-1.1/certs/grpc', 'gateway'],
    ['tls-1.1/zone1-100', 'tablet'],
    ['tls-1.1/mysql-local', 'mysql'],
    ['tls-1.2/main/mysql', 'gateway'],
    ['tls-1.2/main/grpc', 'gateway'],
    ['tls-1.2/zone1-100', 'tablet'],
  ] as const)('%s: stopped with protocol_version (70) by the %s', async (id, side) => {
    const result = await rig.perform(`downgrade/${id}`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side } });
    expect(result.evidence[0]).toMatchObject({ kind: 'alert', side });
    expect(result.evidence[0]?.text).toMatch(/^protocol_version \(70\): 15 03 0[123] 00 02 02 46$/);
    if (side !== 'mysql') expect(result.evidence[1]).toMatchObject({ kind: 'record', side });
    expect(result.settings[0]?.advice).toBeNull();
  });

  it.each(['main/mysql', 'certs/mysql'])('plaintext to %s: 1105 in words, and the setting named', async (place) => {
    const result = await rig.perform(`downgrade/plaintext/${place}`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expect(result.evidence[0]?.text).toContain('server does not allow insecure connections');
    expect(result.trace).not.toBeNull();
    expect(result.settings).toMatchObject([
      { flag: '--mysql-server-require-secure-transport', value: 'true', advice: null },
    ]);
  });

  it('plaintext to main/grpc: the gateway’s record, and what the client had given away', async () => {
    const result = await rig.perform('downgrade/plaintext/main/grpc');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(result.evidence).toContainEqual({
      ...{ kind: 'record', side: 'gateway' },
      text: 'The client does not speak TLS on this connection.',
    });
    expect(result.why.join(' ')).toContain('only a client that demands TLS itself keeps it');
    expect(result.sentence).toBe(
      'Gateway main did not serve “batch” without TLS, and the statement never reached the tablet; the statement and the password as it was typed had crossed for everybody in between to read.',
    );
  });

  it('optional TLS around grpc-ca: stopped', async () => {
    const result = await rig.perform('downgrade/optional-tls/certs/grpc');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(result.settings).toMatchObject([{ flag: '--grpc-enable-optional-tls', value: 'false', advice: null }]);
  });

  it('plaintext to the tablet: its record', async () => {
    const result = await rig.perform('downgrade/plaintext/zone1-100');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'tablet' } });
  });

  it.each(['main', 'certs'])('a password in clear at %s: refused in words', async (gateway) => {
    const result = await rig.perform(`downgrade/cleartext/${gateway}`);
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(result.evidence).toHaveLength(2);
  });

  it('native for an entry with sha2 alone: switched to caching_sha2_password', async () => {
    expect(rig.planned.find(({ card }) => card.id === 'downgrade/native/main/sha2')?.card.scored).toBe(true);
    const result = await rig.perform('downgrade/native/main/sha2');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'gateway' } });
    expect(result.evidence[0]?.text).toContain('AuthSwitchRequest to caching_sha2_password');
  });

  it('all of it in little time, with unique ids and without a secret', async () => {
    const ids = rig.planned.map(({ card }) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
    const begun = performance.now();
    const performed = await performAttacks(rig.ground, rig.planned);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(performed.filter(({ card, result }) => card.scored && result.outcome !== 'stopped')).toEqual([]);
    const text = JSON.stringify(performed);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(rig.ground.secrets.get('grpc/batch')?.reveal() ?? '-');
  });
});

describe('downgrades of a shop that lets them', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', downgrade, {
      files: { 'users.json': users({ Password: PASSWORD }), 'tests/shop.json': suite },
      change: (topology) => {
        const [main, certs] = topology.gateways;
        main.mysql.requireSecureTransport = false;
        main.grpc.optionalTls = true;
        main.tabletLink = null;
        certs.tabletLink = null;
        certs.mysql.requireSecureTransport = false;
        certs.mysql.allowClearTextWithoutTls = true;
        certs.grpc.optionalTls = true;
        topology.tablets[0].grpc.tls = null;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it('plaintext to main/mysql: rows, and a hash read in between', async () => {
    const result = await rig.perform('downgrade/plaintext/main/mysql');
    expect(result).toMatchObject({ outcome: 'got-through', stoppedAt: null });
    expect(result.evidence).toContainEqual({ kind: 'rows', side: 'mysql', text: 'answered with 1 row' });
    expect(result.evidence.at(-1)?.text).toContain('the statement, a hash of the password');
    expect(result.settings[0]?.edit).toEqual({
      ...{ kind: 'topology.set', path: ['gateways', 0, 'mysql', 'requireSecureTransport'], value: true },
    });
    expect(JSON.stringify(result)).not.toContain(PASSWORD);
  });

  it('plaintext to main/grpc: rows, and the password as it was typed', async () => {
    const result = await rig.perform('downgrade/plaintext/main/grpc');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence.at(-1)?.text).toContain('the password as it was typed');
    expect(JSON.stringify(result)).not.toContain(rig.ground.secrets.get('grpc/batch')?.reveal() ?? '-');
  });

  it('optional TLS around grpc-ca: a claimed caller without a certificate reads rows', async () => {
    const result = await rig.perform('downgrade/optional-tls/certs/grpc');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]).toMatchObject({ kind: 'rows' });
    expect(result.settings[0]).toMatchObject({ advice: 'Set grpc.optionalTls to false.', value: 'true' });
  });

  it('plaintext to the tablet: HTTP/2 in clear', async () => {
    const result = await rig.perform('downgrade/plaintext/zone1-100');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('HTTP/2 SETTINGS');
  });

  it('a password in clear: asked for where that is allowed, and nowhere else', async () => {
    const asked = await rig.perform('downgrade/cleartext/certs');
    expect(asked.outcome).toBe('got-through');
    expect(asked.evidence[0]?.text).toContain('AuthSwitchRequest to mysql_clear_password');
    expect(asked.settings[0]).toMatchObject({ edit: { value: false } });
    expect(await rig.perform('downgrade/cleartext/main')).toMatchObject({ outcome: 'stopped' });
  });

  it('native: taken without TLS, its reply readable', async () => {
    expect(rig.planned.find(({ card }) => card.id === 'downgrade/native/main/clear')?.card.scored).toBe(true);
    const result = await rig.perform('downgrade/native/main/clear');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('the reply of mysql_native_password was taken');
    expect(JSON.stringify(result)).not.toContain(PASSWORD);
  });

  it('TLS 1.2: agreed on where it is allowed, and shown as no fault', async () => {
    const attack = rig.planned.find(({ card }) => card.id === 'downgrade/tls-1.2/main/mysql');
    expect(attack?.card).toMatchObject({ scored: false, unscored: 'for-information' });
    const result = await rig.perform('downgrade/tls-1.2/main/mysql');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('ServerHello: TLS 1.2 (0x0303)');
  });

  it.each<[HelloVersion, string]>([
    ['TLSv1', 'TLS 1.0 (0x0301)'],
    ['TLSv1.1', 'TLS 1.1 (0x0302)'],
  ])('%s: got through where a port takes it', async (version, name) => {
    const identity = createPki().leaf({ name: 'server' });
    const weak = await listenTls({ cert: identity.cert, key: identity.key, minVersion: 'TLSv1' });
    const { topology } = rig.ground.workspace;
    const [place] = gatewayPlaces(topology).filter(({ kind }) => kind === 'grpc');
    const at = { host: '127.0.0.1', port: weak.port };
    const { gateways } = rig.ground.addresses;
    const ground = {
      ...rig.ground,
      addresses: { ...rig.ground.addresses, gateways: gateways.map((gateway) => ({ ...gateway, grpc: at })) },
    };
    const result = await offer(ground, place!, version, AbortSignal.timeout(5_000));
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain(`ServerHello: ${name}`);
    await weak.close();
  });

  it('a port that only hangs up is decided by nobody', async () => {
    const { createServer } = await import('node:net');
    const mute = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const [tablet] = tabletPlaces(rig.ground.workspace.topology);
    const { port } = mute.address() as { port: number };
    const tablets = rig.ground.addresses.tablets.map((one) => ({ ...one, grpc: { host: '127.0.0.1', port } }));
    const ground = { ...rig.ground, addresses: { ...rig.ground.addresses, tablets } };
    expect((await offer(ground, tablet!, 'TLSv1', AbortSignal.timeout(5_000))).outcome).toBe('cannot-decide');
    mute.close();
  });

  it('names the places of a MySQL only where it is the workspace’s own', () => {
    expect(backendPlaces(rig.ground.workspace.topology).map(({ id }) => id)).toEqual(['mysql-local']);
  });
});

describe('downgrades in vitess mode', () => {
  let rig: AttackRig;
  beforeAll(async () => {
    rig = await attackRig('shop', downgrade, {
      files: { 'users.json': users(bothHashes), 'tests/shop.json': suite },
      overrides: { fidelity: 'vitess' },
      change: (topology) => {
        topology.gateways[1].mysql.requireSecureTransport = false;
      },
    });
  }, 60_000);
  afterAll(() => rig.close());

  it('stock vtgate takes a native reply whatever the entry holds', async () => {
    const result = await rig.perform('downgrade/native/main/both');
    expect(result.outcome).toBe('got-through');
    expect(result.evidence[0]?.text).toContain('greeting: mysql_native_password');
    expect(result.settings.at(-1)).toMatchObject({ value: 'vitess' });
  });

  it('stock vtgate looks at a password in clear that a client sends of its own accord', async () => {
    const result = await rig.perform('downgrade/cleartext/certs');
    expect(result.outcome).toBe('got-through');
    expect(result.settings).toMatchObject([{ edit: { value: true } }]);
  });
});
