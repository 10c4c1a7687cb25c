import { readFileSync } from 'node:fs';
import type { SecureVersion } from 'node:tls';
import type { GivenFlags } from '../../../../src-main/domain/flags';
import type { ServerTlsConfig } from '../../../../src-main/servers/tls';

/** Flags of one listening side. */
interface Names {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly crl: string;
  readonly serverCa: string;
  readonly minVersion?: string;
}

export const mysqlTlsFlags: Names = {
  cert: 'mysql-server-ssl-cert',
  key: 'mysql-server-ssl-key',
  ca: 'mysql-server-ssl-ca',
  crl: 'mysql-server-ssl-crl',
  serverCa: 'mysql-server-ssl-server-ca',
  minVersion: 'mysql-server-tls-min-version',
};

export const grpcTlsFlags: Names = {
  cert: 'grpc-cert',
  key: 'grpc-key',
  ca: 'grpc-ca',
  crl: 'grpc-crl',
  serverCa: 'grpc-server-ca',
};

/** A file of a listener that cannot be read; Vitess says which by its words. */
export class UnreadableFile extends Error {
  constructor(readonly reason: 'certificate' | 'client-ca' | 'crl') {
    super(`cannot read the ${reason}`);
  }
}

function read(path: string, reason: UnreadableFile['reason']): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UnreadableFile(reason);
  }
}

const versions: Readonly<Record<string, SecureVersion>> = {
  'tlsv1.0': 'TLSv1',
  'tlsv1.1': 'TLSv1.1',
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.3': 'TLSv1.3',
};

/** TLS of a listener with its files read; undefined without certificate or key. Throws UnreadableFile. */
export function tlsOf(given: GivenFlags, names: Names): ServerTlsConfig | undefined {
  if (!given.set(names.cert) || !given.set(names.key)) return undefined;
  const minVersion = names.minVersion === undefined ? undefined : versions[given.text(names.minVersion).toLowerCase()];
  const crl = crlOf(given, names);
  return {
    cert: read(given.text(names.cert), 'certificate'),
    key: read(given.text(names.key), 'certificate'),
    ...(given.set(names.serverCa) ? { serverCa: read(given.text(names.serverCa), 'certificate') } : {}),
    ...(given.set(names.ca) ? { clientCa: read(given.text(names.ca), 'client-ca') } : {}),
    ...(crl === undefined ? {} : { crl }),
    ...(minVersion === undefined ? {} : { minVersion }),
  };
}

export const crlOf = (given: GivenFlags, names: Names): string | undefined =>
  given.set(names.crl) ? read(given.text(names.crl), 'crl') : undefined;
