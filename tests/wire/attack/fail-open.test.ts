import { afterEach, describe, expect, it } from 'vitest';
import type { AttackResult } from '../../../src-main/domain/attacks';
import type { Known, Shown } from '../../../src-main/services/attack/fail-open/demonstration';
import { failOpen } from '../../../src-main/services/attack/fail-open/family';
import { knownCodes } from '../../../src-main/services/attack/fail-open/known-codes';
import { attackRun } from '../../../src-main/services/attack/cells';
import { honestCaller, honestConnection } from '../../../src-main/services/attack/honest';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';
import { makeWorkspace } from '../../support/workspace';

type Options = NonNullable<Parameters<typeof attackRig>[2]>;
const signal = (): AbortSignal => AbortSignal.timeout(25_000);
const rigs: AttackRig[] = [];
const rigWith = async (options: Options = {}, sample: Parameters<typeof attackRig>[0] = 'shop'): Promise<AttackRig> => {
  const rig = await attackRig(sample, failOpen, options);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** What every demonstration names: the finding first, with its file and line. */
function expectNamed(result: AttackResult, code: string, through = true): void {
  expect(result.settings[0]).toMatchObject({ name: code, place: { file: expect.any(String) as string } });
  expect(result.settings[0]?.place?.line).toBeGreaterThan(0);
  if (through) expect(result.settings[0]?.advice).not.toBeNull();
}

const performed = new Set<string>();
async function through(rig: AttackRig, id: string): Promise<AttackResult> {
  const code = id.split('/')[0]!;
  performed.add(code);
  const result = await rig.perform(`fail-open/${id}`);
  expect([id, result.outcome, result.sentence]).toEqual([id, 'got-through', expect.any(String)]);
  expect(result.evidence.length).toBeGreaterThan(0);
  expectNamed(result, code);
  for (const name of rig.ground.secrets.names())
    expect(JSON.stringify(result)).not.toContain(rig.ground.secrets.get(name)!.reveal());
  return result;
}

async function expectHonest({ ground }: AttackRig, gateway: string): Promise<void> {
  const honest = honestCaller(worldOf(ground.workspace), gateway)!;
  const run = await attackRun(ground, 'honest', honestConnection(ground, honest), signal());
  expect(run.attempt.stage).toBe('done');
}

describe('fail-open settings let somebody in', () => {
  it('the one that shop has', async () => {
    const rig = await rigWith();
    expect(rig.planned.filter(({ card }) => card.notHere === null).map(({ card }) => card.id)).toEqual([
      'fail-open/topology.claimed-callers/main',
    ]);
    const result = await through(rig, 'topology.claimed-callers/main');
    expect(result.settings[0]).toMatchObject({ place: { file: 'gatehouse.json', line: 61 } });
    expect(result.settings[1]?.edit).toMatchObject({ value: false });
  }, 60_000);

  it('TLS that is not required, an ACL that is not enforced, KILL for everybody', async () => {
    const rig = await rigWith({
      change: (topology) => {
        topology.gateways[0].mysql.requireSecureTransport = false;
        topology.gateways[0].statements = { allowKill: true };
        topology.tablets[0].acl.strict = false;
      },
    });
    const clear = await through(rig, 'topology.tls-not-required/main');
    expect(clear.evidence).toContainEqual({
      ...{ kind: 'bytes', side: 'client', text: 'a listener on the way read the statement' },
    });
    const loose = await through(rig, 'topology.strict-off/zone1-100');
    expect(loose.sentence).toBe('“web” read the table payments, which the ACL does not open to it.');
    expect(loose.settings[1]).toMatchObject({ name: 'tablet zone1-100: acl.strict', edit: { value: true } });
    const kill = await through(rig, 'topology.kill-for-everybody/main');
    expect(kill.sentence).toBe('“ines” ended the statement of “web”.');
    await expectHonest(rig, 'main');
  }, 60_000);

  it('optional TLS in front of gRPC passwords', async () => {
    const rig = await rigWith({
      change: (topology) => {
        topology.gateways[0].grpc.optionalTls = true;
      },
    });
    const result = await through(rig, 'topology.grpc-tls-optional/main');
    expect(result.evidence).toContainEqual(expect.objectContaining({ kind: 'bytes', side: 'client' }));
    expect(result.settings[0]?.advice).toBe('Set grpc.optionalTls to false.');
    const claimed = await rig.perform('fail-open/topology.claimed-callers/main');
    expect(claimed.settings[0]?.advice).toMatch(/^Set grpc\.useEffectiveCallerId to false; .*without a common name\.$/);
  }, 60_000);

  it('dry run, optional TLS, no authentication', async () => {
    const rig = await rigWith({
      change: (topology) => {
        topology.tablets[0].acl.dryRun = true;
        topology.gateways[1].grpc.optionalTls = true;
        topology.gateways[0].mysql.auth = 'none';
        delete topology.gateways[0].mysql.usersFile;
      },
    });
    await through(rig, 'topology.dry-run/zone1-100');
    expect((await through(rig, 'topology.auth-none/main')).sentence).toBe(
      'Somebody logged in at gateway main as "root" with a wrong password: nobody checks the name. The same as passwords/wrong/main/mysql.',
    );
    expect((await through(rig, 'topology.optional-tls-with-ca/certs')).sentence).toContain('unsecure_grpc_client');
  }, 60_000);

  it('links in clear and an exemption', async () => {
    const rig = await rigWith({
      change: (topology) => {
        delete topology.tablets[0].grpc.tls;
        delete topology.gateways[0].tabletLink;
        topology.gateways[1].tabletLink = { serverName: 'tablet-100.shop.internal' };
        topology.tablets[0].acl.exempt = 'shop_web';
      },
    });
    await through(rig, 'topology.tablet-plaintext/zone1-100');
    await through(rig, 'topology.link-plaintext/main');
    await through(rig, 'topology.link-silently-plaintext/certs');
    expect((await through(rig, 'topology.exempt/zone1-100')).sentence).toMatch(/^“web” read/);
    await expectHonest(rig, 'main');
    await expectHonest(rig, 'certs');
  }, 60_000);

  it('no ACL, a tablet that asks for no certificate, a PROXY header', async () => {
    const rig = await rigWith({
      change: (topology) => {
        delete topology.tablets[0].acl;
        delete topology.tablets[0].grpc.tls.clientCa;
        topology.gateways[0].mysql.proxyProtocol = true;
      },
    });
    const open = await through(rig, 'topology.no-acl/zone1-100');
    expect(open.sentence).toBe(
      '“web” read the table customers: there is no table ACL, so every caller reads every table.',
    );
    expect(open.settings.map(({ name }) => name)).toEqual(['topology.no-acl', 'tablet zone1-100: acl.file']);
    expect(
      rig.planned.find(({ card }) => card.id === 'fail-open/topology.claimed-callers/main')?.card.notHere,
    ).toContain('every caller reaches every table already');
    await through(rig, 'topology.tablet-open/zone1-100');
    const proxy = await through(rig, 'topology.proxy-protocol/main');
    expect(proxy.sentence).toBe('Gateway main told the tablet that “web” comes from 203.0.113.9:4321.');
    // Honest callers come through a proxy of their own and wait for nobody.
    const begun = performance.now();
    await expectHonest(rig, 'main');
    expect(performance.now() - begun).toBeLessThan(8000);
  }, 60_000);

  it('listeners without TLS, one of which was to require it; hardened mode does require it', async () => {
    const options: Options = {
      change: (topology) => {
        delete topology.gateways[0].mysql.tls;
        delete topology.gateways[0].grpc.tls;
      },
    };
    const vitess = await rigWith({ ...options, overrides: { fidelity: 'vitess' } });
    await through(vitess, 'topology.mysql-plaintext/main');
    await through(vitess, 'topology.require-without-tls/main');
    const clear = await through(vitess, 'topology.grpc-plaintext/main');
    expect(clear.sentence).toMatch(/answered “batch” without TLS.* The same as downgrade\/plaintext\/main\/grpc\.$/);
    const titles = vitess.planned.map(({ card }) => card.title);
    expect(titles).toEqual(expect.arrayContaining(['gRPC in clear', 'MySQL in clear']));
    const hardened = await rigWith(options);
    const result = await hardened.perform('fail-open/topology.require-without-tls/main');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expect(result.settings[0]).toMatchObject({ name: 'topology.require-without-tls', advice: null });
  }, 60_000);

  it('an ACL with a prefix for everything and an empty name', async () => {
    const rig = await rigWith({
      files: {
        'acl.json': JSON.stringify(
          { table_groups: [{ name: 'all', table_names_or_prefixes: ['%'], readers: ['shop_web', ''] }] },
          null,
          1,
        ),
      },
    });
    const [later] = rig.planned.filter(({ card }) => card.id.includes('covers-everything'));
    expect((await through(rig, later!.card.id.slice('fail-open/'.length))).sentence).toMatch(/had just been made/);
    expect(await rig.ground.atMysql("show tables like 'gatehouse%'")).toEqual([]);
    const [empty] = rig.planned.filter(({ card }) => card.id.includes('empty-principal'));
    expect((await through(rig, empty!.card.id.slice('fail-open/'.length))).sentence).toMatch(
      /^“nobody”, who has no name/,
    );
  }, 60_000);

  it('a password that stands in clear', async () => {
    const password = 'planted-password-9fKd';
    const rig = await rigWith({
      files: { 'users.json': JSON.stringify({ web: [{ Password: password, UserData: 'shop_web' }] }, null, 1) },
    });
    const [attack] = rig.planned.filter(({ card }) => card.id.includes('/users.plaintext-password'));
    const result = await through(rig, attack!.card.id.slice('fail-open/'.length));
    expect(JSON.stringify([attack!.card, result])).not.toContain(password);
  }, 60_000);

  it('an empty mTLS substring, in vitess mode; hardened mode stops it', async () => {
    const change: Options['change'] = (topology) =>
      Object.assign(topology.gateways[1].grpc, { authMode: 'mtls', allowedSubstrings: [''] });
    const vitess = await rigWith({ change, overrides: { fidelity: 'vitess' } });
    await through(vitess, 'topology.mtls-empty-substring/certs');
    const hardened = await rigWith({ change });
    const result = await hardened.perform('fail-open/topology.mtls-empty-substring/certs');
    expect(result).toMatchObject({ outcome: 'stopped', stoppedAt: { hop: 'A', side: 'gateway' } });
    expectNamed(result, 'topology.mtls-empty-substring', false);
  }, 60_000);

  it('every demonstration there is has been performed', () => {
    const all = Object.entries(knownCodes).flatMap(([code, known]) => (typeof known === 'function' ? [code] : []));
    expect(all.filter((code) => !performed.has(code))).toEqual([]);
  });
});

describe('the same where the settings are right', () => {
  /** Performs a demonstration as if the finding were there. */
  async function asIf(rig: AttackRig, code: string): Promise<Shown> {
    const { workspace } = rig.ground;
    const finding = {
      ...{ code, level: 'warning' as const, file: 'gatehouse.json' },
      line: 1,
      column: 1,
      message: '',
      remedy: '',
    };
    const known = knownCodes[code] as Extract<Known, (...values: never[]) => unknown>;
    const [gateway, certs] = workspace.topology.gateways;
    const at = code.endsWith('with-ca') || code.includes('mtls') ? certs : gateway;
    const placed = { finding, gateway: at!, tablet: workspace.topology.tablets[0]! };
    const demonstration = known(placed, worldOf(workspace));
    if (typeof demonstration === 'string') throw new Error(demonstration);
    return demonstration.show(rig.ground, signal());
  }

  it('each is stopped, and the answer was seen', async () => {
    const rig = await rigWith({
      change: (topology) => {
        topology.gateways[0].grpc.useEffectiveCallerId = false;
        Object.assign(topology.gateways[1].grpc, { authMode: 'mtls', allowedSubstrings: ['CN=billing'] });
      },
    });
    const expected: Record<string, readonly [string, RegExp]> = {
      'topology.tls-not-required': ['A', /does not allow insecure connections/],
      'topology.grpc-plaintext': ['A', /./],
      'topology.claimed-callers': ['D', /denied to user 'unsecure_grpc_client'/],
      'topology.mtls-empty-substring': ['A', /client certificate not authorized/],
      'topology.link-plaintext': ['C', /./],
      'topology.tablet-plaintext': ['C', /does not speak TLS/],
      'topology.tablet-open': ['C', /certificate required/],
      'topology.strict-off': ['D', /denied to user 'shop_web'/],
      'topology.kill-for-everybody': ['B', /VT07001/],
      'acl.covers-everything': ['D', /denied to user 'shop_web'/],
      'acl.empty-principal': ['D', /denied to user ''/],
    };
    for (const [code, [hop, words]] of Object.entries(expected)) {
      const shown = await asIf(rig, code);
      expect([code, shown.outcome, shown.stoppedAt?.hop]).toEqual([code, 'stopped', hop]);
      expect(shown.evidence.map(({ text }) => text).join('\n')).toMatch(words);
    }
    await expectHonest(rig, 'main');
  }, 60_000);

  it('a PROXY header is not taken by a listener that expects none', async () => {
    const rig = await rigWith();
    const shown = await asIf(rig, 'topology.proxy-protocol');
    // The gateway takes the header for a broken packet and hangs up without a word, which decides nothing.
    expect(shown).toMatchObject({ outcome: 'cannot-decide', evidence: [{ kind: 'closed' }] });
  }, 60_000);

  it('a workspace without such findings has one card that says so', async () => {
    const made = await makeWorkspace('shop');
    const workspace = await made.load();
    const findings = workspace.findings.filter(({ code }) => code === 'acl.admin-only');
    expect(findings).not.toEqual([]);
    const planned = failOpen.plan(worldOf({ ...workspace, findings }));
    expect(planned.map(({ card }) => [card.id, card.notHere])).toEqual([
      ['fail-open/none', 'The workspace has no finding that lets anybody in.'],
    ]);
    await made.remove();
  });

  it('a finding that nobody knows is a card of its own, and never counted as safe', async () => {
    const made = await makeWorkspace('shop');
    const workspace = await made.load();
    const [first] = workspace.findings;
    const findings = [{ ...first!, code: 'topology.made-up' }];
    const [attack] = failOpen.plan(worldOf({ ...workspace, findings }));
    expect(attack?.card.notHere).toBe('How this finding could be shown is not known.');
    await made.remove();
  });
});
