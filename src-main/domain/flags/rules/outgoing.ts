import { when, type FlagHit, type FlagRule, type FlagSituation } from './rule';

/** A link that a program dials: the family of its flags and what is at its other end. */
const families = [
  { family: 'tablet-grpc', to: 'tablets' },
  { family: 'tablet-manager-grpc', to: 'the tablet manager' },
  { family: 'binlog-player-grpc', to: 'the update stream of other tablets' },
] as const;

/** TLS of a dialling side: certificate and key, or a CA; 24.0.4 also a CRL (vitess-behaviour §3.6). */
function dials({ given, version }: FlagSituation, family: string): boolean {
  return (
    (given.set(`${family}-cert`) && given.set(`${family}-key`)) ||
    given.set(`${family}-ca`) ||
    (version !== '22' && given.set(`${family}-crl`))
  );
}

function familyHits(situation: FlagSituation, family: string, to: string): FlagHit[] {
  const { given, flag, version } = situation;
  const name = (part: string): string => `${family}-${part}`;
  const tls = dials(situation, family);
  const half = given.set(name('cert')) !== given.set(name('key'));
  const present = given.set(name('cert')) ? 'cert' : 'key';
  return [
    ...when(half && !tls, () => ({
      code: 'flags.half-a-certificate',
      level: 'error',
      message: `${flag(name(present))} alone: the link to ${to} is in plain text, without a word.`,
      remedy: `Give ${flag(name('cert'))}, ${flag(name('key'))} and ${flag(name('ca'))}.`,
      at: name(present),
    })),
    ...when(half && tls, () => ({
      code: 'flags.half-a-certificate',
      level: 'warning',
      message: `${flag(name(present))} alone is ignored: no certificate is shown to ${to}.`,
      remedy: `Give ${flag(name('cert'))} and ${flag(name('key'))}.`,
      at: name(present),
    })),
    ...when(!tls && !half && given.set(name('server-name')), () => ({
      code: 'flags.server-name-alone',
      level: 'error',
      message: `${flag(name('server-name'))} alone switches no TLS on: the link to ${to} is in plain text, without a word.`,
      remedy: `Give ${flag(name('ca'))}.`,
      at: name('server-name'),
    })),
    ...when(tls && !given.set(name('ca')), () => ({
      code: 'flags.system-roots',
      level: 'warning',
      message: `Without ${flag(name('ca'))} the authorities of the system vouch for ${to}: any public one.`,
      remedy: `Give ${flag(name('ca'))}.`,
      at: given.set(name('cert')) ? name('cert') : name('crl'),
    })),
    ...when(version === '22' && given.set(name('crl')) && !tls, () => ({
      code: 'flags.crl-without-ca',
      level: 'error',
      message: `${flag(name('crl'))} alone switches no TLS on in 22: the link to ${to} is in plain text.`,
      remedy: `Give ${flag(name('ca'))}.`,
      at: name('crl'),
    })),
  ];
}

/** Links that a program dials over gRPC (vitess-behaviour §3.6, §11 number 35). */
export const outgoingTls: FlagRule = (situation) => {
  const { given, flag, program } = situation;
  const dialled = given.matching(/-grpc-(ca|cert|key|crl|server-name)$/);
  return [
    ...families.flatMap(({ family, to }) => familyHits(situation, family, to)),
    ...when(program === 'vtgate' && !dialled.some((name) => name.startsWith('tablet-grpc-')), () => ({
      code: 'flags.link-plain-text',
      level: 'warning',
      message: 'The link to the tablets has no TLS: statements, rows and the names of callers cross in plain text.',
      remedy: `Give ${flag('tablet-grpc-ca')}, ${flag('tablet-grpc-cert')} and ${flag('tablet-grpc-key')}.`,
      at: null,
    })),
    ...when(
      given.set('grpc-auth-static-client-creds') && !families.some(({ family }) => dials(situation, family)),
      () => ({
        code: 'flags.grpc-passwords-in-clear',
        level: 'error',
        message: `The password of ${flag('grpc-auth-static-client-creds')} is sent to every server this program dials, in plain text.`,
        remedy: `Give ${flag(`${program === 'vtctld' ? 'tablet-manager-grpc' : 'tablet-grpc'}-ca`)}.`,
        at: 'grpc-auth-static-client-creds',
      }),
    ),
    ...when(
      given.set('topo-etcd-tls-ca') && !(given.set('topo-etcd-tls-cert') && given.set('topo-etcd-tls-key')),
      () => ({
        code: 'flags.etcd-plain-text',
        level: 'error',
        message: `${flag('topo-etcd-tls-ca')} alone is ignored: etcd is reached in plain text.`,
        remedy: `Give ${flag('topo-etcd-tls-cert')} and ${flag('topo-etcd-tls-key')} too.`,
        at: 'topo-etcd-tls-ca',
      }),
    ),
  ];
};
