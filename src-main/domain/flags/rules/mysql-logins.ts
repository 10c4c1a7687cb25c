import { faultBeforeUsers, faultBehindUsers, listensForMysql } from '../mysql-start';
import { when, type FlagRule } from './rule';

const impls: ReadonlySet<string> = new Set(['none', 'ldap', 'clientcert', 'static', 'vault']);

/** Who may log in to vtgate's MySQL port (vitess-behaviour §§1.1, 1.5, 2.2). */
export const mysqlLogins: FlagRule = ({ given, flag, program }) => {
  if (program !== 'vtgate') return [];
  const impl = given.set('mysql-auth-server-impl') ? given.text('mysql-auth-server-impl') : 'static';
  const listens = listensForMysql(given);
  const before = faultBeforeUsers(given)?.reason;
  const file = given.set('mysql-auth-server-static-file');
  const inline = given.set('mysql-auth-server-static-string');
  return [
    ...when(impl === 'none', () => ({
      code: 'flags.auth-none',
      level: 'error',
      message: 'With the authentication "none" everybody gets in, with any password, and is known as userData1.',
      remedy: `Write ${flag('mysql-auth-server-impl')}=static with ${flag('mysql-auth-server-static-file')}, or clientcert.`,
      at: 'mysql-auth-server-impl',
    })),
    ...when(!impls.has(impl), () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('mysql-auth-server-impl')} names no authentication that vtgate has; it does not start.`,
      remedy: 'Write static, clientcert, ldap or vault.',
      at: 'mysql-auth-server-impl',
    })),
    ...when(impl === 'static' && listens && !file && !inline, () => ({
      code: 'flags.static-without-file',
      level: 'error',
      message: 'vtgate has a MySQL port, static authentication and no users: it does not start.',
      remedy: `Give ${flag('mysql-auth-server-static-file')}.`,
      at: given.has('mysql-auth-server-impl') ? 'mysql-auth-server-impl' : 'mysql-server-port',
    })),
    ...when(impl === 'clientcert' && !given.set('mysql-server-ssl-ca'), () => ({
      code: 'flags.clientcert-without-ca',
      level: 'error',
      message: `The authentication "clientcert" is not there without ${flag('mysql-server-ssl-ca')}: vtgate does not start.`,
      remedy: `Give ${flag('mysql-server-ssl-ca')} with the authority of the callers.`,
      at: 'mysql-auth-server-impl',
    })),
    ...when(before === 'clientcert-method', () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('mysql-clientcert-auth-method')} names no method that vtgate has for certificates; it does not start.`,
      remedy: 'Write mysql_clear_password or dialog.',
      at: 'mysql-clientcert-auth-method',
    })),
    ...when(before === 'two-sources-of-users', () => ({
      code: 'flags.two-sources-of-users',
      level: 'error',
      message: `${flag('mysql-auth-server-static-file')} and ${flag('mysql-auth-server-static-string')} together: vtgate does not start.`,
      remedy: 'Leave the file only.',
      at: 'mysql-auth-server-static-string',
    })),
    ...when(faultBehindUsers(given)?.reason === 'default-workload', () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('mysql-default-workload')} names no workload that vtgate has; it does not start.`,
      remedy: 'Write OLTP or OLAP, or leave it out.',
      at: 'mysql-default-workload',
    })),
    ...when(faultBehindUsers(given)?.reason === 'tcp-version', () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('mysql-tcp-version')} names no network that vtgate has; it does not start.`,
      remedy: 'Write tcp, tcp4 or tcp6, or leave it out.',
      at: 'mysql-tcp-version',
    })),
    ...when((file || inline) && impl !== 'static', () => ({
      code: 'flags.users-file-ignored',
      level: impl === 'none' ? 'error' : 'warning',
      message: 'The static users are not looked at: another authentication is chosen.',
      remedy: `Write ${flag('mysql-auth-server-impl')}=static, or leave the users out.`,
      at: file ? 'mysql-auth-server-static-file' : 'mysql-auth-server-static-string',
    })),
    ...when(inline, () => ({
      code: 'flags.users-on-command-line',
      level: 'warning',
      message:
        'The users stand on the command line: every user of the machine can read them, and so can /debug/vars. They are never reloaded.',
      remedy: `Write them to a file with mode 0600 and give ${flag('mysql-auth-server-static-file')}.`,
      at: 'mysql-auth-server-static-string',
    })),
    ...when(given.on('mysql-allow-clear-text-without-tls'), () => ({
      code: 'flags.clear-text-passwords',
      level: 'error',
      message: `${flag('mysql-allow-clear-text-without-tls')} lets passwords cross in plain text.`,
      remedy: 'Remove it; clients that need clear text can use TLS.',
      at: 'mysql-allow-clear-text-without-tls',
    })),
    ...when(given.on('proxy-protocol'), () => ({
      code: 'flags.proxy-protocol',
      level: 'warning',
      message: `${flag('proxy-protocol')}: whoever connects may claim any address, also one of a Unix socket, which SourceHost believes.`,
      remedy: 'Let only the proxy reach the port.',
      at: 'proxy-protocol',
    })),
    ...when(given.text('vschema-ddl-authorized-users') === '%', () => ({
      code: 'flags.vschema-everybody',
      level: 'warning',
      message: `With % in ${flag('vschema-ddl-authorized-users')} every caller may change the routing of all keyspaces.`,
      remedy: 'Name the callers by their UserData.',
      at: 'vschema-ddl-authorized-users',
    })),
    ...when(given.text('binlog-dump-authorized-users') === '%' && given.on('enable-binlog-dump'), () => ({
      code: 'flags.binlog-everybody',
      level: 'error',
      message: `With % in ${flag('binlog-dump-authorized-users')} every caller may read all changes of all tables, past table ACLs.`,
      remedy: 'Name the callers by their UserData.',
      at: 'binlog-dump-authorized-users',
    })),
    ...when(given.on('allow-kill-statement'), () => ({
      code: 'flags.kill',
      level: 'info',
      message: `${flag('allow-kill-statement')}: every caller may end the statements of every other.`,
      remedy: 'Leave it out unless all callers trust each other.',
      at: 'allow-kill-statement',
    })),
  ];
};
