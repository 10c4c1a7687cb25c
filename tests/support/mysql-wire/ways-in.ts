import { createTlsAcceptor } from '../../../src-main/servers/tls';
import type { AuthMethod } from '../../../src-main/servers/mysql-wire';
import { createPki } from '../tls-identities';
import { startServer, type RunningServer } from './start-server';
import { clientCertPolicy, staticPolicy, type Users } from './stub-policy';

/** Transports and methods of the wire tests, each a server of its own. */
export interface WayIn {
  readonly name: string;
  readonly transport: 'tcp' | 'tls' | 'mutual-tls' | 'unix';
  readonly method: AuthMethod | 'certificate';
}

export const waysIn: readonly WayIn[] = [
  { name: 'TCP, native', transport: 'tcp', method: 'mysql_native_password' },
  { name: 'TLS, native', transport: 'tls', method: 'mysql_native_password' },
  { name: 'mutual TLS, native', transport: 'mutual-tls', method: 'mysql_native_password' },
  { name: 'Unix socket, native', transport: 'unix', method: 'mysql_native_password' },
  { name: 'TLS, caching_sha2', transport: 'tls', method: 'caching_sha2_password' },
  { name: 'mutual TLS, caching_sha2', transport: 'mutual-tls', method: 'caching_sha2_password' },
  { name: 'Unix socket, caching_sha2', transport: 'unix', method: 'caching_sha2_password' },
  { name: 'TLS, cleartext', transport: 'tls', method: 'mysql_clear_password' },
  { name: 'mutual TLS, cleartext', transport: 'mutual-tls', method: 'mysql_clear_password' },
  { name: 'mutual TLS, client certificate', transport: 'mutual-tls', method: 'certificate' },
];

export const people: Users = { alice: [{ Password: 'pw1', UserData: 'alice_data' }] };

const pki = createPki();
const gateway = pki.leaf({ name: 'gateway', issuer: pki.intermediate, purposes: ['serverAuth'] });
export const alice = pki.leaf({ name: 'alice', purposes: ['clientAuth'], dnsNames: ['dev'], ipAddresses: [] });
export const rootPem: string = pki.root.pem;

export function startWayIn(way: WayIn): Promise<RunningServer> {
  const tls = { cert: gateway.cert, key: gateway.key };
  const secured = way.transport === 'mutual-tls' ? { ...tls, clientCa: pki.root.pem } : tls;
  const login =
    way.method === 'certificate' ? clientCertPolicy('mysql_clear_password') : staticPolicy(people, [way.method]).policy;
  return startServer({
    login,
    ...(way.transport === 'tcp' || way.transport === 'unix' ? {} : { tls: createTlsAcceptor(secured) }),
    unix: way.transport === 'unix',
  });
}
