import { when, type FlagHit, type FlagRule, type FlagSituation } from './rule';

/** Names of the flags of one listening side. */
interface Listener {
  readonly what: string;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly crl: string;
}

const mysql: Listener = {
  what: 'the MySQL port',
  cert: 'mysql-server-ssl-cert',
  key: 'mysql-server-ssl-key',
  ca: 'mysql-server-ssl-ca',
  crl: 'mysql-server-ssl-crl',
};
const grpc: Listener = {
  what: 'the gRPC port',
  cert: 'grpc-cert',
  key: 'grpc-key',
  ca: 'grpc-ca',
  crl: 'grpc-crl',
};

/** TLS is on only with certificate and key (vitess-behaviour §§2.2, 3.5). */
const speaksTls = ({ given }: FlagSituation, side: Listener): boolean => given.set(side.cert) && given.set(side.key);

/** What both listeners have in common: half a pair, a CA or a CRL that cannot work. */
function listenerHits(situation: FlagSituation, side: Listener): FlagHit[] {
  const { given, flag, version } = situation;
  const tls = speaksTls(situation, side);
  const half = given.set(side.cert) !== given.set(side.key);
  const present = given.set(side.cert) ? side.cert : side.key;
  const missing = given.set(side.cert) ? side.key : side.cert;
  const refused = version === '22' ? '' : ' Releases from 23.0.7 and 24.0.4 on refuse to start with it.';
  return [
    ...when(half, () => ({
      code: 'flags.half-a-certificate',
      level: 'error',
      message: `${flag(present)} without ${flag(missing)}: ${side.what} stays in plain text, without a word.`,
      remedy: `Give ${flag(missing)} too.`,
      at: present,
    })),
    ...when(given.set(side.ca) && !tls, () => ({
      code: 'flags.ca-without-certificate',
      level: 'error',
      message: `${flag(side.ca)} is ignored without ${flag(side.cert)} and ${flag(side.key)}: nobody is asked for a certificate.`,
      remedy: `Give ${flag(side.cert)} and ${flag(side.key)}.`,
      at: side.ca,
    })),
    ...when(given.set(side.crl) && !(tls && given.set(side.ca)), () => ({
      code: 'flags.crl-without-ca',
      level: 'error',
      message: `${flag(side.crl)} has no effect without ${tls ? flag(side.ca) : `${flag(side.cert)}, ${flag(side.key)} and ${flag(side.ca)}`}: revoked certificates are not refused.${refused}`,
      remedy: `Give ${flag(side.ca)}, or leave the list out.`,
      at: side.crl,
    })),
  ];
}

/** vtgate's MySQL port: TLS and what it demands (vitess-behaviour §2.2, §11 numbers 10 to 12). */
export const mysqlTls: FlagRule = (situation) => {
  const { given, flag, program } = situation;
  if (program !== 'vtgate') return [];
  const tls = speaksTls(situation, mysql);
  const required = given.on('mysql-server-require-secure-transport');
  const listens = Number(given.text('mysql-server-port')) >= 0 && given.set('mysql-server-port');
  return [
    ...listenerHits(situation, mysql),
    ...when(required && !tls, () => ({
      code: 'flags.secure-transport-ignored',
      level: 'error',
      message: `${flag('mysql-server-require-secure-transport')} is ignored without ${flag(mysql.cert)} and ${flag(mysql.key)}: logins in plain text are let in.`,
      remedy: `Give ${flag(mysql.cert)} and ${flag(mysql.key)}.`,
      at: 'mysql-server-require-secure-transport',
    })),
    ...when(tls && !required, () => ({
      code: 'flags.plain-text-logins',
      level: given.set(mysql.ca) ? 'error' : 'warning',
      message: given.set(mysql.ca)
        ? `${flag(mysql.ca)} binds only callers with TLS: without it anybody may still log in, and needs no certificate.`
        : 'TLS is offered and not required: passwords and data may cross in plain text.',
      remedy: `Add ${flag('mysql-server-require-secure-transport')}.`,
      at: given.set(mysql.ca) ? mysql.ca : mysql.cert,
    })),
    ...when(listens && !tls && !given.set(mysql.cert) && !given.set(mysql.key) && !required, () => ({
      code: 'flags.mysql-plain-text',
      level: 'warning',
      message: 'The MySQL port has no TLS: passwords and data cross in plain text.',
      remedy: `Give ${flag(mysql.cert)}, ${flag(mysql.key)} and ${flag('mysql-server-require-secure-transport')}.`,
      at: 'mysql-server-port',
    })),
    ...when(/^TLSv1\.[01]$/i.test(given.text('mysql-server-tls-min-version')), () => ({
      code: 'flags.old-tls',
      level: 'warning',
      message: `${flag('mysql-server-tls-min-version')} lets versions of TLS in that are broken.`,
      remedy: 'Leave it out, which means TLSv1.2, or write TLSv1.3.',
      at: 'mysql-server-tls-min-version',
    })),
    ...when(
      given.set('mysql-server-tls-min-version') && !/^TLSv1\.[0-3]$/i.test(given.text('mysql-server-tls-min-version')),
      () => ({
        code: 'flags.value',
        level: 'error',
        message: `${flag('mysql-server-tls-min-version')} has a value that vtgate refuses when TLS is configured.`,
        remedy: 'Write TLSv1.2 or TLSv1.3.',
        at: 'mysql-server-tls-min-version',
      }),
    ),
    ...when(given.set('mysql-server-socket-path') && (required || given.set(mysql.ca)), () => ({
      code: 'flags.socket-beside-tls',
      level: 'info',
      message: 'The Unix socket is open to every user of the machine and asks for no TLS, whatever the port demands.',
      remedy: 'Put the socket in a folder that only those may enter who should use it, or leave it out.',
      at: 'mysql-server-socket-path',
    })),
  ];
};

/** The gRPC port of any program: who may call it (vitess-behaviour §§3.5, 4.3, §11 numbers 21 and 38). */
export const grpcTls: FlagRule = (situation) => {
  const { given, flag, program } = situation;
  const tls = speaksTls(situation, grpc);
  const optional = given.on('grpc-enable-optional-tls');
  const listens = given.set('grpc-port') && given.text('grpc-port') !== '0';
  const trusted = program !== 'vtgate';
  const anybody =
    program === 'vttablet'
      ? 'whoever reaches the port may claim to be any caller, and table ACLs believe it'
      : program === 'vtctld'
        ? 'whoever reaches the port may change the cluster'
        : 'whoever reaches the port may call';
  return [
    ...listenerHits(situation, grpc),
    ...when(listens && !tls && !given.set(grpc.cert) && !given.set(grpc.key), () => ({
      code: 'flags.grpc-plain-text',
      level: trusted ? 'error' : 'warning',
      message: `The gRPC port has no TLS: ${anybody}.`,
      remedy: `Give ${flag(grpc.cert)}, ${flag(grpc.key)} and ${flag(grpc.ca)}.`,
      at: 'grpc-port',
    })),
    ...when(tls && !given.set(grpc.ca), () => ({
      code: 'flags.grpc-no-client-ca',
      level: trusted ? 'error' : 'warning',
      message: `TLS without ${flag(grpc.ca)} encrypts and checks nobody: ${anybody}.`,
      remedy: `Give ${flag(grpc.ca)} with the authority of those who may call.`,
      at: grpc.cert,
    })),
    ...when(optional, () => ({
      code: 'flags.optional-tls',
      level: given.set(grpc.ca) || trusted ? 'error' : 'warning',
      message: given.set(grpc.ca)
        ? `${flag('grpc-enable-optional-tls')} lets calls in plain text pass beside ${flag(grpc.ca)}: they show no certificate.`
        : `${flag('grpc-enable-optional-tls')} lets calls in plain text pass.`,
      remedy: 'Remove it when every client speaks TLS; it is for the time of a migration.',
      at: 'grpc-enable-optional-tls',
    })),
  ];
};
