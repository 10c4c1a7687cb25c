import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import { parsePem } from '../../../domain/certs';
import { wireView, type WireView } from '../../../domain/trace';
import { openInterceptor, type Interceptor } from '../../../servers/interceptor';
import { alertNumber } from '../../../servers/tls';
import type { TestRun } from '../../test/run-test';
import { attackRun, type AttackConnection } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { byImpostor } from '../issue-for';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { outsideSetting } from '../setting';
import { callersOf, connectionOf, type Caller } from '../tls/callers';
import { addressOf, atStart, gatewayPlaces, settingOf, type GatewayPlace } from '../tls/places';
import { refusalAt } from '../tls/records';

/** Whom the man in the middle meets: a client that verifies the gateway, one that does not, or a port without TLS. */
type Victim = 'client-verifies' | 'client-verifies-nobody' | 'in-clear';

const titles: Readonly<Record<Victim, string>> = {
  'client-verifies': 'A man in the middle before a client that verifies',
  'client-verifies-nobody': 'A man in the middle before a client that verifies nobody',
  'in-clear': 'A man in the middle where nothing is encrypted',
};

/** A man in the middle between clients and every listener of every gateway. */
export function beforeGateways(world: AttackWorld): PlannedAttack[] {
  return gatewayPlaces(world.workspace.topology).flatMap((place) => {
    const victims: readonly Victim[] =
      place.tls === null ? ['in-clear'] : ['client-verifies', 'client-verifies-nobody'];
    const [by] = callersOf(world, place);
    return victims.map((victim): PlannedAttack => {
      const card = cardOf(place, victim, by);
      if (by === undefined)
        return notHere(
          card,
          `The workspace’s tests have no caller of ${place.aim} whose password is known and who may read.`,
        );
      if (victim === 'client-verifies' && by.trust === null)
        return notHere(card, 'The workspace’s tests name no CA with which callers check gateways (gatewayTrust).');
      return {
        card: { ...card, notHere: null },
        alone: false,
        run: (ground, signal) => stand(ground, place, by, victim, signal),
      };
    });
  });
}

function cardOf(place: GatewayPlace, victim: Victim, by: Caller | undefined): Omit<AttackCard, 'notHere'> {
  const who = by?.caller.name ?? 'a client';
  return {
    id: `man-in-the-middle/${victim}/${place.id}`,
    group: 'man-in-the-middle',
    title: titles[victim],
    aim: place.aim,
    about: [
      victim === 'in-clear'
        ? `Somebody stands between ${who} and ${place.aim} and passes on what crosses.`
        : `Somebody stands between ${who} and ${place.aim}, ends TLS with a certificate of a CA of its own, and opens TLS anew to the gateway.`,
      victim === 'client-verifies'
        ? `${who} checks the certificate and the name, as it should.`
        : victim === 'client-verifies-nobody'
          ? `${who} encrypts and checks nobody, as many clients do by default: this shows what that costs, and tells nothing against the workspace.`
          : `${who} connects as the gateway asks.`,
      'What it could read is looked up in what passed; a password is never shown.',
    ],
    hop: 'A',
    scored: victim !== 'client-verifies-nobody',
    unscored: victim === 'client-verifies-nobody' ? 'weak-on-purpose' : null,
  };
}

async function stand(
  ground: AttackGround,
  place: GatewayPlace,
  by: Caller,
  victim: Victim,
  signal: AbortSignal,
): Promise<AttackResult> {
  const target = addressOf(ground, place);
  if (target === null) throw new Error(`${place.aim} does not run.`);
  const identity = victim === 'in-clear' ? null : byImpostor(ground, 'CA', likeGateway(ground, place, by));
  const protocol = place.kind;
  const interceptor = await openInterceptor({ protocol, target, identity });
  try {
    const connection = victimsConnection(ground, by, victim);
    const via = { target: interceptor.address, outgoing: interceptor.outgoing };
    const run = await attackRun(ground, `man-in-the-middle/${place.id}`, { ...connection, via }, signal);
    const reads = readIn(interceptor, run, connection);
    if (run.attempt.stage === 'done') return wasRead(ground, place, by, victim, run, reads);
    return await ended(ground, place, by, victim, run, interceptor, reads);
  } finally {
    await interceptor.close();
  }
}

/** The names of the gateway's own certificate: all that can be copied of it. */
function likeGateway({ workspace }: AttackGround, place: GatewayPlace, by: Caller) {
  const bytes = place.tls === null ? undefined : workspace.files.get(place.tls.cert);
  const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), '').certificates;
  return {
    subject: { commonName: leaf?.subject.commonName ?? by.serverName },
    dnsNames: leaf?.dnsNames ?? [by.serverName],
    ipAddresses: leaf?.ipAddresses ?? ['127.0.0.1'],
    extendedKeyUsage: ['serverAuth'],
  } as const;
}

function victimsConnection(ground: AttackGround, by: Caller, victim: Victim): AttackConnection {
  const way = by.transport.startsWith('mysql-') ? 'mysql' : 'grpc';
  if (victim === 'in-clear') return connectionOf(ground, by, `${way}-plain`);
  const mutual = by.transport.endsWith('mutual-tls') ? by.transport : null;
  const verifying = connectionOf(ground, by, mutual ?? (way === 'mysql' ? 'mysql-tls-verified' : 'grpc-tls'));
  return victim === 'client-verifies' ? verifying : { ...verifying, tls: { verify: null } };
}

/** What could be read of what passed, looked up in the bytes themselves. */
export function readIn(interceptor: Interceptor, run: TestRun, connection: AttackConnection): WireView['reads'] {
  const transport = connection.transport.startsWith('mysql-') ? 'mysql-plain' : 'grpc-plain';
  return wireView(interceptor.intercepted(), run.attempt, {
    ...{ transport, user: connection.user ?? null, sql: connection.sql },
    secret: run.typed,
  }).reads;
}

/** `a`, `a and b`, `a, b and c`. */
export const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

/** What was read, as a list for a sentence. */
export const readWords = (reads: WireView['reads']): string[] => [
  ...(reads.user ? ['the user name'] : []),
  ...(reads.password === 'readable' ? ['the password as it was typed'] : []),
  ...(reads.password === 'hash' ? ['a hash of the password with its salt'] : []),
  ...(reads.statement ? ['the statement'] : []),
  ...(reads.answer === true ? ['the rows'] : []),
];

function wasRead(
  ground: AttackGround,
  place: GatewayPlace,
  by: Caller,
  victim: Victim,
  run: TestRun,
  reads: WireView['reads'],
): AttackResult {
  const words = readWords(reads);
  const seen = resultOf(run, { settings: [] });
  return {
    ...seen,
    ...(words.length === 0
      ? { outcome: 'cannot-decide' as const, stoppedAt: null }
      : { outcome: 'got-through' as const, stoppedAt: null }),
    sentence:
      words.length === 0
        ? `“${by.caller.name}” was served, and nothing that passed could be made sense of.`
        : `The man in the middle read ${inWords(words)} of “${by.caller.name}”, who was served and noticed nothing.`,
    why: [
      victim === 'in-clear'
        ? 'Nothing is encrypted on this way.'
        : 'Encryption without a check of the other end protects from listeners only, not from somebody who answers himself.',
      'He can change statements and rows just as well.',
    ],
    evidence: [{ kind: 'bytes', side: 'client', text: `read in between: ${words.join(', ')}` }, ...seen.evidence],
    settings: settings(ground, place, victim, true),
  };
}

async function ended(
  ground: AttackGround,
  place: GatewayPlace,
  by: Caller,
  victim: Victim,
  run: TestRun,
  interceptor: Interceptor,
  reads: WireView['reads'],
): Promise<AttackResult> {
  const seen = resultOf(run, { settings: [] });
  const heard = interceptor.refusals();
  const alerts: Evidence[] = heard.flatMap(({ by: who, alert }) =>
    alert === null ? [] : [{ kind: 'alert', side: who === 'client' ? 'client' : 'gateway', text: alertNumber(alert) }],
  );
  const refusal = seen.stoppedAt?.side === 'client' ? null : await refusalAt(ground, place, interceptor.outgoing());
  const evidence = [
    ...seen.evidence.filter(({ kind }) => kind !== 'record' || refusal === null),
    ...(refusal?.evidence ?? []),
    ...alerts,
  ];
  const words = readWords(reads);
  const had =
    words.length === 0 ? 'Nothing was read in between.' : `Read in between before it ended: ${inWords(words)}.`;
  if (seen.stoppedAt?.side === 'client')
    return {
      ...seen,
      evidence,
      sentence: `“${by.caller.name}” saw that it was not the gateway, and hung up.`,
      why: [had],
      settings: settings(ground, place, victim, false),
    };
  const byGateway = refusal !== null || seen.stoppedAt !== null || alerts.some(({ side }) => side === 'gateway');
  return {
    ...seen,
    ...(byGateway
      ? { outcome: 'stopped' as const, stoppedAt: { hop: 'A' as const, side: 'gateway' as const } }
      : { outcome: 'cannot-decide' as const, stoppedAt: null }),
    evidence,
    sentence: byGateway
      ? `${atStart(place.part)} did not serve the man in the middle, who cannot show “${by.caller.name}”’s certificate.`
      : 'The connection ended, and nobody said why.',
    why: [had],
    settings:
      byGateway && place.tls?.clientCa != null ? [clientCa(ground, place)] : settings(ground, place, victim, false),
  };
}

const clientCa = (ground: AttackGround, place: GatewayPlace): ResponsibleSetting =>
  settingOf(ground, place, ['tls', 'clientCa'], 'none', {
    flag: place.kind === 'mysql' ? '--mysql-server-ssl-ca' : '--grpc-ca',
  });

function settings(ground: AttackGround, place: GatewayPlace, victim: Victim, through: boolean): ResponsibleSetting[] {
  if (victim === 'in-clear')
    return [
      settingOf(ground, place, ['tls'], 'none', {
        flag: place.kind === 'mysql' ? '--mysql-server-ssl-cert' : '--grpc-cert',
        ...(through ? { advice: `Set ${place.kind}.tls.` } : {}),
      }),
    ];
  const value = victim === 'client-verifies' ? 'certificate and name are checked' : 'nobody is checked';
  return [
    outsideSetting(
      place.kind === 'mysql' ? 'the client’s ssl-mode' : 'the client’s credentials',
      value,
      through ? 'Have every client check certificate and name (VERIFY_IDENTITY) against the gateways’ CA.' : null,
    ),
  ];
}
