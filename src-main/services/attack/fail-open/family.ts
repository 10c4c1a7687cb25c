import type { AttackCard, AttackResult, ResponsibleSetting } from '../../../domain/attacks';
import type { Finding } from '../../../domain/kernel';
import { findOpenDoors, type Topology } from '../../../domain/topology';
import type { AttackGround } from '../ground';
import { fileSetting } from '../named-settings';
import { notHere, type AttackFamily, type AttackWorld, type PlannedAttack } from '../planned';
import type { Demonstration, Placed } from './demonstration';
import { knownCodes } from './known-codes';

/** Each finding of the workspace that lets somebody in, shown by somebody who gets in. */
export const failOpen: AttackFamily = {
  group: 'fail-open',
  plan: (world) => {
    const planned = world.workspace.findings.flatMap((finding) => planFor(world, finding));
    const seen = new Map<string, number>();
    const unique = planned.map(({ card, ...attack }): PlannedAttack => {
      const count = (seen.get(card.id) ?? 0) + 1;
      seen.set(card.id, count);
      return { ...attack, card: count === 1 ? card : { ...card, id: `${card.id}/${count}` } };
    });
    if (unique.length > 0) return unique;
    const card: Omit<AttackCard, 'notHere'> = {
      ...{ id: 'fail-open/none', group: 'fail-open', title: 'A setting that lets in', aim: 'the whole workspace' },
      ...{ about: [], hop: 'A', scored: true },
    };
    return [notHere(card, 'The workspace has no finding that lets anybody in.')];
  },
};

function planFor(world: AttackWorld, finding: Finding): PlannedAttack[] {
  // Nothing starts with an error, so nothing can be let in by it.
  if (finding.level === 'error') return [];
  const known = knownCodes[finding.code];
  const placed: Placed = { finding, ...partOf(world.workspace.topology, finding) };
  const card = (about: readonly string[], hop: AttackCard['hop']): Omit<AttackCard, 'notHere'> => ({
    id: `fail-open/${finding.code}/${placeId(placed)}`,
    group: 'fail-open',
    title: titleOf(finding),
    aim: aimOf(placed),
    about: [`${whereOf(finding)}: ${finding.message}.`, ...about],
    hop,
    scored: true,
  });
  if (known === undefined) return [notHere(card([], 'A'), 'How this finding could be shown is not known.')];
  if (typeof known !== 'function') return known.kind === 'shuts' ? [] : [notHere(card([], 'A'), known.why)];
  const demonstration = known(placed, world);
  if (typeof demonstration === 'string') return [notHere(card([], 'A'), demonstration)];
  return [
    {
      card: { ...card(demonstration.about, demonstration.hop), notHere: null },
      alone: demonstration.alone ?? false,
      run: (ground, signal) => perform(ground, finding, demonstration, signal),
    },
  ];
}

async function perform(
  ground: AttackGround,
  finding: Finding,
  demonstration: Demonstration,
  signal: AbortSignal,
): Promise<AttackResult> {
  const shown = await demonstration.show(ground, signal);
  const through = shown.outcome === 'got-through';
  const about: ResponsibleSetting = fileSetting(
    finding.code,
    finding.message,
    { file: finding.file, line: finding.line },
    through ? finding.remedy : null,
  );
  const more = (shown.settings ?? []).filter(({ advice }) => through || advice === null);
  return {
    ...shown,
    why: shown.why ?? [],
    settings: [about, ...more],
    trace: shown.trace ?? null,
    milliseconds: 0,
  };
}

/** The gateway or tablet of which `findOpenDoors` says the same when it looks at that one alone. */
function partOf(topology: Topology, finding: Finding): Pick<Placed, 'gateway' | 'tablet'> {
  const says = (part: Partial<Topology>): boolean =>
    findOpenDoors({ ...topology, gateways: [], tablets: [], ...part }, finding.file).some(
      ({ code, message, line, column }) =>
        code === finding.code && message === finding.message && line === finding.line && column === finding.column,
    );
  return {
    gateway: topology.gateways.find((gateway) => says({ gateways: [gateway] })) ?? null,
    tablet: topology.tablets.find((tablet) => says({ tablets: [tablet] })) ?? null,
  };
}

const placeId = ({ finding, gateway, tablet }: Placed): string =>
  gateway?.name ?? tablet?.alias ?? `${finding.file}:${finding.line}`;

const aimOf = ({ finding, gateway, tablet }: Placed): string =>
  gateway !== null ? `gateway ${gateway.name}` : tablet !== null ? `tablet ${tablet.alias}` : whereOf(finding);

const whereOf = ({ file, line }: Finding): string => (line > 0 ? `${file}, line ${line}` : file);

/** Words of codes that are not written as they are in a code. */
const spellings: Readonly<Record<string, string>> = {
  ...{ acl: 'ACL', ca: 'CA', crl: 'CRL', dns: 'DNS', grpc: 'gRPC', mtls: 'mTLS', mysql: 'MySQL', tls: 'TLS' },
};

/** The finding in a few words: its code without the part that says where it comes from. */
const titleOf = ({ code }: Finding): string => {
  const words = code
    .replace(/^[a-z-]+\./, '')
    .replace(/-plaintext$/, '-in-clear')
    .split('-')
    .map((word) => spellings[word] ?? word)
    .join(' ');
  // gRPC and mTLS are written so at the beginning too.
  return /^[a-z][A-Z]/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);
};
