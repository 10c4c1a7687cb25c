import type { AttackCard, AttackResult } from '../../../domain/attacks';
import { parsePem } from '../../../domain/certs';
import { openInterceptor } from '../../../servers/interceptor';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { outsideSetting } from '../setting';
import { callersOf, connectionOf, type Caller } from '../tls/callers';
import { addressOf, type GatewayPlace } from '../tls/places';
import { faultWords, faultyPair, listenersFaults, type Fault, type Named } from './faults';

type ListenersFault = Exclude<Fault, 'none'>;

/** Every fault of a gateway's certificate, shown to a client that checks it as the workspace's tests say. */
export function shownToClients(world: AttackWorld, place: GatewayPlace): PlannedAttack[] {
  if (place.tls === null) return [];
  const by = callersOf(world, place).find(({ trust }) => trust !== null);
  const listed = listenersFaults.map((fault): PlannedAttack => {
    const { title, about } = faultWords[fault];
    const card: Omit<AttackCard, 'notHere'> = {
      ...{ id: `certificates/client-${fault}/${place.id}`, group: 'certificates' },
      title: `${title}, shown by a gateway`,
      aim: `clients of ${place.aim}`,
      about: [
        `A certificate is made for the gateway: ${about}.`,
        `Somebody shows it in front of ${place.aim} to ${by?.caller.name ?? 'a client'}, who checks certificate and name.`,
      ],
      // Which keys are too weak is built into a client's library.
      ...{ hop: 'A', scored: fault !== 'weak-key' },
      unscored: fault === 'weak-key' ? 'for-information' : null,
    };
    if (by === undefined)
      return notHere(
        card,
        `The workspace’s tests have no caller of ${place.aim} with a CA to check gateways by (gatewayTrust).`,
      );
    return {
      card: { ...card, notHere: null },
      alone: false,
      run: (ground, signal) => showToClient(ground, { place, by, fault, verifies: true }, signal),
    };
  });
  return [
    ...listed,
    notHere(
      {
        ...{ id: `certificates/client-revoked/${place.id}`, group: 'certificates' },
        title: 'A revoked certificate, shown by a gateway',
        aim: `clients of ${place.aim}`,
        about: ['A gateway shows a certificate that its authority has revoked.'],
        ...{ hop: 'A', scored: true },
      },
      'Whether a client reads a list of revoked certificates is its own affair (--ssl-crl); no file of a workspace says so.',
    ),
  ];
}

/** Shows a faulty certificate to a client in front of the gateway; `verifies` false: to one that checks nobody. */
export async function showToClient(
  ground: AttackGround,
  about: {
    readonly place: GatewayPlace;
    readonly by: Caller;
    readonly fault: ListenersFault;
    readonly verifies: boolean;
  },
  signal: AbortSignal,
): Promise<AttackResult> {
  const { place, by, fault, verifies } = about;
  const target = addressOf(ground, place);
  if (target === null || by.trust === null) throw new Error(`${place.aim} does not run.`);
  const pair = await faultyPair(ground, fault, by.trust, namesOf(ground, place, by));
  if (pair === null)
    return {
      ...{ outcome: 'not-here', stoppedAt: null, why: [], evidence: [], settings: [], trace: null, milliseconds: 0 },
      sentence: `No key of the authorities in ${by.trust} is in this workspace, so that nobody here can be given such a certificate.`,
    };
  const interceptor = await openInterceptor({ protocol: place.kind, target, identity: pair });
  try {
    const way = place.kind === 'mysql' ? 'mysql-tls-verified' : 'grpc-tls';
    const connection = {
      ...connectionOf(ground, by, by.transport.endsWith('mutual-tls') ? by.transport : way),
      ...(verifies ? {} : { tls: { verify: null } }),
      via: { target: interceptor.address, outgoing: interceptor.outgoing },
    };
    const run = await attackRun(ground, `client-${fault}/${place.id}`, connection, signal);
    const { total } = interceptor.intercepted();
    const seen = resultOf(run, { settings: [] });
    const taken = total.client > 0;
    const client = `“${by.caller.name}”`;
    const checks = verifies ? 'certificate and name are checked' : 'nobody is checked';
    return {
      ...seen,
      // What the client sends inside TLS is in the hands of whoever shows the certificate, whatever the gateway says.
      ...(taken ? { outcome: 'got-through' as const, stoppedAt: null } : {}),
      sentence: taken
        ? `${client} took the certificate and began to talk.`
        : seen.stoppedAt?.side === 'client'
          ? `${client} did not take the certificate, and hung up.`
          : 'The connection ended, and nobody said why.',
      why: [
        taken ? `${total.client} bytes that the client sent inside TLS were read.` : 'Nothing was sent inside TLS.',
      ],
      evidence: [
        ...seen.evidence,
        ...(taken
          ? [
              {
                kind: 'bytes' as const,
                side: 'client' as const,
                text: `${total.client} bytes of the client, out of TLS`,
              },
            ]
          : []),
      ],
      settings: [
        outsideSetting(
          place.kind === 'mysql' ? 'the client’s ssl-mode' : 'the client’s credentials',
          checks,
          taken && !verifies
            ? 'Have every client check certificate and name (VERIFY_IDENTITY) against the gateways’ CA.'
            : null,
        ),
      ],
    };
  } finally {
    await interceptor.close();
  }
}

function namesOf({ workspace }: AttackGround, { tls }: GatewayPlace, by: Caller): Named {
  const bytes = tls === null ? undefined : workspace.files.get(tls.cert);
  const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), '').certificates;
  return {
    purpose: 'serverAuth',
    commonName: leaf?.subject.commonName ?? by.serverName,
    dnsNames: leaf?.dnsNames ?? [by.serverName],
    ipAddresses: leaf?.ipAddresses ?? ['127.0.0.1'],
  };
}
