import type { AttackCard } from '../../../domain/attacks';
import { NO_AUTHENTICATION_USER } from '../../../domain/identity';
import type { Gateway } from '../../../domain/topology';
import { certifiedInsiders } from '../attackers';
import { settingsOf } from '../named-settings';
import { notHere, type AttackWorld, type PlannedAttack } from '../planned';
import { noPrize, prizeOf, tabletBehind } from '../prize';
import { mysqlWay } from '../ways-in';
import { claimAttack } from './claim';

/** A MySQL login under a name that the client's proof does not carry: another one than the certificate's, or any at all. */
export function loginNames(world: AttackWorld, gateway: Gateway): PlannedAttack[] {
  const { workspace } = world;
  const { mysql, name } = gateway;
  const tablet = tabletBehind(workspace);
  const way = mysqlWay(workspace, gateway);
  if (mysql === null || tablet === undefined || way === null || mysql.auth === 'static') return [];
  const byCertificate = mysql.auth === 'clientcert';
  const card = (about: readonly string[]): Omit<AttackCard, 'group' | 'scored' | 'notHere'> => ({
    id: `claimed-identity/login-name/${name}/mysql`,
    title: byCertificate ? 'A login name that is not the certificate’s' : 'A login name that nobody checks',
    aim: `gateway ${name}, MySQL`,
    about,
    hop: 'A',
  });
  const none = {
    words: 'anybody',
    user: null,
    certificate: null,
    own: { username: NO_AUTHENTICATION_USER, groups: [] },
  };
  const holders = certifiedInsiders(workspace, gateway);
  const insiders = byCertificate
    ? holders
    : mysql.tls?.clientCa == null
      ? [none]
      : holders.map((holder) => ({ ...holder, own: none.own }));
  for (const insider of insiders) {
    const prize = prizeOf(workspace, tablet, insider.own);
    const principal = prize?.principal ?? null;
    if (prize === null || principal === null) continue;
    return [
      claimAttack({
        card: card([
          byCertificate
            ? `${capital(insider.words)} shows it to gateway ${name} and logs in as "${principal}".`
            : `${capital(insider.words)} logs in at gateway ${name} as "${principal}", with any password.`,
          `It reads the table ${prize.table}, which is open to "${principal}" and not to it.`,
        ]),
        who: insider.words,
        prize,
        because: 'The gateway took the login name for the caller.',
        connection: () =>
          Promise.resolve({
            ...{ gateway: name, ...way, user: principal, certificate: insider.certificate, sql: prize.sql },
            password: byCertificate ? '' : 'any',
          }),
        settings: (now) => [
          settingsOf(now)(
            {
              path: ['gateways', now.topology.gateways.findIndex((item) => item.name === name), 'mysql', 'auth'],
              name: `gateway ${name}: mysql.auth`,
              flag: '--mysql-auth-server-impl',
              ...(byCertificate ? {} : { advice: 'Set mysql.auth to "static" or "clientcert".' }),
            },
            mysql.auth,
          ),
        ],
      }),
    ];
  }
  return [
    notHere(
      { ...card([]), group: 'claimed-identity', scored: true },
      insiders.length === 0
        ? 'No caller of the workspace’s tests shows a certificate to this gateway.'
        : noPrize(tablet),
    ),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
