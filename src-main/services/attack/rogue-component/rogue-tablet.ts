import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import { parsePem } from '../../../domain/certs';
import { plainText } from '../../../domain/trace';
import type { Gateway, Tablet } from '../../../domain/topology';
import type { TestRun } from '../../test/run-test';
import type { Workspace } from '../../workspace/load-workspace';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { honestCaller, honestConnection, untilHonest, type HonestCaller } from '../honest';
import { byAuthorityBeside, byAuthorityOf, byImpostor, type AttackersPair } from '../issue-for';
import { linkWithoutUse } from '../link-works';
import { settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { FORGED, openRogueTablet } from './rogue-server';

/** What a rogue tablet shows to a gateway. */
interface Face {
  readonly kind: string;
  readonly title: string;
  readonly shows: string;
  /** Null: nothing, it speaks no TLS. */
  readonly pair: ((ground: AttackGround) => Promise<AttackersPair | null>) | null;
  readonly notHere?: string;
  readonly decides: 'ca' | 'serverName';
}

/** Every way of offering one gateway another tablet on its link to `tablet`. */
export function attacksOnLink(world: AttackWorld, gateway: Gateway, tablet: Tablet): PlannedAttack[] {
  const honest = honestCaller(world, gateway.name);
  return facesFor(world.workspace, gateway, tablet).map((face) => {
    const link = `link ${gateway.name} → ${tablet.alias}`;
    const card: Omit<AttackCard, 'notHere'> = {
      id: `rogue-component/tablet-${face.kind}/${gateway.name}/${tablet.alias}`,
      group: 'rogue-component',
      title: face.title,
      aim: link,
      about: [
        `Another tablet takes the place of ${tablet.alias} on the way from gateway ${gateway.name}, ${face.shows}.`,
        'It says that it serves, and answers every statement with a row of its own.',
        honest === null
          ? 'A caller reads through the gateway.'
          : `The caller “${honest.caller.name}” reads the table ${honest.table} through the gateway.`,
      ],
      hop: 'C',
      scored: true,
    };
    if (face.notHere !== undefined) return notHere(card, face.notHere);
    if (honest === null)
      return notHere(
        card,
        `The tests name no caller of gateway ${gateway.name} with a known password and a table that it may read, so nobody could read the forged rows.`,
      );
    return {
      card: { ...card, notHere: null },
      alone: true,
      run: (ground, signal) => perform(ground, gateway.name, tablet, face, honest, signal),
    };
  });
}

async function perform(
  ground: AttackGround,
  gateway: string,
  tablet: Tablet,
  face: Face,
  honest: HonestCaller,
  signal: AbortSignal,
): Promise<AttackResult> {
  const link = ground.links.find((item) => item.gateway === gateway && item.tablet === tablet.alias);
  if (link === undefined) throw new Error(`gateway ${gateway} has no link to tablet ${tablet.alias}`);
  const pair = face.pair === null ? null : await face.pair(ground);
  if (face.pair !== null && pair === null)
    return {
      outcome: 'not-here',
      stoppedAt: null,
      sentence:
        'No key of the authorities that the gateway trusts is in this workspace, so that nobody can be given one.',
      ...{ why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
    };
  const useless = await linkWithoutUse(ground, honest, signal);
  if (useless !== null) return useless;
  const rogue = await openRogueTablet(tablet, pair);
  try {
    const dialled = link.nextConnection(signal);
    link.stand(rogue.onTheLink);
    await dialled;
    const run = await attackRun(ground, `rogue/${face.kind}`, honestConnection(ground, honest), signal);
    const read = run.attempt.table?.rows.flat().includes(FORGED) === true;
    const found = resultOf(run, { settings: settingsFor(ground.workspace, gateway, face, read) });
    if (read)
      return {
        ...found,
        outcome: 'got-through',
        stoppedAt: null,
        sentence: `The caller “${honest.caller.name}” read a forged row through gateway ${gateway}.`,
        why: ['The gateway took the rogue tablet for its own: nothing that it checks told the two apart.'],
        evidence: [{ kind: 'rows', side: 'client', text: `the row read is "${FORGED}"` }],
      };
    if (run.attempt.stage === 'done')
      return {
        ...found,
        outcome: 'cannot-decide',
        stoppedAt: null,
        sentence: 'The caller was answered, and not by the rogue tablet: the gateway went another way.',
        why: [],
      };
    return { ...found, ...refusedByGateway(gateway, run, rogue.refusals()) };
  } finally {
    link.stand(null);
    await untilHonest(ground, honest, signal);
    await rogue.close();
  }
}

/** A gateway that sends nothing: stopped when its own record says why it does not talk to what answered. */
function refusedByGateway(
  gateway: string,
  { attempt, trace }: TestRun,
  heard: readonly string[],
): Pick<AttackResult, 'outcome' | 'stoppedAt' | 'sentence' | 'evidence'> {
  const why = trace.hops.find(({ id }) => id === 'C')?.bothSides?.near ?? null;
  const evidence: Evidence[] = [];
  if (why !== null) evidence.push({ kind: 'record', side: 'gateway', text: plainText(why) });
  if (attempt.error !== null)
    evidence.push({ kind: 'error', side: 'gateway', text: `${attempt.error.code}: ${attempt.error.message}` });
  const [first] = heard;
  if (first !== undefined) evidence.push({ kind: 'closed', side: 'gateway', text: `The rogue tablet saw: ${first}` });
  return why === null
    ? {
        ...{ outcome: 'cannot-decide', stoppedAt: null, evidence },
        sentence: `The caller got no row, and gateway ${gateway} keeps no record of why.`,
      }
    : {
        ...{ outcome: 'stopped', stoppedAt: { hop: 'C', side: 'gateway' }, evidence },
        sentence: `Gateway ${gateway} did not talk to the rogue tablet, so that the caller got no row at all.`,
      };
}

function settingsFor(
  workspace: Workspace,
  name: string,
  { decides }: Face,
  read: boolean,
): readonly ResponsibleSetting[] {
  const setting = settingsOf(workspace);
  const index = workspace.topology.gateways.findIndex((gateway) => gateway.name === name);
  const link = workspace.topology.gateways[index]?.tabletLink ?? null;
  const path = ['gateways', index, 'tabletLink'];
  const ca = setting(
    {
      path: link === null ? path : [...path, 'ca'],
      name: `gateway ${name}: ${link === null ? 'tabletLink' : 'tabletLink.ca'}`,
      flag: '--tablet-grpc-ca',
      ...(read && decides === 'ca' ? { advice: 'Name the authority that signs the tablets’ certificates.' } : {}),
    },
    link === null ? 'in clear' : 'none',
  );
  if (decides === 'ca' || link === null) return [ca];
  return [
    setting(
      {
        path: [...path, 'serverName'],
        name: `gateway ${name}: tabletLink.serverName`,
        flag: '--tablet-grpc-server-name',
        ...(read ? { advice: 'Name what the tablet’s certificate alone carries.' } : {}),
      },
      'the host that is dialled',
    ),
  ];
}

function facesFor(workspace: Workspace, gateway: Gateway, tablet: Tablet): readonly Face[] {
  const link = gateway.tabletLink;
  const dials = link !== null && (link.ca !== null || (link.cert !== null && link.key !== null));
  const ca = link?.ca ?? null;
  const name = link?.serverName ?? tablet.grpc.listen.host;
  const right = { subject: { commonName: name }, dnsNames: [name, 'localhost'], ipAddresses: ['127.0.0.1'] };
  const server = { extendedKeyUsage: ['serverAuth'] } as const;
  const authority = ca === null ? 'CA' : authorityName(workspace, ca);
  const inClear = dials
    ? {}
    : {
        notHere:
          'The gateway dials in clear, so that no certificate is looked at; a rogue without TLS is tried instead.',
      };
  const noCa = ca === null ? { notHere: 'The gateway names no authority of this workspace for its tablets.' } : {};
  return [
    { kind: 'plaintext', title: 'A rogue tablet without TLS', shows: 'and speaks no TLS', pair: null, decides: 'ca' },
    {
      ...{ kind: 'impostor', title: 'A rogue tablet with a certificate of somebody else’s CA', decides: 'ca' },
      shows: `with the right name in a certificate of ${authority === 'CA' ? 'somebody else’s authority' : `another authority that calls itself "${authority}"`}`,
      pair: (ground) => Promise.resolve(byImpostor(ground, authority, { ...right, ...server })),
      ...inClear,
    },
    {
      ...{
        kind: 'other-authority',
        title: 'A rogue tablet with a certificate of another authority here',
        decides: 'ca',
      },
      shows: 'with the right name in a certificate of an authority of this workspace that is there for others',
      pair: (ground) => byAuthorityBeside(ground, ca ?? '', { ...right, ...server }),
      ...noCa,
      ...inClear,
    },
    {
      ...{ kind: 'wrong-name', title: 'A rogue tablet with a certificate of another name', decides: 'serverName' },
      shows: 'with a certificate of the right authority in the name of another machine, which is also called localhost',
      pair: (ground) =>
        byAuthorityOf(ground, ca ?? '', {
          subject: { commonName: 'wrong.invalid' },
          dnsNames: ['wrong.invalid', 'localhost'],
          ipAddresses: ['127.0.0.1'],
          ...server,
        }),
      ...noCa,
      ...inClear,
    },
    {
      ...{ kind: 'wrong-purpose', title: 'A rogue tablet with a client’s certificate', decides: 'ca' },
      shows: 'with a certificate of the right authority and name that is meant for clients',
      pair: (ground) => byAuthorityOf(ground, ca ?? '', { ...right, extendedKeyUsage: ['clientAuth'] }),
      ...noCa,
      ...inClear,
    },
  ];
}

function authorityName(workspace: Workspace, bundle: string): string {
  const bytes = workspace.files.get(bundle);
  const [first] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), '').certificates;
  return first === undefined || first.subject.commonName === '' ? 'CA' : first.subject.commonName;
}
