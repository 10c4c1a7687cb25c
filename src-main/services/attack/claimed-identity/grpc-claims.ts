import type { AttackCard, ResponsibleSetting } from '../../../domain/attacks';
import { UNSECURE_GRPC_CLIENT, type ImmediateCaller } from '../../../domain/identity';
import type { Gateway } from '../../../domain/topology';
import type { Workspace } from '../../workspace/load-workspace';
import { certifiedInsiders, grpcPassword, uncertifiedInsider, type Insider } from '../attackers';
import type { AttackConnection } from '../cells';
import type { AttackGround } from '../ground';
import { byAuthorityOf } from '../issue-for';
import { keepPair } from '../keep-pair';
import { settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { noPrize, prizeOf, tabletBehind, type Prize } from '../prize';
import { outsideSetting } from '../setting';
import { grpcWay, type WayIn } from '../ways-in';
import { claimAttack } from './claim';

/** Principal of a claim that is about groups alone. */
const NOBODY_IN_PARTICULAR = 'nobody-in-particular';

interface Kind {
  readonly kind: string;
  readonly title: string;
  readonly about: string;
  readonly insider: Insider;
  readonly prize: Prize;
  readonly claimed: { readonly principal: string; readonly groups: readonly string[] } | null;
  /** Login name instead of the insider's own. */
  readonly user?: string;
  /** A certificate is made for it: of the right authority, without a common name. */
  readonly nameless?: boolean;
  readonly decides: readonly ('useEffectiveCallerId' | 'useEffectiveGroups' | 'clientCa' | 'authMode' | 'commonName')[];
  readonly because: string;
}

/** Every claim that a caller of the gateway's gRPC listener can try. */
export function grpcClaims(world: AttackWorld, gateway: Gateway): PlannedAttack[] {
  const { workspace } = world;
  const { grpc } = gateway;
  const tablet = tabletBehind(workspace);
  const way = grpcWay(workspace, gateway);
  if (grpc === null || tablet === undefined || way === null) return [];
  const asks = grpc.tls?.clientCa != null;
  const prizeFor = (own: ImmediateCaller): Prize | null => {
    const prize = prizeOf(workspace, tablet, own);
    return prize?.principal == null ? null : prize;
  };
  const left = (kind: string, title: string, why: string): PlannedAttack =>
    notHere({ ...cardOf(gateway, kind, title, []), group: 'claimed-identity', scored: true }, why);
  const planned: PlannedAttack[] = [];
  const plan = (kind: Kind): void =>
    void planned.push(
      claimAttack({
        card: cardOf(gateway, kind.kind, kind.title, [
          kind.about,
          `It reads the table ${kind.prize.table}, which is open to "${kind.prize.principal ?? ''}" and not to it.`,
        ]),
        who: kind.insider.words,
        prize: kind.prize,
        because: kind.because,
        connection: (ground) => connectionOf(ground, gateway.name, way, kind),
        settings: (now) => decidingSettings(now, gateway.name, kind.decides),
      }),
    );

  if (!asks) {
    const insider = uncertifiedInsider(workspace, gateway);
    const prize = insider === null ? null : prizeFor(insider.own);
    const byUser = insider?.user != null;
    const title = byUser ? 'A gRPC user claims another name' : 'A caller claims another name';
    if (insider === null || prize === null) {
      const why = insider === null ? 'The gateway lets nobody in without a certificate.' : noPrize(tablet);
      planned.push(left('principal', title, why), left('groups', 'A caller claims a group', why));
    } else {
      const principal = prize.principal ?? '';
      plan({
        ...{ kind: 'principal', title, insider, prize },
        about: `${capital(insider.words)} calls gateway ${gateway.name} with the effective caller "${principal}".`,
        claimed: { principal, groups: [] },
        decides: ['useEffectiveCallerId'],
        because:
          'The gateway takes the caller that a request names for the one who asks, and verifies nothing about it.',
      });
      plan({
        ...{ kind: 'groups', title: 'A caller claims a group', insider, prize },
        about: `${capital(insider.words)} calls gateway ${gateway.name} as "${NOBODY_IN_PARTICULAR}" in the group "${principal}".`,
        claimed: { principal: NOBODY_IN_PARTICULAR, groups: [principal] },
        decides: ['useEffectiveGroups', 'useEffectiveCallerId'],
        because: 'The gateway takes the groups that a request names, and verifies nothing about them.',
      });
      if (insider.user !== null)
        plan({
          ...{ kind: 'static-name', title: 'A gRPC user logs in under another name', insider, prize },
          about: `${capital(insider.words)} logs in at gateway ${gateway.name} as "${principal}" with its own password.`,
          claimed: null,
          user: principal,
          decides: ['authMode'],
          because: 'The users file has this name with the same password.',
        });
    }
    return planned;
  }

  const insiders = certifiedInsiders(workspace, gateway);
  const reach = insiders.flatMap((insider) => {
    const prize = prizeFor(insider.own);
    return prize === null ? [] : [{ insider, prize }];
  });
  const [first] = reach;
  const title = 'A caller with a certificate claims another name';
  if (first === undefined)
    planned.push(
      left(
        'with-certificate',
        title,
        insiders.length === 0
          ? 'No caller of the workspace’s tests shows a certificate to this gateway.'
          : noPrize(tablet),
      ),
    );
  else {
    const principal = first.prize.principal ?? '';
    plan({
      ...{ kind: 'with-certificate', title, ...first },
      about: `${capital(first.insider.words)} shows it to gateway ${gateway.name} and claims to be "${principal}", in the group "${principal}".`,
      claimed: { principal, groups: [principal] },
      decides: ['clientCa'],
      because: 'The claim counts although a certificate was shown.',
    });
  }
  const own = { username: UNSECURE_GRPC_CLIENT, groups: [] };
  const prize = prizeFor(own);
  const nameless = 'A caller with a certificate without a name claims one';
  if (prize === null) planned.push(left('nameless-certificate', nameless, noPrize(tablet)));
  else
    plan({
      ...{ kind: 'nameless-certificate', title: nameless, prize, nameless: true },
      insider: { words: 'the holder of a certificate without a common name', user: null, certificate: null, own },
      about: `Somebody shows gateway ${gateway.name} a certificate of the right authority that has no common name, and claims to be "${prize.principal ?? ''}".`,
      claimed: { principal: prize.principal ?? '', groups: [] },
      decides: ['useEffectiveCallerId', 'commonName'],
      because:
        'A certificate without a common name names nobody, so the gateway takes the name that the request claims.',
    });
  return planned;
}

const cardOf = (gateway: Gateway, kind: string, title: string, about: readonly string[]): ClaimCard => ({
  id: `claimed-identity/${kind}/${gateway.name}/grpc`,
  title,
  aim: `gateway ${gateway.name}, gRPC`,
  about: [...about],
  hop: 'B',
});
type ClaimCard = Omit<AttackCard, 'group' | 'scored' | 'notHere'>;

async function connectionOf(
  ground: AttackGround,
  name: string,
  way: WayIn,
  kind: Kind,
): Promise<AttackConnection | { readonly notHere: string }> {
  const { workspace } = ground;
  const gateway = workspace.topology.gateways.find((candidate) => candidate.name === name);
  if (gateway === undefined) throw new Error(`the gateway ${name} is gone`);
  const { insider } = kind;
  let { certificate } = insider;
  if (kind.nameless === true) {
    certificate = await namelessCertificate(ground, gateway);
    if (certificate === null)
      return {
        notHere:
          'No key of the authorities of callers is in this workspace, so that nobody can be given such a certificate.',
      };
  }
  // Where the listener asks for a password beside the certificate, the attacker has one as well.
  const own = insider.user ?? uncertifiedInsider(workspace, gateway)?.user ?? null;
  return {
    ...{ gateway: name, ...way, certificate, claimed: kind.claimed, sql: kind.prize.sql },
    user: kind.user ?? own,
    password: grpcPassword(workspace, gateway, own),
  };
}

/** Makes a caller's certificate without a common name in the ground's folder; null: there is no key to sign it. */
async function namelessCertificate(ground: AttackGround, { grpc, name }: Gateway): Promise<string | null> {
  const bundle = grpc?.tls?.clientCa ?? null;
  if (bundle === null) return null;
  const pair = await byAuthorityOf(ground, bundle, {
    subject: { organization: 'Nobody' },
    extendedKeyUsage: ['clientAuth'],
  });
  return pair === null ? null : keepPair(ground, `nameless-${name}`, pair);
}

function decidingSettings(workspace: Workspace, name: string, decides: Kind['decides']): ResponsibleSetting[] {
  const setting = settingsOf(workspace);
  const index = workspace.topology.gateways.findIndex((gateway) => gateway.name === name);
  const path = (...members: string[]): (string | number)[] => ['gateways', index, 'grpc', ...members];
  const named = (member: string): string => `gateway ${name}: grpc.${member}`;
  return decides.map((which) => {
    if (which === 'clientCa')
      return setting(
        {
          ...{ path: path('tls', 'clientCa'), name: named('tls.clientCa'), flag: '--grpc-ca' },
          advice: 'Ask for client certificates.',
        },
        'no client certificate is asked for',
      );
    if (which === 'authMode')
      return setting(
        {
          ...{ path: path('authMode'), name: named('authMode'), flag: '--grpc-auth-mode' },
          advice: 'Give every user of the gRPC users file a password of its own.',
        },
        'none',
      );
    if (which === 'commonName')
      return outsideSetting(
        'certificates of callers',
        'without a common name',
        'Sign no certificate without a common name.',
      );
    const flag = which === 'useEffectiveGroups' ? '--grpc-use-effective-groups' : '--grpc-use-effective-callerid';
    return setting(
      {
        ...{ path: path(which), name: named(which), flag, change: false },
        advice: `Set grpc.${which} to false, or let only programs in that say the truth about their callers.`,
      },
      'false',
    );
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
