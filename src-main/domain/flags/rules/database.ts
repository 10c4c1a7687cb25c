import { when, type FlagRule } from './rule';

const modes: ReadonlySet<string> = new Set(['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity']);
/** The bit of the MySQL protocol for TLS, as `--db-flags` carries it. */
const SSL_BIT = 2048;

/** vttablet's way to MySQL (vitess-behaviour §9.7, §11 number 46). */
export const database: FlagRule = ({ given, flag, program }) => {
  if (program === 'vtgate') return [];
  const overTcp = given.set('db-host') && !given.set('db-socket');
  const written = given.has('db-ssl-mode');
  const bit = (Number(given.text('db-flags')) & SSL_BIT) !== 0;
  const mode = written ? given.text('db-ssl-mode').toLowerCase() || 'preferred' : bit ? 'verify_identity' : 'disabled';
  const passwords = given.matching(/^db-[a-z]+-password$/).filter((name) => given.set(name));
  const plain = given.matching(/^db-[a-z]+-use-ssl$/).filter((name) => !given.on(name));
  return [
    ...when(!modes.has(mode), () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('db-ssl-mode')} has a value that ${program} refuses.`,
      remedy: 'Write verify_identity.',
      at: 'db-ssl-mode',
    })),
    ...when(overTcp && mode === 'disabled', () => ({
      code: 'flags.database-plain-text',
      level: 'error',
      message: written
        ? 'MySQL is reached over the network in plain text.'
        : `Without ${flag('db-ssl-mode')} MySQL is reached over the network in plain text, even when ${flag('db-ssl-ca')} is given.`,
      remedy: `Write ${flag('db-ssl-mode')}=verify_identity with ${flag('db-ssl-ca')}.`,
      at: written ? 'db-ssl-mode' : 'db-host',
    })),
    ...when(mode === 'preferred' || mode === 'required', () => ({
      code: 'flags.database-unverified',
      level: 'warning',
      message: 'The link to MySQL is encrypted and the server is not checked: anybody in between may be it.',
      remedy: `Write ${flag('db-ssl-mode')}=verify_identity with ${flag('db-ssl-ca')}.`,
      at: 'db-ssl-mode',
    })),
    ...when(mode === 'verify_ca', () => ({
      code: 'flags.database-any-name',
      level: 'warning',
      message: 'Any certificate of the authority passes as MySQL: the name is not compared.',
      remedy: `Write ${flag('db-ssl-mode')}=verify_identity.`,
      at: 'db-ssl-mode',
    })),
    ...when(
      mode === 'verify_identity' && /^[\d.]+$|:/.test(given.text('db-host')) && !given.set('db-server-name'),
      () => ({
        code: 'flags.database-address',
        level: 'warning',
        message: `With an address in ${flag('db-host')} verify_identity never succeeds: no certificate carries the name that is compared.`,
        remedy: `Give ${flag('db-server-name')} with a DNS name of MySQL's certificate.`,
        at: 'db-host',
      }),
    ),
    ...passwords.map((name) => ({
      code: 'flags.password-on-command-line',
      level: 'warning' as const,
      message: `${flag(name)} stands on the command line: every user of the machine can read it, and so can /debug/vars.`,
      remedy: `Write it to a file with mode 0600 and give ${flag('db-credentials-file')}.`,
      at: name,
    })),
    ...(mode === 'disabled' ? [] : plain).map((name) => ({
      code: 'flags.database-user-plain-text',
      level: 'warning' as const,
      message: `${flag(name)}=false leaves TLS out for this user.`,
      remedy: 'Remove it.',
      at: name,
    })),
  ];
};
