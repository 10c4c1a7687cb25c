import type { AttackCard, AttackResult, ResponsibleSetting } from '../../../domain/attacks';
import { parsePem } from '../../../domain/certs';
import type { CallerTls } from '../../../clients';
import type { Tablet } from '../../../domain/topology';
import type { Workspace } from '../../workspace/load-workspace';
import { keyFileOf } from '../../verify/probe-runner';
import type { AttackGround } from '../ground';
import { byAuthorityOf, byImpostor } from '../issue-for';
import { fileSetting, settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { prizeOf, type Prize } from '../prize';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attackersTls, callTablet } from './direct-call';

/** What somebody who dials a tablet's port shows; null: the workspace has no authority that could make it. */
type Shown = (ground: AttackGround) => Promise<CallerTls | null>;

/** One way to dial the tablet's port as somebody else. */
interface Way {
  readonly kind: string;
  readonly title: string;
  readonly aim?: string;
  readonly shows: string;
  readonly tls: Shown | null;
  /** Why it cannot be tried here. */
  readonly notHere?: string;
  /** Setting that decides over this way. */
  readonly decides: 'clientCa' | 'allowedSubstrings' | 'usersFile';
}

const everybody = 'anybody';

/** Every way of calling one tablet without being a gateway that it was set up for. */
export function attacksOnPort(world: AttackWorld, tablet: Tablet): PlannedAttack[] {
  const { workspace } = world;
  const prize = prizeOf(workspace, tablet, null);
  return waysOf(workspace, tablet).map((way) => {
    const card: Omit<AttackCard, 'notHere'> = {
      id: `rogue-component/${way.kind}/${tablet.alias}${way.aim === undefined ? '' : `/${way.aim}`}`,
      group: 'rogue-component',
      title: way.title,
      aim: way.aim === undefined ? `tablet ${tablet.alias}` : `tablet ${tablet.alias}, ${way.aim}`,
      about: [
        `Somebody dials the port of tablet ${tablet.alias} past every gateway, ${way.shows}.`,
        prize === null
          ? 'It asks for a table.'
          : `It says that the immediate caller is "${prize.principal ?? everybody}" and reads the table ${prize.table}.`,
        'A tablet believes whatever caller its gateway names, so that only the link can stop this.',
      ],
      hop: 'C',
      scored: true,
    };
    if (way.notHere !== undefined) return notHere(card, way.notHere);
    if (prize === null) return notHere(card, 'No table is open to anybody, so there is nothing to reach for.');
    return {
      card: { ...card, notHere: null },
      alone: false,
      run: (ground, signal) => perform(ground, tablet.alias, way, prize, signal),
    };
  });
}

async function perform(
  ground: AttackGround,
  alias: string,
  way: Way,
  prize: Prize,
  signal: AbortSignal,
): Promise<AttackResult> {
  const { workspace } = ground;
  const tablet = workspace.topology.tablets.find((candidate) => candidate.alias === alias);
  if (tablet === undefined) throw new Error(`the tablet ${alias} is gone`);
  const tls = way.tls === null ? null : await way.tls(ground);
  if (way.tls !== null && tls === null)
    return {
      outcome: 'not-here',
      stoppedAt: null,
      sentence:
        'No key of the authorities that the tablet trusts is in this workspace, so that nobody can be given one.',
      ...{ why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
    };
  const principal = prize.principal ?? everybody;
  const { seen } = await callTablet(
    ground,
    tablet,
    { tls, immediate: { username: principal, groups: [] }, sql: prize.sql },
    signal,
  );
  const through = seen.outcome === 'got-through';
  return {
    ...seen,
    sentence: through
      ? `Somebody ${way.shows} read the table ${prize.table} as "${principal}".`
      : seen.outcome === 'stopped'
        ? `Tablet ${alias} refused somebody ${way.shows}.`
        : `The connection of somebody ${way.shows} ended, and nothing tells who ended it.`,
    why: through
      ? [
          `Nothing on the link told the attacker from a gateway.`,
          prize.principal === null
            ? 'The tablet has no table ACL that could ask who reads.'
            : 'The table ACL was asked about the caller that the attacker named, and that caller may read the table.',
        ]
      : seen.evidence.flatMap(({ kind, text }) => (kind === 'record' ? [text] : [])),
    settings: settingsFor(workspace, tablet, way, through),
    trace: null,
    milliseconds: 0,
  };
}

function settingsFor(
  workspace: Workspace,
  tablet: Tablet,
  { decides }: Way,
  through: boolean,
): readonly ResponsibleSetting[] {
  const setting = settingsOf(workspace);
  const index = workspace.topology.tablets.indexOf(tablet);
  const { grpc } = tablet;
  const advice = (text: string): { readonly advice?: string } => (through ? { advice: text } : {});
  if (decides === 'usersFile')
    return [
      setting(
        {
          path: ['tablets', index, 'grpc', 'authMode'],
          name: `tablet ${tablet.alias}: grpc.authMode`,
          flag: '--grpc-auth-mode',
          ...advice('Give each gateway a name and a password of its own.'),
        },
        grpc.authMode,
      ),
    ];
  if (decides === 'allowedSubstrings')
    return [
      setting(
        {
          path: ['tablets', index, 'grpc', 'allowedSubstrings'],
          name: `tablet ${tablet.alias}: grpc.allowedSubstrings`,
          flag: '--grpc-auth-mtls-allowed-substrings',
          ...advice('List the whole subjects of the gateways and no empty text.'),
        },
        JSON.stringify(grpc.allowedSubstrings),
      ),
    ];
  return [
    setting(
      {
        path: ['tablets', index, 'grpc', 'tls', 'clientCa'],
        name: `tablet ${tablet.alias}: grpc.tls.clientCa`,
        flag: '--grpc-ca',
        ...advice('Name an authority that signs the gateways’ certificates and nobody else’s.'),
      },
      grpc.tls === null ? 'no TLS' : 'no client certificate is asked for',
    ),
    ...(grpc.tls?.clientCa == null || !through
      ? []
      : [fileSetting(`${grpc.tls.clientCa}`, 'signs certificates of others too', null, null)]),
  ];
}

function waysOf(workspace: Workspace, tablet: Tablet): readonly Way[] {
  const { tls, authMode } = tablet.grpc;
  const clientCa = tls?.clientCa ?? null;
  const subject = { commonName: gatewayName(workspace) };
  const gateways = { subject, extendedKeyUsage: ['clientAuth'] } as const;
  const noTls = 'The tablet speaks no TLS at all, so nobody shows a certificate; plaintext is tried instead.';
  const without = tls === null ? { notHere: noTls } : {};
  const noCa =
    clientCa === null ? { notHere: 'The tablet asks for no certificate; going without one is tried instead.' } : {};
  const authority = clientCa === null ? 'CA' : nameOfAuthority(workspace, clientCa);
  return [
    {
      kind: 'plaintext',
      title: 'A caller straight at the tablet, in clear',
      shows: 'without TLS',
      tls: null,
      decides: 'clientCa',
    },
    {
      ...{
        kind: 'no-certificate',
        title: 'A caller straight at the tablet, without a certificate',
        decides: 'clientCa',
      },
      ...{ shows: 'over TLS without a certificate', tls: () => Promise.resolve(attackersTls(null)), ...without },
    },
    {
      ...{ kind: 'impostor', title: 'A gateway with a certificate of somebody else’s CA', decides: 'clientCa' },
      shows: `with a certificate of ${authority === 'CA' ? 'somebody else’s authority' : `another authority that calls itself "${authority}"`}`,
      tls: (ground) => Promise.resolve(attackersTls(byImpostor(ground, authority, gateways))),
      ...without,
    },
    {
      ...{ kind: 'wrong-purpose', title: 'A gateway with a server’s certificate', decides: 'clientCa' },
      shows: 'with a certificate of the right authority that is meant for servers',
      tls: async (ground) =>
        pairTls(await byAuthorityOf(ground, clientCa ?? '', { subject, extendedKeyUsage: ['serverAuth'] })),
      ...without,
      ...noCa,
    },
    {
      ...{ kind: 'wrong-name', title: 'A gateway with a certificate of another name', decides: 'allowedSubstrings' },
      shows: 'with a certificate of the right authority in another name',
      tls: async (ground) =>
        pairTls(
          await byAuthorityOf(ground, clientCa ?? '', {
            subject: { commonName: 'wrong.invalid' },
            extendedKeyUsage: ['clientAuth'],
          }),
        ),
      ...without,
      ...noCa,
      ...(authMode === 'mtls'
        ? {}
        : {
            notHere: `The tablet compares no names (grpc.authMode is "${authMode}"): its authority alone decides who calls it.`,
          }),
    },
    {
      ...{ kind: 'no-password', title: 'A gateway with a certificate and without the password', decides: 'usersFile' },
      shows: 'with a right certificate and without a user name and password',
      tls: async (ground) =>
        clientCa === null ? attackersTls(null) : pairTls(await byAuthorityOf(ground, clientCa, gateways)),
      ...(tls === null ? { tls: null } : {}),
      ...(authMode === 'static'
        ? {}
        : { notHere: 'The tablet asks its gateways for no password (grpc.authMode is not "static").' }),
    },
    ...callersWays(workspace, tls === null ? noTls : null),
  ];
}

const pairTls = (pair: { readonly cert: string; readonly key: string } | null): CallerTls | null =>
  pair === null ? null : attackersTls(pair);

/** Each caller of the tests with its own certificate, which was made for gateways to look at. */
function callersWays(workspace: Workspace, noTls: string | null): Way[] {
  const files = new Set(
    workspace.suites.flatMap(({ callers }) => callers.flatMap(({ certificate }) => certificate ?? [])),
  );
  const common = {
    kind: 'callers-certificate',
    title: 'A caller straight at the tablet, with its own certificate',
    decides: 'clientCa' as const,
    ...(noTls === null ? {} : { notHere: noTls }),
  };
  if (files.size === 0)
    return [
      {
        ...common,
        shows: 'with a caller’s certificate',
        tls: null,
        notHere: 'No caller of the workspace’s tests has a certificate.',
      },
    ];
  return [...files].map((file) => ({
    ...common,
    aim: file.replace(/^.*\//, '').replace(/-cert\.pem$/, ''),
    shows: `with the caller’s certificate ${file}`,
    tls: async (ground) =>
      attackersTls({
        cert: await readFile(join(ground.dir, file), 'utf8'),
        key: await readFile(join(ground.dir, keyFileOf(file)), 'utf8'),
      }),
  }));
}

/** The common name under which gateways call tablets. */
function gatewayName(workspace: Workspace): string {
  for (const { tabletLink } of workspace.topology.gateways) {
    const bytes = tabletLink?.cert == null ? undefined : workspace.files.get(tabletLink.cert);
    const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), '').certificates;
    const name = leaf?.subject.commonName ?? '';
    if (name !== '') return name;
  }
  return 'gateway';
}

function nameOfAuthority(workspace: Workspace, bundle: string): string {
  const bytes = workspace.files.get(bundle);
  const [first] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), '').certificates;
  return first === undefined || first.subject.commonName === '' ? 'CA' : first.subject.commonName;
}
