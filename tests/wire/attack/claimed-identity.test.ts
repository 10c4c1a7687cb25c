import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimedIdentity } from '../../../src-main/services/attack/claimed-identity/family';
import { attackRig, type AttackRig } from '../../support/attack-ground';

type Change = NonNullable<NonNullable<Parameters<typeof attackRig>[2]>['change']>;

/** One rig for the tests of a describe block. */
function rigOf(sample: Parameters<typeof attackRig>[0], options: Parameters<typeof attackRig>[2] = {}) {
  let rig: AttackRig | undefined;
  beforeAll(async () => {
    rig = await attackRig(sample, claimedIdentity, options);
  }, 60_000);
  afterAll(() => rig?.close());
  return (kind: string) => rig!.perform(`claimed-identity/${kind}`);
}

const takenAs = (name: string) => ({
  outcome: 'got-through',
  evidence: [{ kind: 'rows' }, { kind: 'record', side: 'tablet', text: expect.stringContaining(name) as string }],
});
const deniedAs = (name: string) => ({
  outcome: 'stopped',
  stoppedAt: { hop: 'D', side: 'tablet' },
  evidence: [
    { kind: 'error', text: expect.stringContaining(`denied to user '${name}'`) as string },
    { kind: 'record', side: 'tablet', text: expect.stringContaining(`"${name}"`) as string },
  ],
});

describe('claims in shop, where a static gRPC user may claim', () => {
  const perform = rigOf('shop');

  it('a static user spoofs a principal, and the setting that lets it is named with one click', async () => {
    const result = await perform('principal/main/grpc');
    expect(result).toMatchObject(takenAs('shop_web'));
    expect(result.sentence).toBe('The gRPC user batch read the table customers as "shop_web".');
    expect(result.settings).toMatchObject([
      {
        name: 'gateway main: grpc.useEffectiveCallerId',
        value: 'true',
        place: { file: 'gatehouse.json' },
        flag: '--grpc-use-effective-callerid',
        edit: { kind: 'topology.set', path: ['gateways', 0, 'grpc', 'useEffectiveCallerId'], value: false },
      },
    ]);
    expect(result.trace?.hops).toHaveLength(5);
  });

  it('claimed groups are not taken without useEffectiveGroups', async () => {
    const result = await perform('groups/main/grpc');
    expect(result).toMatchObject(deniedAs('nobody-in-particular'));
    expect(result.settings[0]).toMatchObject({
      name: 'gateway main: grpc.useEffectiveGroups',
      value: 'false',
      advice: null,
    });
    expect(result.settings.at(-1)).toMatchObject({ place: { file: 'acl.json', line: 6 } });
  });

  it('a static user cannot log in under another name', async () => {
    expect(await perform('static-name/main/grpc')).toMatchObject({
      outcome: 'stopped',
      stoppedAt: { hop: 'A', side: 'gateway' },
      evidence: [{ text: 'gRPC code 7: auth failure: caller "shop_web" provided invalid credentials' }],
    });
  });

  it('a certificate with a name beats what the request claims, groups and all', async () => {
    expect(await perform('with-certificate/certs/grpc')).toMatchObject(deniedAs('billing'));
  });

  it('a certificate without a name does not', async () => {
    const result = await perform('nameless-certificate/certs/grpc');
    expect(result).toMatchObject(takenAs('shop_web'));
    expect(result.settings).toMatchObject([
      { name: 'gateway certs: grpc.useEffectiveCallerId', edit: { value: false } },
      { place: null, advice: 'Sign no certificate without a common name.' },
    ]);
  });

  it('a MySQL login name must be the certificate’s', async () => {
    expect(await perform('login-name/certs/mysql')).toMatchObject({
      outcome: 'stopped',
      stoppedAt: { hop: 'A', side: 'gateway' },
      evidence: [
        {
          text: "1105 (HY000): unknown error: MySQL connection username 'shop_web' does not match client cert common name 'billing'",
        },
      ],
      settings: [{ name: 'gateway certs: mysql.auth', value: '"clientcert"', advice: null }],
    });
  });
});

describe('claims where no claim is taken', () => {
  const perform = rigOf('shop', {
    change: (topology) => {
      topology.gateways[0].grpc.useEffectiveCallerId = false;
      topology.gateways[1].grpc.useEffectiveCallerId = false;
      topology.gateways[1].grpc.useEffectiveGroups = false;
    },
  });

  it.each(['principal/main/grpc', 'groups/main/grpc', 'nameless-certificate/certs/grpc'])('%s', async (kind) => {
    const result = await perform(kind);
    expect(result).toMatchObject(deniedAs('unsecure_grpc_client'));
    expect(result.settings.every(({ advice, edit }) => advice === null && edit === null)).toBe(true);
  });
});

describe('claims where names come from the static login', () => {
  const perform = rigOf('shop', {
    change: (topology) => {
      Object.assign(topology.gateways[0].grpc, { useEffectiveCallerId: false, useStaticAuthenticationCallerId: true });
    },
    files: {
      'grpc-users.json': JSON.stringify([
        { Username: 'batch', Password: 'one-for-all-of-them' },
        { Username: 'shop_web', Password: 'one-for-all-of-them' },
      ]),
    },
  });

  it('a password that two names share opens the other name', async () => {
    const result = await perform('static-name/main/grpc');
    expect(result).toMatchObject(takenAs('shop_web'));
    expect(JSON.stringify(result)).not.toContain('one-for-all-of-them');
  });

  it('a claim changes nothing about the static name', async () => {
    expect(await perform('principal/main/grpc')).toMatchObject(deniedAs('batch'));
  });
});

describe('claims where a password is asked for beside the certificate', () => {
  const perform = rigOf('shop', {
    change: (topology) =>
      Object.assign(topology.gateways[1].grpc, { authMode: 'static', usersFile: 'grpc-users.json' }),
  });

  it('the attacker has both, and the certificate still names it', async () => {
    expect(await perform('with-certificate/certs/grpc')).toMatchObject(deniedAs('billing'));
    expect(await perform('nameless-certificate/certs/grpc')).toMatchObject(takenAs('shop_web'));
  });
});

describe('claims where the table ACL lets pass what it denies', () => {
  const loose: Change = (topology) => {
    topology.tablets[0].acl.strict = false;
    topology.gateways[1].mysql.auth = 'none';
  };
  const perform = rigOf('shop', { change: loose });

  it.each(['with-certificate/certs/grpc', 'login-name/certs/mysql'])(
    '%s reads, and the ACL is named instead of the claim',
    async (kind) => {
      const result = await perform(kind);
      expect(result).toMatchObject({
        outcome: 'got-through',
        settings: [{ name: 'tablet zone1-100: acl.strict', value: 'false', edit: { value: true } }],
      });
      expect(result.sentence).toContain('without being taken for "shop_web"');
    },
  );

  it('a group that is not taken has no part in it, nor have its settings', async () => {
    const result = await perform('groups/main/grpc');
    expect(result.outcome).toBe('got-through');
    expect(result.settings).toMatchObject([{ name: 'tablet zone1-100: acl.strict' }]);
  });

  it('a name that is taken has its part beside the ACL', async () => {
    const result = await perform('principal/main/grpc');
    expect(result.settings.map(({ name, advice }) => [name, advice === null])).toEqual([
      ['tablet zone1-100: acl.strict', false],
      ['gateway main: grpc.useEffectiveCallerId', false],
    ]);
  });
});

describe('claims in the reference workspace', () => {
  const perform = rigOf('reference');

  it.each([
    ['principal/override/grpc', takenAs('vtgate client 1')],
    ['groups/override/grpc', deniedAs('nobody-in-particular')],
    ['principal/override-groups/grpc', takenAs('vtgate client 1')],
    ['groups/override-groups/grpc', takenAs('nobody-in-particular')],
    ['with-certificate/mutual-tls/grpc', deniedAs('vtgate client 2')],
    ['nameless-certificate/mutual-tls/grpc', deniedAs('unsecure_grpc_client')],
  ])('%s', async (kind, expected) => {
    expect(await perform(kind)).toMatchObject(expected);
  });
});

describe('what cannot be claimed', () => {
  it('without a table ACL every caller reaches every table, and the cards say so', async () => {
    const rig = await attackRig('shop', claimedIdentity, { change: (topology) => delete topology.tablets[0].acl });
    const reasons = new Set(rig.planned.map(({ card }) => card.notHere));
    expect([...reasons]).toEqual([
      'There is no table ACL (acl.file): every caller reaches every table already, whatever its name.',
    ]);
    await rig.close();
  }, 60_000);

  it('over MySQL with passwords there is nothing to claim, and the card says so', async () => {
    const rig = await attackRig('user-guide', claimedIdentity);
    expect(rig.planned.map(({ card }) => [card.id, card.notHere])).toEqual([
      ['claimed-identity/none', expect.stringContaining('nobody can claim')],
    ]);
    await rig.close();
  }, 60_000);
});
