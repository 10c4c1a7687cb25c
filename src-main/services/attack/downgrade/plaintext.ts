import type { AttackResult, Evidence } from '../../../domain/attacks';
import { sendFirst } from '../../../clients';
import { wireView } from '../../../domain/trace';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { callersOf, connectionOf, type Caller } from '../tls/callers';
import {
  addressOf,
  atStart,
  gatewayPlaces,
  settingOf,
  tabletPlaces,
  type GatewayPlace,
  type TabletPlace,
} from '../tls/places';
import { refusalAt } from '../tls/records';

type Card = Omit<PlannedAttack['card'], 'notHere'>;

/** A client that leaves TLS out, at every port that gateways and tablets listen on. */
export function plaintext(world: AttackWorld): PlannedAttack[] {
  const { topology } = world.workspace;
  return [
    ...gatewayPlaces(topology).map((place) => atGateway(world, place)),
    ...aroundNothing(topology.gateways.some(({ grpc }) => grpc?.tls?.clientCa != null)),
    ...tabletPlaces(topology).map(atTablet),
  ];
}

/** Where no gateway demands certificates over gRPC, there is nothing for optional TLS to lead around. */
function aroundNothing(demanded: boolean): PlannedAttack[] {
  if (demanded) return [];
  const card: Card = {
    id: 'downgrade/optional-tls/nowhere',
    group: 'downgrade',
    title: 'Optional TLS around the client certificate',
    aim: 'gateways for gRPC',
    about: ['A caller leaves TLS out, and with it the certificate that is demanded inside TLS.'],
    ...{ hop: 'A', scored: true },
  };
  return [notHere(card, 'No gateway of this workspace demands a client certificate over gRPC (clientCa).')];
}

function atGateway(world: AttackWorld, place: GatewayPlace): PlannedAttack {
  const around = place.kind === 'grpc' && place.tls?.clientCa != null;
  const card: Card = {
    id: `downgrade/${around ? 'optional-tls' : 'plaintext'}/${place.id}`,
    group: 'downgrade',
    title: around ? 'Optional TLS around the client certificate' : 'Plaintext in place of TLS',
    aim: place.aim,
    about: around
      ? [
          'A caller leaves TLS out, and with it the certificate that is demanded inside TLS.',
          'It claims to be a caller that the workspace knows, and asks for a table.',
        ]
      : [
          'A client that is known to the workspace connects without TLS, logs in and asks for a table.',
          'A listener between the two reads what crosses in clear.',
        ],
    ...{ hop: 'A', scored: true },
  };
  const [by] = callersOf(world, place);
  if (by === undefined)
    return notHere(
      card,
      `The workspace’s tests have no caller of ${place.aim} whose password is known and who may read.`,
    );
  return {
    card: { ...card, notHere: null },
    alone: false,
    run: (ground, signal) => withoutTls(ground, place, by, around, signal),
  };
}

async function withoutTls(
  ground: AttackGround,
  place: GatewayPlace,
  by: Caller,
  around: boolean,
  signal: AbortSignal,
): Promise<AttackResult> {
  const connection = connectionOf(ground, by, `${place.kind}-plain`);
  const claimed = by.caller.claimed ?? { principal: by.caller.user ?? by.caller.name, groups: [] };
  const run = await attackRun(
    ground,
    `plaintext/${place.id}`,
    { ...connection, ...(around ? { claimed } : {}), listen: true },
    signal,
  );
  const seen = resultOf(run, { settings: [] });
  const { attempt, capture } = run;
  // A tablet that answers, with rows or with a refusal of its own, was reached without TLS and without a certificate.
  const reached = attempt.stage === 'done' || run.trace.actual.stoppedAt === 'tablet';
  const reads =
    capture === null
      ? null
      : wireView(capture, attempt, {
          ...{ transport: connection.transport, user: connection.user ?? null, sql: connection.sql },
          secret: run.typed,
        }).reads;
  const password =
    reads?.password === 'readable'
      ? 'the password as it was typed'
      : reads?.password === 'hash'
        ? 'a hash of the password, good for trying passwords at leisure'
        : null;
  const crossed = [reads?.statement === true ? 'the statement' : null, password].filter((text) => text !== null);
  const bytes: Evidence[] =
    crossed.length === 0 ? [] : [{ kind: 'bytes', side: 'client', text: `read in between: ${crossed.join(', ')}` }];
  const settings = [settingFor(ground, place, reached)];
  if (!reached)
    return {
      ...seen,
      sentence:
        crossed.length === 0
          ? seen.sentence
          : `Gateway ${place.gateway.name} did not serve “${by.caller.name}” without TLS, and the statement never reached the tablet; ${crossed.join(' and ')} had crossed for everybody in between to read.`,
      evidence: [...seen.evidence, ...bytes],
      why: [
        ...seen.why,
        ...(password === null
          ? []
          : [`The client had sent ${password} before it was refused: only a client that demands TLS itself keeps it.`]),
      ],
      settings,
    };
  return {
    ...seen,
    ...{ outcome: 'got-through', stoppedAt: null },
    sentence: around
      ? `Gateway ${place.gateway.name} took a call without TLS, and so without the certificate that it demands.`
      : `Gateway ${place.gateway.name} served “${by.caller.name}” without TLS.`,
    why: [
      `Whoever stands in between reads ${crossed.length === 0 ? 'all of it' : crossed.join(', ')}, and can change it.`,
    ],
    evidence: [...seen.evidence, ...bytes],
    settings,
  };
}

function settingFor(ground: AttackGround, place: GatewayPlace, reached: boolean): AttackResult['settings'][number] {
  if (place.tls === null)
    return settingOf(ground, place, ['tls'], 'none', {
      flag: place.kind === 'mysql' ? '--mysql-server-ssl-cert' : '--grpc-cert',
      ...(reached ? { advice: `Set ${place.kind}.tls.` } : {}),
    });
  if (place.kind === 'mysql')
    return settingOf(ground, place, ['requireSecureTransport'], 'false', {
      flag: '--mysql-server-require-secure-transport',
      ...(reached ? { advice: 'Set mysql.requireSecureTransport to true.', change: true } : {}),
    });
  return settingOf(ground, place, ['optionalTls'], 'false', {
    flag: '--grpc-enable-optional-tls',
    ...(reached ? { advice: 'Set grpc.optionalTls to false.', change: false } : {}),
  });
}

/** How an HTTP/2 client begins (RFC 9113 §3.4), with empty SETTINGS. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const SETTINGS = 4;

function atTablet(place: TabletPlace): PlannedAttack {
  return {
    card: {
      id: `downgrade/plaintext/${place.id}`,
      group: 'downgrade',
      title: 'Plaintext in place of TLS',
      aim: place.aim,
      about: ['The tablet’s port is dialled without TLS, as gRPC begins (HTTP/2), and its first bytes are read.'],
      ...{ hop: 'C', scored: true, notHere: null },
    },
    alone: false,
    run: async (ground, signal) => {
      const target = addressOf(ground, place);
      if (target === null) throw new Error(`${place.aim} does not run.`);
      const begun = performance.now();
      const { answer, localAddress } = await sendFirst({ target, protocol: 'tls', bytes: PREFACE, signal });
      const clear = answer.kind === 'other' && answer.bytes[3] === SETTINGS;
      const refusal = clear ? null : await refusalAt(ground, place, localAddress);
      const said: Evidence[] =
        answer.kind === 'other'
          ? [
              {
                kind: 'bytes',
                side: 'tablet',
                text: `in clear: ${clear ? 'HTTP/2 SETTINGS, ' : ''}${answer.bytes.toString('hex')}`,
              },
            ]
          : [{ kind: 'closed', side: 'tablet', text: answer.kind === 'none' ? answer.reason : `a TLS ${answer.kind}` }];
      const setting = settingOf(ground, place, ['tls'], place.tls === null ? 'none' : 'set', {
        flag: '--grpc-cert',
        ...(clear ? { advice: 'Set grpc.tls, with clientCa.' } : {}),
      });
      return {
        ...(clear
          ? { outcome: 'got-through' as const, stoppedAt: null }
          : refusal !== null
            ? { outcome: 'stopped' as const, stoppedAt: { hop: 'C' as const, side: 'tablet' as const } }
            : { outcome: 'cannot-decide' as const, stoppedAt: null }),
        sentence: clear
          ? `${atStart(place.aim)} speaks gRPC in clear with whoever reaches its port.`
          : refusal !== null
            ? `${atStart(place.aim)} refused a client that does not speak TLS.`
            : `${atStart(place.aim)} did not answer, and nobody said why.`,
        why: clear
          ? ['Statements, rows and callers’ names cross this link in clear.']
          : (refusal?.evidence ?? []).map(({ text }) => text),
        evidence: [...said, ...(refusal?.evidence ?? [])],
        settings: [setting],
        trace: null,
        milliseconds: performance.now() - begun,
      };
    },
  };
}
