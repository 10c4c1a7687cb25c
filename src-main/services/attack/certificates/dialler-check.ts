import { setTimeout as pause } from 'node:timers/promises';
import type { AttackCard, AttackResult } from '../../../domain/attacks';
import { fidelityOf } from '../../workspace/load-workspace';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { atStart } from '../tls/places';
import type { Door, Shown } from './doors';
import { diallersFaults, faultWords, faultyPair, takesWeakKeys, type Fault, type FaultyPair } from './faults';
import { aclBehind, doorSettings, type Doubt } from './door-settings';
import { rewriteCrl, takeOver } from './revocation';

type Card = Omit<AttackCard, 'notHere'>;

const cardOf = (door: Door, kind: string, title: string, about: readonly string[]): Card => ({
  ...{ id: `certificates/${kind}/${door.place.id}`, group: 'certificates', title, about },
  aim: door.place.aim,
  ...{ hop: door.place.hop, scored: true },
});

/** Everything that can be wrong with the certificate of whoever dials this door. */
export function diallersAt({ workspace }: AttackWorld, door: Door): PlannedAttack[] {
  const shows = `Somebody shows it at ${door.place.aim}, in place of ${door.as}, and asks for a table.`;
  const single = diallersFaults.map((fault): PlannedAttack => {
    const { title, about } = faultWords[fault];
    const stock = fault === 'weak-key' && modeAt({ workspace }, door) === 'vitess';
    const card: Card = {
      ...cardOf(door, fault, title, [`A certificate is made: ${about}.`, shows, ...(stock ? [takesWeakKeys] : [])]),
      ...(stock ? { scored: false, unscored: 'for-information' } : {}),
    };
    const byName = fault === 'wrong-name' || fault === 'no-common-name';
    return {
      card: { ...card, notHere: byName ? door.comparesNoNames : null },
      alone: false,
      run: (ground, signal) => showFaulty(ground, door, fault, signal),
    };
  });
  const listed = door.crl !== null;
  const revoked = listed
    ? `Its serial number is put on the list ${door.crl ?? ''}, and the list is reloaded.`
    : 'It is revoked; this port reads no list of revoked certificates that could tell.';
  const resumed = cardOf(door, 'revoked-resumed', 'A revoked certificate in a resumed TLS session', [
    'With a certificate that is right in everything a TLS session begins.',
    revoked,
    `The session is resumed at ${door.place.aim}, so that no certificate is shown again.`,
  ]);
  return [
    ...single,
    {
      card: {
        ...cardOf(door, 'revoked', 'A revoked certificate', [
          'A certificate is made, right in everything.',
          revoked,
          shows,
        ]),
        notHere: null,
      },
      alone: listed,
      run: (ground, signal) => showRevoked(ground, door, false, signal),
    },
    listed
      ? {
          card: { ...resumed, notHere: null },
          alone: true,
          run: (ground, signal) => showRevoked(ground, door, true, signal),
        }
      : notHere(
          resumed,
          'No list of revoked certificates is read here, so resumption makes no difference; see "A revoked certificate".',
        ),
    {
      card: {
        ...cardOf(door, 'crl-out-of-date', 'A list of revoked certificates that is out of date', [
          'The list of revoked certificates ends before there is a new one.',
          'A certificate that the old list cannot name is shown: nobody knows any more whether it is revoked.',
        ]),
        notHere: listed ? null : 'This port reads no list of revoked certificates; see "A revoked certificate".',
      },
      alone: true,
      run: (ground, signal) => showAfterEnd(ground, door, signal),
    },
  ];
}

const noKey = (door: Door): AttackResult => ({
  ...{ outcome: 'not-here', stoppedAt: null, why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
  sentence: `No key of the authorities in ${door.bundle} is in this workspace, so that nobody here can be given such a certificate.`,
});

const honest = new WeakMap<AttackGround, Map<string, Promise<boolean>>>();

/** Whether a certificate without a fault is taken; without that a refusal says nothing about a fault. */
function takesHonest(ground: AttackGround, door: Door, signal: AbortSignal): Promise<boolean> {
  const known = honest.get(ground) ?? new Map<string, Promise<boolean>>();
  honest.set(ground, known);
  let taken = known.get(door.place.id);
  if (taken === undefined) {
    taken = faultyPair(ground, 'none', door.bundle, door.named).then(async (pair) => {
      if (pair === null) return false;
      return (await door.show(ground, pair, {}, signal)).taken;
    });
    known.set(door.place.id, taken);
  }
  return taken;
}

/** The result, explained by the part's own record where the trace has no more to say. */
const told = ({ result }: Shown): Shown['result'] => ({
  ...result,
  why:
    result.why.length > 0
      ? result.why
      : result.evidence.filter(({ kind }) => kind === 'record').map(({ text }) => text),
});

const undecided = (shown: Shown, why: string): AttackResult => ({
  ...shown.result,
  ...{ outcome: 'cannot-decide', stoppedAt: null, settings: [], why: [why] },
  sentence: 'Nothing can be said of the fault.',
});

async function showFaulty(
  ground: AttackGround,
  door: Door,
  fault: Exclude<Fault, 'none'>,
  signal: AbortSignal,
): Promise<AttackResult> {
  const pair = await faultyPair(ground, fault, door.bundle, door.named);
  if (pair === null) return noKey(door);
  const shown = await door.show(ground, pair, {}, signal);
  // Who is named decides behind the handshake too: at the login, or at the table ACL.
  const byName = fault === 'wrong-name' || fault === 'no-common-name';
  if (shown.taken && !byName) return through(ground, door, fault, shown, faultWords[fault].title);
  if (shown.result.outcome === 'got-through') return through(ground, door, fault, shown, faultWords[fault].title);
  if (pair.signer !== null && !(await takesHonest(ground, door, signal)))
    return undecided(shown, 'A certificate without the fault is not taken here either.');
  const result = told(shown);
  return {
    ...result,
    sentence:
      door.place.kind !== 'tablet' && result.stoppedAt?.hop === 'A'
        ? `${atStart(door.place.part)} did not let in whoever showed ${atInside(faultWords[fault].title)}.`
        : result.sentence,
    settings: doorSettings(ground, door, fault, false),
  };
}

/** A title within a sentence. */
const atInside = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function through(
  ground: AttackGround,
  door: Door,
  doubt: Doubt,
  { result, resumed }: Shown,
  title: string | null,
): AttackResult {
  const { part } = door.place;
  return {
    ...result,
    ...{ outcome: 'got-through', stoppedAt: null },
    sentence:
      title === null
        ? `The list of revoked certificates is out of date, and the certificate was taken all the same: ${part} served whoever showed it.`
        : `${title} was taken: ${part} served whoever showed it.`,
    why: [
      ...(resumed === true ? ['The TLS session was resumed, and nobody looked at its certificate again.'] : []),
      ...reasonOf(ground, door, doubt),
    ],
    settings: doorSettings(ground, door, doubt, true),
  };
}

function reasonOf(ground: AttackGround, door: Door, doubt: Doubt): string[] {
  if (doubt === 'revoked' && door.crl === null)
    return [`${atStart(door.place.part)} reads no list of revoked certificates (crl), so that none is ever refused.`];
  if (doubt === 'crl-out-of-date')
    return ['A stock program only warns when its list is out of date: what is not on the old list passes.'];
  if (doubt === 'weak-key' && modeAt(ground, door) === 'vitess')
    return ['A stock program takes RSA keys from 1024 bits on.'];
  if ((doubt === 'wrong-name' || doubt === 'no-common-name') && aclBehind(ground, door).length > 0)
    return ['The table ACL lets pass what it denies.'];
  return [];
}

export const modeAt = ({ workspace }: Pick<AttackGround, 'workspace'>, { place }: Door): string =>
  fidelityOf(workspace, place.kind === 'tablet' ? null : (workspace.topology.gateways[place.path[1] as number] ?? null))
    .mode;

/** A certificate that was good, revoked, and shown again: in a new handshake, or in a session that began before. */
async function showRevoked(
  ground: AttackGround,
  door: Door,
  resume: boolean,
  signal: AbortSignal,
): Promise<AttackResult> {
  const pair = await faultyPair(ground, 'none', door.bundle, door.named);
  if (pair === null || pair.signer === null) return noKey(door);
  let session: Buffer | undefined;
  const before = await door.show(ground, pair, { onSession: (ticket) => (session = ticket) }, signal);
  if (!before.taken) return undecided(before, 'The certificate was not taken before it was revoked either.');
  if (resume && session === undefined)
    return {
      ...before.result,
      ...{ outcome: 'stopped', stoppedAt: { hop: door.place.hop, side: door.place.side } },
      sentence: `${atStart(door.place.part)} hands out no TLS sessions that could be resumed.`,
      why: ['Every connection shows its certificate anew.'],
      evidence: [{ kind: 'record', side: door.place.side, text: 'No session ticket came with the handshake.' }],
      settings: doorSettings(ground, door, 'revoked', false),
    };
  const more = resume && session !== undefined ? { session } : {};
  return withList(ground, door, pair, { serial: pair.serial }, async () => {
    const shown = await door.show(ground, pair, more, signal);
    if (shown.taken) return through(ground, door, 'revoked', shown, 'A revoked certificate');
    return {
      ...shown.result,
      why: [
        ...(resume
          ? [
              shown.resumed === true
                ? 'The session was resumed and its certificate judged again by the new list.'
                : 'The session was not resumed: with the new list come new keys for sessions, so the certificate had to be shown.',
            ]
          : []),
        ...told(shown).why,
      ],
      settings: doorSettings(ground, door, 'revoked', false),
    };
  });
}

async function showAfterEnd(ground: AttackGround, door: Door, signal: AbortSignal): Promise<AttackResult> {
  const pair = await faultyPair(ground, 'none', door.bundle, door.named);
  if (pair === null || pair.signer === null) return noKey(door);
  const before = await door.show(ground, pair, {}, signal);
  if (!before.taken) return undecided(before, 'The certificate was not taken while the list was good either.');
  return withList(
    ground,
    door,
    pair,
    { end: modeAt(ground, door) === 'hardened' ? 'past' : 'soon' },
    async () => {
      const shown = await door.show(ground, pair, {}, signal);
      if (shown.taken) return through(ground, door, 'crl-out-of-date', shown, null);
      return { ...told(shown), settings: doorSettings(ground, door, 'crl-out-of-date', false) };
    },
    signal,
  );
}

/** Does `work` while the door's list is changed, and puts the old one into force again. */
async function withList(
  ground: AttackGround,
  door: Door,
  pair: FaultyPair,
  change: Parameters<typeof rewriteCrl>[3],
  work: () => Promise<AttackResult>,
  signal?: AbortSignal,
): Promise<AttackResult> {
  if (door.crl === null || pair.signer === null) return work();
  const { endsAt, restore } = await rewriteCrl(ground, door.crl, pair.signer, change);
  try {
    await takeOver(ground, change.end);
    if (change.end === 'soon') {
      const left = endsAt.getTime() + 20 - ground.clock.now().getTime();
      await pause(Math.max(0, left), undefined, signal === undefined ? {} : { signal });
    }
    return await work();
  } finally {
    await restore();
    await takeOver(ground);
  }
}
