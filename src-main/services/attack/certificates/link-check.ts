import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import { plainText } from '../../../domain/trace';
import type { Gateway, Tablet } from '../../../domain/topology';
import { fidelityOf } from '../../workspace/load-workspace';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { honestCaller, honestConnection, untilHonest, type HonestCaller } from '../honest';
import { linkWithoutUse } from '../link-works';
import { fidelitySetting, settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { FORGED, openRogueTablet } from '../rogue-component/rogue-server';
import { faultWords, faultyPair, takesWeakKeys, type Fault } from './faults';
import { rewriteCrl, takeOver } from './revocation';

/** The wrong CA, name and purpose of a tablet's certificate are attacks of rogue components. */
const linkFaults = ['expired', 'not-yet-valid', 'self-signed', 'weak-key', 'revoked'] as const;
type LinkFault = (typeof linkFaults)[number];

/** How long an honest caller is given to get through again, milliseconds. */
const PATIENCE_MS = 3_000;

interface Link {
  readonly gateway: Gateway;
  readonly tablet: Tablet;
  /** Bundle that the tablet's certificate must lead to. */
  readonly ca: string;
  readonly crl: string | null;
  readonly honest: HonestCaller;
}

/** Faults of a tablet's certificate at the gateways; gateways whose links are set up alike are tried once. */
export function shownToGateways(world: AttackWorld): PlannedAttack[] {
  const { gateways, tablets } = world.workspace.topology;
  return tablets.flatMap((tablet) => {
    const alike = new Map<string, Gateway[]>();
    for (const gateway of gateways) {
      const how = [gateway.tabletLink, fidelityOf(world.workspace, gateway).mode];
      // Where a part stands in its file makes no difference.
      const key = JSON.stringify(how, (member, value: unknown) => (member === 'place' ? undefined : value));
      alike.set(key, [...(alike.get(key) ?? []), gateway]);
    }
    return [...alike.values()].flatMap((group) => atLink(world, tablet, group));
  });
}

function atLink(world: AttackWorld, tablet: Tablet, group: readonly Gateway[]): PlannedAttack[] {
  const gateway = group.find(({ name }) => honestCaller(world, name) !== null) ?? group[0]!;
  const honest = honestCaller(world, gateway.name);
  const link = gateway.tabletLink;
  const names = group.map(({ name }) => name).join(', ');
  const cardOf = (fault: LinkFault): Omit<AttackCard, 'notHere'> => {
    const words =
      fault === 'revoked'
        ? { title: 'A revoked certificate', about: 'right in everything, and revoked by its authority' }
        : faultWords[fault];
    const stock = fault === 'weak-key' && fidelityOf(world.workspace, gateway).mode === 'vitess';
    return {
      ...{ id: `certificates/${fault}/link/${gateway.name}/${tablet.alias}`, group: 'certificates' },
      title: `${words.title}, shown by a tablet`,
      aim: `link ${names} → ${tablet.alias}`,
      about: [
        `A certificate is made for ${tablet.alias}: ${words.about}.`,
        `Another tablet takes its place on the way from gateway ${gateway.name}, shows it, and answers every statement with a row of its own.`,
        ...(group.length > 1 ? ['The gateways named check their tablets alike, so that one of them is tried.'] : []),
        ...(stock ? [takesWeakKeys] : []),
      ],
      ...{ hop: 'C', scored: !stock },
      unscored: stock ? 'for-information' : null,
    };
  };
  const dials = link !== null && (link.ca !== null || (link.cert !== null && link.key !== null));
  const reason = !dials
    ? 'This link is in clear, so that no certificate is looked at; see "A man in the middle where nothing is encrypted".'
    : link.ca === null
      ? 'The gateway names no authority of this workspace for its tablets, so that nobody here could sign such a certificate.'
      : honest === null
        ? `The workspace’s tests have no caller of gateway ${gateway.name} who could be answered with forged rows.`
        : null;
  if (reason !== null || link?.ca == null || honest === null)
    return [
      notHere({ ...cardOf('expired'), id: `certificates/any/link/${gateway.name}/${tablet.alias}` }, reason ?? ''),
    ];
  const { ca, crl } = link;
  return linkFaults.map((fault) => ({
    card: { ...cardOf(fault), notHere: null },
    alone: true,
    run: (ground, signal) => perform(ground, { gateway, tablet, ca, crl, honest }, fault, signal),
  }));
}

async function perform(
  ground: AttackGround,
  about: Link,
  fault: LinkFault,
  signal: AbortSignal,
): Promise<AttackResult> {
  const { gateway, tablet, ca, crl, honest } = about;
  const link = ground.links.find((item) => item.gateway === gateway.name && item.tablet === tablet.alias);
  if (link === undefined) throw new Error(`gateway ${gateway.name} has no link to tablet ${tablet.alias}`);
  const name = gateway.tabletLink?.serverName ?? tablet.grpc.listen.host;
  const made: Fault = fault === 'revoked' ? 'none' : fault;
  const pair = await faultyPair(ground, made, ca, {
    ...{ purpose: 'serverAuth', commonName: name, dnsNames: [name], ipAddresses: ['127.0.0.1'] },
  });
  if (pair === null)
    return {
      ...{ outcome: 'not-here', stoppedAt: null, why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
      sentence: `No key of the authorities in ${ca} is in this workspace, so that nobody here can be given such a certificate.`,
    };
  const useless = await linkWithoutUse(ground, honest, signal);
  if (useless !== null) return useless;
  const list =
    fault === 'revoked' && crl !== null && pair.signer !== null
      ? await rewriteCrl(ground, crl, pair.signer, { serial: pair.serial })
      : null;
  const rogue = await openRogueTablet(tablet, pair);
  try {
    if (list !== null) await takeOver(ground);
    const dialled = link.nextConnection(signal);
    link.stand(rogue.onTheLink);
    await dialled;
    const run = await attackRun(ground, `link-${fault}`, honestConnection(ground, honest), signal);
    const read = run.attempt.table?.rows.flat().includes(FORGED) === true;
    const found = resultOf(run, { settings: settings(ground, about, fault, read) });
    if (read)
      return {
        ...found,
        ...{ outcome: 'got-through', stoppedAt: null },
        sentence: `Gateway ${gateway.name} took the certificate, and “${honest.caller.name}” read a forged row.`,
        why: fault === 'revoked' && crl === null ? ['The gateway reads no list of revoked certificates (crl).'] : [],
        evidence: [{ kind: 'rows', side: 'client', text: `the row read is "${FORGED}"` }],
      };
    const near = run.trace.hops.find(({ id }) => id === 'C')?.bothSides?.near ?? null;
    const stopped = near !== null && run.attempt.stage !== 'done';
    const evidence: Evidence[] = near === null ? [] : [{ kind: 'record', side: 'gateway', text: plainText(near) }];
    return {
      ...found,
      ...(stopped
        ? { outcome: 'stopped', stoppedAt: { hop: 'C', side: 'gateway' } }
        : { outcome: 'cannot-decide', stoppedAt: null }),
      sentence: stopped
        ? `Gateway ${gateway.name} did not take the certificate, so that the caller got no row at all.`
        : 'The caller was not answered by the other tablet, and nobody said why.',
      why: evidence.map(({ text }) => text),
      evidence: [...evidence, ...found.evidence.filter(({ kind }) => kind === 'error')],
    };
  } finally {
    link.stand(null);
    if (list !== null) {
      await list.restore();
      await takeOver(ground);
    }
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    await untilHonest(ground, honest, patience).catch(() => undefined);
    await rogue.close();
  }
}

function settings(
  { workspace }: AttackGround,
  { gateway }: Link,
  fault: LinkFault,
  through: boolean,
): ResponsibleSetting[] {
  const index = workspace.topology.gateways.findIndex(({ name }) => name === gateway.name);
  const member = fault === 'revoked' ? 'crl' : 'ca';
  const setting = settingsOf(workspace)(
    {
      path: ['gateways', index, 'tabletLink', member],
      name: `gateway ${gateway.name}: tabletLink.${member}`,
      flag: `--tablet-grpc-${member}`,
      ...(through && fault === 'revoked'
        ? { advice: 'Keep a list of revoked certificates for the tablets’ authority, and name it here.' }
        : {}),
    },
    'none',
  );
  if (fault !== 'weak-key') return [setting];
  const advice = through ? 'Sign no weak keys: a stock program takes them.' : null;
  return [fidelitySetting(workspace, gateway, `gateway ${gateway.name}`, advice)];
}
