import type { GivenFlags } from './given-flags';

/** A value with which vtgate does not start. */
export interface StartFault {
  readonly reason:
    | 'clientcert-method'
    | 'two-sources-of-users'
    | 'no-such-auth-server'
    | 'default-workload'
    | 'tcp-version'
    | 'tls-version';
  /** Flag whose value it is. */
  readonly flag: string;
}

const minVersions: ReadonlySet<string> = new Set(['', 'tlsv1.0', 'tlsv1.1', 'tlsv1.2', 'tlsv1.3']);

const workloads: ReadonlySet<string> = new Set(['UNSPECIFIED', 'OLTP', 'OLAP', 'DBA']);

/** Whether vtgate speaks MySQL at all: without a port and a socket it looks at none of these flags. */
export const listensForMysql = (given: GivenFlags): boolean =>
  (given.set('mysql-server-port') && Number(given.text('mysql-server-port')) >= 0) ||
  given.set('mysql-server-socket-path');

/** TLS on the MySQL port needs both; one alone is forgotten (vitess-behaviour §2.2). */
export const speaksMysqlTls = (given: GivenFlags): boolean =>
  given.set('mysql-server-ssl-cert') && given.set('mysql-server-ssl-key');

/** What vtgate refuses before it reads the users file, whatever authentication is chosen; null: nothing. */
export function faultBeforeUsers(given: GivenFlags): StartFault | null {
  if (!listensForMysql(given)) return null;
  const method = given.has('mysql-clientcert-auth-method')
    ? given.text('mysql-clientcert-auth-method')
    : 'mysql_clear_password';
  if (given.set('mysql-server-ssl-ca') && method !== 'mysql_clear_password' && method !== 'dialog')
    return { reason: 'clientcert-method', flag: 'mysql-clientcert-auth-method' };
  if (given.set('mysql-auth-server-static-file') && given.set('mysql-auth-server-static-string'))
    return { reason: 'two-sources-of-users', flag: 'mysql-auth-server-static-string' };
  return null;
}

/** Authentication as vtgate knows it: default static, compared letter by letter. */
export const chosenAuthServer = (given: GivenFlags): string =>
  given.has('mysql-auth-server-impl') ? given.text('mysql-auth-server-impl') : 'static';

/** Authentications that are there with these flags: each but none needs flags of its own (vitess-behaviour §1.5). */
export function authServers(given: GivenFlags): ReadonlySet<string> {
  const has = (...flags: readonly string[]): boolean => flags.some((flag) => given.set(flag));
  return new Set([
    'none',
    ...(has('mysql-server-ssl-ca') ? ['clientcert'] : []),
    ...(has('mysql-auth-server-static-file', 'mysql-auth-server-static-string') ? ['static'] : []),
    ...(has('mysql-ldap-auth-config-file', 'mysql-ldap-auth-config-string') ? ['ldap'] : []),
    ...(has('mysql-auth-vault-addr') ? ['vault'] : []),
  ]);
}

/** What vtgate refuses once its users are read and before it reads certificates; null: nothing. */
export function faultBehindUsers(given: GivenFlags): StartFault | null {
  if (!listensForMysql(given)) return null;
  if (!authServers(given).has(chosenAuthServer(given)))
    return { reason: 'no-such-auth-server', flag: 'mysql-auth-server-impl' };
  const workload = given.has('mysql-default-workload') ? given.text('mysql-default-workload').toUpperCase() : 'OLTP';
  if (!workloads.has(workload)) return { reason: 'default-workload', flag: 'mysql-default-workload' };
  if (given.has('mysql-tcp-version') && !['tcp', 'tcp4', 'tcp6'].includes(given.text('mysql-tcp-version')))
    return { reason: 'tcp-version', flag: 'mysql-tcp-version' };
  const onTcp = given.set('mysql-server-port') && Number(given.text('mysql-server-port')) >= 0;
  if (onTcp && speaksMysqlTls(given) && !minVersions.has(given.text('mysql-server-tls-min-version').toLowerCase()))
    return { reason: 'tls-version', flag: 'mysql-server-tls-min-version' };
  return null;
}
