import type { AttackResult, Evidence } from '../../../domain/attacks';
import { clientHello, sendFirst, type HelloAnswer, type HelloVersion } from '../../../clients';
import { alertName } from '../../../servers/tls';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { outsideSetting } from '../setting';
import { addressOf, atStart, backendPlaces, gatewayPlaces, settingOf, tabletPlaces, type Place } from '../tls/places';
import { refusalAt } from '../tls/records';

const words: Readonly<Record<HelloVersion, { readonly id: string; readonly name: string; readonly rfc: string }>> = {
  TLSv1: { id: 'tls-1.0', name: 'TLS 1.0', rfc: 'RFC 2246' },
  'TLSv1.1': { id: 'tls-1.1', name: 'TLS 1.1', rfc: 'RFC 4346' },
  'TLSv1.2': { id: 'tls-1.2', name: 'TLS 1.2', rfc: 'RFC 5246' },
};
const versionNames: Readonly<Record<number, string>> = {
  0x0300: 'SSL 3.0',
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
};

const hex = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ');
const number = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

/** Old versions of TLS at every port that speaks TLS. TLS 1.2 is an attack only where the setting asks for 1.3. */
export function oldVersions(world: AttackWorld): PlannedAttack[] {
  const { topology } = world.workspace;
  const places: readonly Place[] = [
    ...gatewayPlaces(topology),
    ...tabletPlaces(topology),
    ...backendPlaces(topology),
  ].filter((place) =>
    place.kind === 'backend' ? topology.backends[place.path[1] as number]?.tls !== null : place.tls !== null,
  );
  return (['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const).flatMap((version) => {
    // A MySQL's versions are its own affair.
    const own = version === 'TLSv1.2' ? places.filter(({ kind }) => kind !== 'backend') : places;
    if (own.length === 0) return [notHere(cardOf(version, null, true), 'Nothing in this workspace speaks TLS.')];
    return own.map((place): PlannedAttack => {
      const scored = version !== 'TLSv1.2' || place.tls?.minVersion === 'TLSv1.3';
      return {
        card: { ...cardOf(version, place, scored), notHere: null },
        alone: false,
        run: (ground, signal) => offer(ground, place, version, signal),
      };
    });
  });
}

function cardOf(version: HelloVersion, place: Place | null, scored: boolean): Omit<PlannedAttack['card'], 'notHere'> {
  const { id, name, rfc } = words[version];
  return {
    id: `downgrade/${id}/${place?.id ?? 'nowhere'}`,
    group: 'downgrade',
    title: `${name} at most`,
    aim: place?.aim ?? 'ports with TLS',
    about: [
      `A ClientHello that offers nothing newer than ${name} is written byte by byte (${rfc}), since libraries of today refuse to send one.`,
      'The first record that comes back is read: an alert, or a ServerHello that takes the offer.',
      ...(scored ? [] : [`This port is set to take ${name}, so this only shows what is agreed on.`]),
    ],
    hop: place?.hop ?? 'A',
    ...{ scored, unscored: scored ? null : 'for-information' },
  };
}

/** Offers `version` at `place` and reads what is answered. */
export async function offer(
  ground: AttackGround,
  place: Place,
  version: HelloVersion,
  signal: AbortSignal,
): Promise<AttackResult> {
  const target = addressOf(ground, place);
  if (target === null) throw new Error(`${place.aim} does not run.`);
  const overMysql = place.kind === 'mysql' || place.kind === 'backend';
  const bytes = clientHello({ version, serverName: 'localhost', alpn: overMysql ? [] : ['h2'] });
  const begun = performance.now();
  const { answer, localAddress } = await sendFirst({
    ...{ target, bytes, signal },
    protocol: overMysql ? 'mysql' : 'tls',
  });
  const refusal = answer.kind === 'server-hello' ? null : await refusalAt(ground, place, localAddress);
  return {
    ...judged(place, version, answer, refusal?.evidence ?? []),
    settings: [responsible(ground, place, version, answer.kind === 'server-hello')],
    trace: null,
    milliseconds: performance.now() - begun,
  };
}

type Judged = Pick<AttackResult, 'outcome' | 'stoppedAt' | 'sentence' | 'why' | 'evidence'>;

function judged(place: Place, version: HelloVersion, answer: HelloAnswer, record: readonly Evidence[]): Judged {
  const { name } = words[version];
  const { side } = place;
  const part = atStart(place.part);
  const stoppedAt = { hop: place.hop, side };
  switch (answer.kind) {
    case 'alert': {
      const alert = `${alertName(answer.number)} (${answer.number})`;
      return {
        ...{ outcome: 'stopped', stoppedAt },
        sentence: `${part} answered ${name} with the alert ${alert}.`,
        why: [`Nothing newer than ${name} was offered, and this port takes nothing so old.`],
        evidence: [{ kind: 'alert', side, text: `${alert}: ${hex(answer.bytes)}` }, ...record],
      };
    }
    case 'server-hello': {
      const chosen = versionNames[answer.version] ?? number(answer.version);
      const text = `ServerHello: ${chosen} (${number(answer.version)}), cipher suite ${number(answer.cipher)}: ${hex(answer.bytes)} …`;
      return {
        ...{ outcome: 'got-through', stoppedAt: null },
        sentence: `${part} agreed on ${chosen}.`,
        why: [`It takes ${chosen} from whoever offers nothing newer.`],
        evidence: [{ kind: 'bytes', side, text }],
      };
    }
    case 'other':
    case 'none': {
      const text = answer.kind === 'none' ? answer.reason : `bytes that are no TLS: ${hex(answer.bytes)}`;
      const evidence: Evidence[] = [{ kind: 'closed', side, text }, ...record];
      return record.length > 0
        ? {
            ...{ outcome: 'stopped', stoppedAt, evidence },
            sentence: `${part} ended the connection and recorded why.`,
            why: record.map((one) => one.text),
          }
        : {
            ...{ outcome: 'cannot-decide', stoppedAt: null, evidence },
            sentence: `${part} did not take ${name}, and nobody said why.`,
            why: ['Neither an alert nor a record of the other side was seen.'],
          };
    }
  }
}

function responsible(ground: AttackGround, place: Place, version: HelloVersion, through: boolean) {
  if (place.kind === 'backend')
    return outsideSetting(
      `${place.part}: tls_version`,
      'its own default',
      through ? 'Set tls_version to TLSv1.2,TLSv1.3 in the options of MySQL.' : null,
    );
  const value = place.tls?.minVersion ?? 'TLSv1.2';
  const flag = place.kind === 'mysql' ? { flag: '--mysql-server-tls-min-version' } : {};
  return settingOf(ground, place, ['tls', 'minVersion'], value, {
    ...flag,
    ...(through && version === 'TLSv1.2'
      ? { advice: 'Set tls.minVersion to TLSv1.3 where every client has it.', change: 'TLSv1.3' }
      : {}),
  });
}
