import { attackRun } from '../cells';
import { resultOf } from '../evidence';
import type { PlannedAttack } from '../planned';
import { attacksOnLink } from '../rogue-component/rogue-tablet';
import { attacksOnPort } from '../rogue-component/tablet-port';
import { callerWords, immediateAtTablet } from '../claimed-identity/claim';
import { grpcClaims } from '../claimed-identity/grpc-claims';
import { grpcPassword, uncertifiedInsider } from '../attackers';
import { byAuthorityOf } from '../issue-for';
import { doorsOf } from '../passwords/door';
import { guesses } from '../passwords/guesses';
import { emptyPasswords } from '../passwords/empty';
import { tabletBehind } from '../prize';
import { grpcWay } from '../ways-in';
import { keepPair } from '../keep-pair';
import { alsoAt, notShown, shownBy, type Demonstration, type Known } from './demonstration';

/** Another group's attack on the same place, as what this finding lets in. */
function borrowed(attack: PlannedAttack | undefined, missing: string): Demonstration | string {
  if (attack === undefined) return missing;
  const { card } = attack;
  if (card.notHere !== null) return card.notHere;
  return {
    about: card.about,
    hop: card.hop,
    alone: attack.alone,
    show: async (ground, signal) => alsoAt(card.id, shownBy(await attack.run(ground, signal))),
  };
}

const ending = (attacks: readonly PlannedAttack[], kind: string): PlannedAttack | undefined =>
  attacks.find(({ card }) => card.id.split('/')[1] === kind);

/** Everybody logs in, whatever the password. */
export const anyPassword: Known = ({ gateway }, world) => {
  const door = gateway === null ? undefined : doorsOf(world.workspace, gateway).find(({ file }) => file === '');
  if (door === undefined) return 'The gateway checks passwords after all.';
  return borrowed(
    ending(guesses(world, door), 'wrong') ?? emptyPasswords(world, door)[0],
    'There is nothing to log in to.',
  );
};

/** Somebody claims another's name. */
export const anyName: Known = ({ gateway }, world) =>
  borrowed(
    gateway === null ? undefined : ending(grpcClaims(world, gateway), 'principal'),
    'The gateway asks for certificates, which beat claimed names.',
  );

/** Somebody who is no gateway calls the tablet. */
export const anyGateway =
  (kind: 'plaintext' | 'no-certificate'): Known =>
  ({ tablet }, world) =>
    borrowed(tablet === null ? undefined : ending(attacksOnPort(world, tablet), kind), 'The finding names no tablet.');

/** A tablet that is not ours answers the gateway. */
export const anyTablet: Known = ({ gateway }, world) => {
  const tablet = tabletBehind(world.workspace);
  if (gateway === null || tablet === undefined) return 'There is no link.';
  return borrowed(ending(attacksOnLink(world, gateway, tablet), 'tablet-plaintext'), 'There is no link.');
};

/** A caller leaves TLS out where a certificate is asked for inside TLS. */
export const aroundTheCertificate: Known = ({ gateway }, { workspace }) => {
  if (gateway?.grpc == null) return 'The finding names no gRPC listener.';
  const insider = uncertifiedInsider(workspace, gateway);
  if (insider === null) return 'Without a certificate nobody passes the gateway’s authorisation (mtls).';
  return {
    about: [
      `Gateway ${gateway.name} asks for client certificates inside TLS.`,
      `${insider.user === null ? 'Somebody' : insider.words} calls it without TLS, and so without a certificate.`,
    ],
    hop: 'A',
    show: async (ground, signal) => {
      const password = grpcPassword(ground.workspace, gateway, insider.user);
      const connection = { gateway: gateway.name, transport: 'grpc-plain' as const, user: insider.user, password };
      const run = await attackRun(
        ground,
        `fail-open/optional-tls/${gateway.name}`,
        { ...connection, sql: 'select user()' },
        signal,
      );
      const found = resultOf(run, { settings: [] });
      const seenAs = immediateAtTablet(ground, run);
      return found.outcome === 'got-through'
        ? alsoAt(`downgrade/optional-tls/${gateway.name}/grpc`, {
            ...found,
            sentence: `Gateway ${gateway.name} answered a caller without a certificate${seenAs === null ? '' : `, as ${callerWords(seenAs)}`}.`,
            why: ['With optional TLS a caller chooses whether it is asked for a certificate.'],
          })
        : found;
    },
  };
};

/** A certificate of the right authority whose subject nobody has listed. */
export const anySubject: Known = ({ gateway }, { workspace }) => {
  const bundle = gateway?.grpc?.tls?.clientCa ?? null;
  const way = gateway === null ? null : grpcWay(workspace, gateway);
  if (gateway === null || bundle === null || way === null)
    return 'The gateway never sees a certificate, so it refuses everybody.';
  return {
    about: [
      `Somebody calls gateway ${gateway.name} with a certificate of the right authority in a name that is listed nowhere.`,
    ],
    hop: 'A',
    show: async (ground, signal) => {
      const subject = { commonName: 'listed-nowhere.invalid' };
      const pair = await byAuthorityOf(ground, bundle, { subject, extendedKeyUsage: ['clientAuth'] });
      if (pair === null)
        return notShown(
          'No key of the authorities of callers is in this workspace, so that nobody can be given such a certificate.',
        );
      const certificate = await keepPair(ground, `listed-nowhere-${gateway.name}`, pair);
      const connection = { gateway: gateway.name, ...way, user: null, certificate, sql: 'select user()' };
      const run = await attackRun(ground, `fail-open/subject/${gateway.name}`, connection, signal);
      const found = resultOf(run, { settings: [] });
      return found.outcome === 'got-through'
        ? {
            ...found,
            sentence: `Gateway ${gateway.name} took a certificate in the name "${subject.commonName}".`,
            why: ['An empty text occurs in every subject.'],
          }
        : found;
    },
  };
};
