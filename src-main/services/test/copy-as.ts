import { isAbsolute, join } from 'node:path';
import type { CopyForm, CopiedTest } from '../../contract/areas/test';
import { maskSecrets } from '../../domain/errors';
import type { Cell } from '../../domain/probes';
import type { Gateway } from '../../domain/topology';
import { connectionSnippets, type SnippetInput } from '../certs/connection-snippets';
import { scriptSnippets } from '../certs/script-snippets';
import { isMade } from './made-certificate';
import { commandLine, grpcurlLine, type Dialled } from './command-lines';

/** What is copied, and from what. */
export interface CopyGround {
  readonly cell: Cell;
  readonly gateway: Gateway;
  /** Folder of the files that the test uses. */
  readonly dir: string;
  readonly address: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly database: string | null;
  readonly targetString: string;
  readonly fidelity: 'vitess' | 'hardened';
  /** Only where it was asked for; null: the copy prompts, or takes it from the environment. */
  readonly password: string | null;
}

const cannot = (why: string): CopiedTest => ({ text: null, why, notes: [] });

/**
 * A test as a command line or a program. Where a client cannot say the same, it says why instead of saying less: a copy
 * never checks less than the test did. A password is in it only when `password` is given, and on no command line.
 */
export function copyAs(form: CopyForm, ground: CopyGround): CopiedTest {
  const { cell, gateway, address, dir } = ground;
  const overMysql = cell.transport.startsWith('mysql-');
  if (cell.certificate !== null && isMade(cell.certificate))
    return cannot(
      'The certificate was made for this test and is in no file. Make a faulty copy under Certificates to have one.',
    );
  if (form === 'grpcurl' ? overMysql : !overMysql)
    return cannot(
      overMysql ? 'grpcurl speaks gRPC, and this test MySQL.' : 'This client speaks MySQL, and the test gRPC.',
    );
  const at = (path: string): string => (isAbsolute(path) ? path : join(dir, path));
  const verified = !['mysql-plain', 'mysql-tls', 'mysql-unix', 'grpc-plain'].includes(cell.transport);
  const host = 'socketPath' in address ? '' : address.host;
  const dialled = verified && cell.serverName === 'localhost' ? 'localhost' : host;
  if (verified && overMysql && cell.serverName !== dialled)
    return cannot(
      `Clients of MySQL verify the name that they dial: they cannot dial ${host} and demand ${cell.serverName}.`,
    );
  if (verified && overMysql && cell.trust === null)
    return cannot('The test trusts the authorities of the system; choose the authority of the gateway first.');
  const clientcert = gateway.mysql?.auth === 'clientcert';
  const needsNative =
    gateway.mysql?.auth === 'static' && (ground.fidelity === 'vitess' || cell.transport === 'mysql-plain');
  if (form === 'mysql' && needsNative)
    return cannot("MySQL's client has no mysql_native_password since 9.0, and this gateway offers nothing else here.");
  const masked = maskSecrets(cell.sql);
  const sql = ground.password === null ? masked.text : cell.sql;
  const notes = [
    ...(ground.password === null && masked.count > 0 ? ['A secret in the statement was masked.'] : []),
    ...(cell.password === 'wrong' && ground.password === null ? ['The test typed a wrong password.'] : []),
  ];
  const pair = cell.certificate === null ? null : { cert: at(cell.certificate), key: at(keyOf(cell.certificate)) };
  const where: Dialled = {
    address: 'socketPath' in address ? address : { host: dialled, port: address.port },
    user: cell.caller.user ?? '',
    database: ground.database,
    ca: cell.trust === null ? null : at(cell.trust),
    certificate: pair,
    protection: ['mysql-plain', 'grpc-plain', 'mysql-unix'].includes(cell.transport)
      ? 'none'
      : verified
        ? 'verified'
        : 'unverified',
    tlsOnly: cell.tlsOnly ?? null,
    clear: clientcert,
    askPassword: cell.password !== 'empty' && !clientcert,
    password: ground.password,
    sql,
  };
  if (form === 'mysql' || form === 'mariadb') return { text: commandLine(form, where), why: null, notes };
  if (form === 'grpcurl')
    return {
      text: grpcurlLine(where, {
        serverName: cell.serverName,
        target: ground.targetString,
        claimed: cell.caller.claimed,
      }),
      why: null,
      notes: [...notes, 'VITESS is the folder of a clone of Vitess: grpcurl needs its .proto files.'],
    };
  if (!verified || 'socketPath' in address || where.ca === null)
    return cannot('Programs are copied with verified TLS only: choose With TLS or Mutual TLS.');
  if (cell.tlsOnly !== undefined) notes.push('The program offers the TLS versions of its library.');
  const input: SnippetInput = {
    host: dialled,
    port: address.port,
    database: ground.database,
    user: where.user,
    auth: clientcert ? 'clientcert' : 'static',
    ca: where.ca,
    certificate: pair,
    sql,
  };
  const titles = { go: 'Go', java: 'Java', node: 'Node', python: 'Python', php: 'PHP' } as const;
  const text = [...connectionSnippets(input), ...scriptSnippets(input)].find(
    ({ title }) => title === titles[form],
  )?.text;
  if (ground.password !== null) notes.push('Programs take the password from MYSQL_PASSWORD; it is in none of them.');
  return { text: text ?? null, why: null, notes };
}

const keyOf = (certificate: string): string => certificate.replace(/-cert\.pem$/, '-key.pem');
