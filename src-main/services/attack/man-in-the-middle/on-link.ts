import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import { plainText } from '../../../domain/trace';
import type { Gateway, Tablet } from '../../../domain/topology';
import { openInterceptor, type Interceptor } from '../../../servers/interceptor';
import { alertNumber } from '../../../servers/tls';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { honestCaller, honestConnection, untilHonest, type HonestCaller } from '../honest';
import { byAuthorityOf, byImpostor, type AttackersPair } from '../issue-for';
import { linkWithoutUse } from '../link-works';
import { settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { tabletPlaces } from '../tls/places';
import { refusalAt } from '../tls/records';

/** With what the man on the link meets the gateway: his own certificate, the tablet's, or nothing where nothing is asked. */
type Means = 'link' | 'link-with-tablet-key' | 'link-in-clear';

/** How long an honest caller is given to get through again, milliseconds. */
const PATIENCE_MS = 3_000;

/** Whether a gateway dials its tablets with TLS at all (vitess-behaviour §3.6). */
const dialsTls = ({ tabletLink: link }: Gateway): boolean =>
  link !== null && (link.ca !== null || (link.cert !== null && link.key !== null));

/** A man in the middle on every link between a gateway and a tablet. */
export function onLinks(world: AttackWorld): PlannedAttack[] {
  const { gateways, tablets } = world.workspace.topology;
  return gateways.flatMap((gateway) =>
    tablets.flatMap((tablet) => {
      const means: readonly Means[] =
        dialsTls(gateway) && tablet.grpc.tls !== null ? ['link', 'link-with-tablet-key'] : ['link-in-clear'];
      const honest = honestCaller(world, gateway.name);
      return means.map((one): PlannedAttack => {
        const card = cardOf(gateway, tablet, one);
        if (honest === null)
          return notHere(
            card,
            `The workspace’s tests have no caller of gateway ${gateway.name} whose statement could be read.`,
          );
        if (one === 'link-with-tablet-key' && gateway.tabletLink?.ca == null)
          return notHere(card, 'The gateway names no authority of this workspace for its tablets.');
        return {
          card: { ...card, notHere: null },
          alone: true,
          run: (ground, signal) => stand(ground, { gateway, tablet, means: one, honest }, signal),
        };
      });
    }),
  );
}

function cardOf(gateway: Gateway, tablet: Tablet, means: Means): Omit<AttackCard, 'notHere'> {
  const title = {
    link: 'A man in the middle before a gateway that verifies',
    'link-with-tablet-key': 'A man in the middle with a tablet’s certificate',
    'link-in-clear': 'A man in the middle where nothing is encrypted',
  }[means];
  const ends = {
    link: 'ends TLS with a certificate of a CA of its own, and opens TLS anew to the tablet.',
    'link-with-tablet-key':
      'ends TLS with a certificate that the tablets’ authority has signed in the tablet’s name, as if a tablet’s key were stolen, and opens TLS anew to the tablet.',
    'link-in-clear': 'passes on what crosses.',
  }[means];
  return {
    id: `man-in-the-middle/${means}/${gateway.name}/${tablet.alias}`,
    group: 'man-in-the-middle',
    title,
    aim: `link ${gateway.name} → ${tablet.alias}`,
    about: [
      `Somebody stands between gateway ${gateway.name} and tablet ${tablet.alias} and ${ends}`,
      'A caller reads a table through the gateway; what passed is searched for the statement and the caller’s name.',
      ...(means === 'link-with-tablet-key'
        ? ['The gateway cannot tell: this shows whether the tablet does, and tells nothing against the workspace.']
        : []),
    ],
    ...{ hop: 'C', scored: means !== 'link-with-tablet-key' },
    unscored: means === 'link-with-tablet-key' ? 'weak-on-purpose' : null,
  };
}

interface About {
  readonly gateway: Gateway;
  readonly tablet: Tablet;
  readonly means: Means;
  readonly honest: HonestCaller;
}

async function pairFor(ground: AttackGround, { gateway, tablet, means }: About): Promise<AttackersPair | null> {
  const name = gateway.tabletLink?.serverName ?? tablet.grpc.listen.host;
  const wanted = {
    ...{ subject: { commonName: name }, dnsNames: [name, 'localhost'], ipAddresses: ['127.0.0.1'] },
    extendedKeyUsage: ['serverAuth'],
  } as const;
  return means === 'link-with-tablet-key'
    ? byAuthorityOf(ground, gateway.tabletLink?.ca ?? '', wanted)
    : byImpostor(ground, 'CA', wanted);
}

async function stand(ground: AttackGround, about: About, signal: AbortSignal): Promise<AttackResult> {
  const { gateway, tablet, means, honest } = about;
  const link = ground.links.find((item) => item.gateway === gateway.name && item.tablet === tablet.alias);
  if (link === undefined) throw new Error(`gateway ${gateway.name} has no link to tablet ${tablet.alias}`);
  const identity = means === 'link-in-clear' ? null : await pairFor(ground, about);
  if (means !== 'link-in-clear' && identity === null)
    return {
      ...{ outcome: 'not-here', stoppedAt: null, why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
      sentence:
        'No key of the tablets’ authority is in this workspace, so that nobody here can be given such a certificate.',
    };
  const useless = await linkWithoutUse(ground, honest, signal);
  if (useless !== null) return useless;
  const interceptor = await openInterceptor({ protocol: 'grpc', target: link.behind, identity });
  try {
    const dialled = link.nextConnection(signal);
    link.stand((near) => interceptor.take(near));
    await dialled;
    const run = await attackRun(ground, `man-in-the-middle/${means}`, honestConnection(ground, honest), signal);
    const found = resultOf(run, { settings: [] });
    const words = readOnLink(interceptor, honest);
    if (run.attempt.stage === 'done')
      return {
        ...found,
        ...{ outcome: words.length > 0 ? 'got-through' : 'cannot-decide', stoppedAt: null },
        sentence:
          words.length > 0
            ? `The man in the middle read ${words.join(' and ')} between gateway ${gateway.name} and tablet ${tablet.alias}.`
            : `“${honest.caller.name}” was served, and nothing that passed could be made sense of.`,
        why: ['He can change statements, rows and the caller’s name just as well.'],
        evidence: [{ kind: 'bytes', side: 'gateway', text: `read in between: ${words.join(', ')}` }, ...found.evidence],
        settings: settings(ground, about, true),
      };
    const near = run.trace.hops.find(({ id }) => id === 'C')?.bothSides?.near ?? null;
    const [place] = tabletPlaces(ground.workspace.topology).filter(({ id }) => id === tablet.alias);
    const refusal = place === undefined ? null : await refusalAt(ground, place, interceptor.outgoing());
    const alerts: Evidence[] = unique(interceptor).flatMap(({ by, alert }) =>
      alert === null ? [] : [{ kind: 'alert', side: by === 'client' ? 'gateway' : 'tablet', text: alertNumber(alert) }],
    );
    const side = refusal !== null || alerts.some((one) => one.side === 'tablet') ? 'tablet' : 'gateway';
    const said: Evidence[] = [
      ...(near === null || side === 'tablet'
        ? []
        : [{ kind: 'record' as const, side: 'gateway' as const, text: plainText(near) }]),
      ...(refusal?.evidence ?? []),
      ...alerts,
    ];
    return {
      ...found,
      ...(said.length > 0
        ? { outcome: 'stopped', stoppedAt: { hop: 'C', side } }
        : { outcome: 'cannot-decide', stoppedAt: null }),
      evidence: [...said, ...found.evidence.filter(({ kind }) => kind === 'error')],
      sentence:
        said.length === 0
          ? 'The caller got no row, and nobody said why.'
          : side === 'tablet'
            ? `Tablet ${tablet.alias} did not talk to the man in the middle, who cannot show the gateway’s certificate.`
            : `Gateway ${gateway.name} did not talk to the man in the middle, so that the caller got no row.`,
      why: [
        words.length > 0 ? `Read in between before it ended: ${words.join(', ')}.` : 'Nothing was read in between.',
      ],
      settings: settings(ground, about, false, side),
    };
  } finally {
    link.stand(null);
    // What an honest caller finds afterwards; one that cannot be served at all is nothing that was broken here.
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    await untilHonest(ground, honest, patience).catch(() => undefined);
    await interceptor.close();
  }
}

/** A gateway dials again and again: each refusal counts once. */
const unique = (interceptor: Interceptor): ReturnType<Interceptor['refusals']> => [
  ...new Map(interceptor.refusals().map((one) => [`${one.by} ${one.alert ?? ''}`, one])).values(),
];

/** What a gateway sends to its tablet about a caller's statement, searched for in what passed. */
function readOnLink(interceptor: Interceptor, { table }: HonestCaller): string[] {
  const all = interceptor.intercepted().chunks.filter(({ from }) => from === 'client');
  const sent = Buffer.concat(all.map(({ bytes }) => bytes));
  return sent.includes(`from ${table}`) || sent.includes(`from \`${table}\``)
    ? ['the statement', 'in whose name it is asked']
    : [];
}

function settings(
  ground: AttackGround,
  { gateway, tablet, means }: About,
  through: boolean,
  side: 'gateway' | 'tablet' = 'gateway',
): ResponsibleSetting[] {
  const setting = settingsOf(ground.workspace);
  const { topology } = ground.workspace;
  const index = topology.gateways.findIndex(({ name }) => name === gateway.name);
  const tabletIndex = topology.tablets.findIndex(({ alias }) => alias === tablet.alias);
  const demand = setting(
    {
      path: ['tablets', tabletIndex, 'grpc', 'tls', 'clientCa'],
      name: `tablet ${tablet.alias}: grpc.tls.clientCa`,
      flag: '--grpc-ca',
      ...(through ? { advice: 'Name the authority of the gateways’ certificates, so that both ends check.' } : {}),
    },
    'none',
  );
  const path = ['gateways', index, 'tabletLink', ...(gateway.tabletLink === null ? [] : ['ca'])];
  const ca = setting(
    {
      path,
      name: `gateway ${gateway.name}: ${path.slice(2).join('.')}`,
      flag: '--tablet-grpc-ca',
      ...(through ? { advice: 'Set tabletLink.ca to the authority of the tablets, and grpc.tls at the tablet.' } : {}),
    },
    'none',
  );
  return means === 'link-with-tablet-key' || side === 'tablet' ? [demand] : [ca];
}
