import { randomBytes } from 'node:crypto';
import type { AttackResult, Evidence } from '../../../domain/attacks';
import { offerClearPassword, type ClearPasswordAnswer } from '../../../clients';
import type { AttackGround } from '../ground';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { addressOf, gatewayPlaces, settingOf, type GatewayPlace } from '../tls/places';
import { fidelityOf } from '../../workspace/load-workspace';

type Card = Omit<PlannedAttack['card'], 'notHere'>;

/** Methods by which a password crosses as it was typed (MySQL manual: Client-Side Cleartext Pluggable Authentication). */
const inClear = ['mysql_clear_password', 'dialog'];

const cardOf = (place: GatewayPlace | null): Card => ({
  id: `downgrade/cleartext/${place?.gateway.name ?? 'nowhere'}`,
  group: 'downgrade',
  title: 'A password in clear without TLS',
  aim: place?.aim ?? 'gateways for MySQL',
  about: [
    'A client without TLS names mysql_clear_password, first without a password, to see whether the gateway asks for it.',
    'Then it sends a made-up password in clear with its login packet, to see whether the gateway looks at it.',
  ],
  hop: 'A',
  scored: true,
});

/** Whether a gateway asks for passwords in clear on connections that anybody in between can read. */
export function clearPasswords(world: AttackWorld): PlannedAttack[] {
  const places = gatewayPlaces(world.workspace.topology).filter(({ kind }) => kind === 'mysql');
  if (places.length === 0) return [notHere(cardOf(null), 'No gateway of this workspace speaks MySQL.')];
  return places.map((place) => ({
    card: { ...cardOf(place), notHere: null },
    alone: false,
    run: (ground, signal) => run(ground, place, signal),
  }));
}

async function run(ground: AttackGround, place: GatewayPlace, signal: AbortSignal): Promise<AttackResult> {
  const target = addressOf(ground, place);
  const listener = place.gateway.mysql;
  if (target === null || listener === null) throw new Error(`${place.aim} does not run.`);
  const begun = performance.now();
  const method = listener.auth === 'clientcert' ? listener.clientCertMethod : 'mysql_clear_password';
  const user = 'gatehouse-attack';
  const made = randomBytes(12).toString('hex');
  const asked = (await offerClearPassword({ target, user, method, password: '', signal })).answer;
  const sent = (await offerClearPassword({ target, user, method, password: made, signal })).answer;
  const wants = asked.kind === 'switch' && inClear.includes(asked.method);
  const took = sent.kind === 'accepted' || (sent.kind === 'error' && !isRefusalOfWay(sent));
  const through = wants || took;
  const answered = [asked, sent].every(({ kind }) => kind !== 'closed');
  const evidence = [...evidenceOf('asked without a password', asked), ...evidenceOf('with a password in clear', sent)];
  const fidelity = fidelityOf(ground.workspace, place.gateway).mode;
  return {
    ...(through
      ? { outcome: 'got-through' as const, stoppedAt: null }
      : answered
        ? { outcome: 'stopped' as const, stoppedAt: { hop: 'A' as const, side: 'gateway' as const } }
        : { outcome: 'cannot-decide' as const, stoppedAt: null }),
    sentence: wants
      ? `Gateway ${place.gateway.name} asks for the password in clear over a connection without TLS.`
      : took
        ? `Gateway ${place.gateway.name} looked at a password that crossed in clear.`
        : answered
          ? `Gateway ${place.gateway.name} takes no password in clear without TLS.`
          : 'The connection ended, and nobody said why.',
    why: through
      ? ['Whoever stands between client and gateway reads the password as it was typed.']
      : ['A client that names this method itself has shown its password before the gateway can answer.'],
    evidence,
    settings: settingsOf(ground, place, { wants, took, fidelity }),
    trace: null,
    milliseconds: performance.now() - begun,
  };
}

/** Whether an error turns away the way in which the login was made, and not the password (vitess-behaviour §2.1). */
const isRefusalOfWay = ({ code, message }: { readonly code: number; readonly message: string }): boolean =>
  code === 2012 || message.includes('does not allow insecure connections');

function evidenceOf(when: string, answer: ClearPasswordAnswer): Evidence[] {
  const side = 'gateway';
  switch (answer.kind) {
    case 'switch':
      return [{ kind: 'bytes', side, text: `${when}: AuthSwitchRequest to ${answer.method}` }];
    case 'error': {
      const state = answer.sqlState === null ? '' : ` (${answer.sqlState})`;
      return [{ kind: 'error', side, text: `${when}: ${answer.code}${state}: ${answer.message.trim()}` }];
    }
    case 'accepted':
      return [{ kind: 'bytes', side, text: `${when}: OK, logged in` }];
    case 'closed':
      return [{ kind: 'closed', side, text: `${when}: ${answer.reason}` }];
  }
}

function settingsOf(
  ground: AttackGround,
  place: GatewayPlace,
  { wants, took, fidelity }: { readonly wants: boolean; readonly took: boolean; readonly fidelity: string },
): AttackResult['settings'] {
  const allow = settingOf(ground, place, ['allowClearTextWithoutTls'], 'false', {
    flag: '--mysql-allow-clear-text-without-tls',
    ...(wants ? { advice: 'Set mysql.allowClearTextWithoutTls to false.', change: false } : {}),
  });
  const require = settingOf(ground, place, ['requireSecureTransport'], 'false', {
    flag: '--mysql-server-require-secure-transport',
    ...((wants || took) && place.tls !== null
      ? { advice: 'Set mysql.requireSecureTransport to true.', change: true }
      : {}),
  });
  // Stock vtgate looks at a password in clear that a client sends of its own accord, whatever the first setting says.
  return took && !wants && fidelity === 'vitess' ? [require] : [allow, require];
}
