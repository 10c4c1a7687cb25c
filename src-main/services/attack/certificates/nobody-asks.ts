import type { AttackCard, AttackResult } from '../../../domain/attacks';
import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { AttackGround } from '../ground';
import { byImpostor } from '../issue-for';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { prizeOf } from '../prize';
import { callTablet } from '../rogue-component/direct-call';
import { callersOf, connectionOf, type Caller } from '../tls/callers';
import { atStart, settingOf, type GatewayPlace, type TabletPlace } from '../tls/places';

const STRANGER = { subject: { commonName: 'a stranger' }, extendedKeyUsage: ['clientAuth'] } as const;

/** A port that asks for no certificate: where a password decides that is no hole, and else anybody’s certificate is as good. */
export function nobodyAsks(world: AttackWorld, place: GatewayPlace | TabletPlace): PlannedAttack {
  const card: Omit<AttackCard, 'notHere'> = {
    id: `certificates/not-asked/${place.id}`,
    group: 'certificates',
    title: 'A certificate of nobody we know',
    aim: place.aim,
    about: [
      `Somebody who has nothing but a certificate of a CA of its own asks ${place.aim} for a table.`,
      'This port is set up to ask for no certificate.',
    ],
    ...{ hop: place.hop, scored: true },
  };
  if (place.tls === null)
    return notHere(
      card,
      `${atStart(place.aim)} speaks no TLS, so that nobody shows a certificate; see "Plaintext in place of TLS".`,
    );
  const password =
    place.kind === 'tablet'
      ? place.tablet.grpc.authMode === 'static'
      : place.kind === 'mysql'
        ? place.gateway.mysql?.auth === 'static'
        : place.gateway.grpc?.authMode === 'static';
  if (password) return notHere(card, `${atStart(place.aim)} asks for no certificate: a password decides who comes in.`);
  if (place.kind === 'tablet') {
    const prize = prizeOf(world.workspace, place.tablet, null);
    if (prize === null) return notHere(card, 'The tablet has no table that could be asked for.');
    const { sql, principal } = prize;
    return {
      card: { ...card, notHere: null },
      alone: false,
      run: (ground, signal) => atTablet(ground, place, { sql, principal }, signal),
    };
  }
  const [by] = callersOf(world, place);
  if (by === undefined)
    return notHere(card, `The workspace’s tests have no caller of ${place.aim} who may read a table.`);
  return {
    card: { ...card, notHere: null },
    alone: false,
    run: (ground, signal) => atGateway(ground, place, by, signal),
  };
}

const setting = (ground: AttackGround, place: GatewayPlace | TabletPlace, through: boolean) =>
  settingOf(ground, place, ['tls', 'clientCa'], 'none', {
    flag: place.kind === 'mysql' ? '--mysql-server-ssl-ca' : '--grpc-ca',
    ...(through ? { advice: 'Name the authority whose certificates are to be shown here.' } : {}),
  });

async function atGateway(
  ground: AttackGround,
  place: GatewayPlace,
  by: Caller,
  signal: AbortSignal,
): Promise<AttackResult> {
  const connection = connectionOf(ground, by, place.kind === 'mysql' ? 'mysql-tls-verified' : 'grpc-tls');
  const pair = byImpostor(ground, 'somebody’s own CA', STRANGER);
  const run = await attackRun(ground, `not-asked/${place.id}`, { ...connection, tls: pair }, signal);
  const through = run.attempt.stage === 'done';
  return {
    ...resultOf(run, { settings: [setting(ground, place, through)] }),
    ...(through ? { sentence: `${atStart(place.part)} served somebody whom it knows by nothing.` } : {}),
  };
}

async function atTablet(
  ground: AttackGround,
  place: TabletPlace,
  { sql, principal }: { readonly sql: string; readonly principal: string | null },
  signal: AbortSignal,
): Promise<AttackResult> {
  const begun = performance.now();
  const pair = byImpostor(ground, 'somebody’s own CA', STRANGER);
  const { seen } = await callTablet(
    ground,
    place.tablet,
    { tls: { verify: null, ...pair }, immediate: { username: principal ?? 'anybody', groups: [] }, sql },
    signal,
  );
  const through = seen.outcome === 'got-through';
  return {
    ...seen,
    sentence: through
      ? `${atStart(place.part)} answered whoever dialled it, as ${principal ?? 'anybody'}.`
      : `${atStart(place.part)} did not answer a stranger.`,
    why: through ? ['It asks for no certificate and for no password, and believes whom it is told.'] : [],
    settings: [setting(ground, place, through)],
    trace: null,
    milliseconds: performance.now() - begun,
  };
}
