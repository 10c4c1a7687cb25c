import { GatehouseError } from '../../domain/kernel';
import type { ClientTls, ServerTls } from '../../domain/topology';
import type { ClientTlsConfig, ServerTlsConfig } from '../../servers/tls';

type Files = ReadonlyMap<string, Buffer>;

function read(files: Files, path: string): string {
  const bytes = files.get(path);
  if (bytes === undefined)
    throw new GatehouseError({
      code: 'workspace.findings',
      summary: `${path} is missing. "gatehouse check" says what needs it.`,
    });
  return bytes.toString('utf8');
}

/** The listening side's files as texts. */
export function serverTls(files: Files, tls: ServerTls): ServerTlsConfig {
  return {
    cert: read(files, tls.cert),
    key: read(files, tls.key),
    ...(tls.serverCa === null ? {} : { serverCa: read(files, tls.serverCa) }),
    ...(tls.clientCa === null ? {} : { clientCa: read(files, tls.clientCa) }),
    ...(tls.crl === null ? {} : { crl: read(files, tls.crl) }),
    minVersion: tls.minVersion,
  };
}

/**
 * The dialling side's files as texts, or undefined where Vitess dials in clear: neither a CA nor a certificate with its
 * key (vitess-behaviour §3.6).
 */
export function clientTls(files: Files, tls: ClientTls | null): ClientTlsConfig | undefined {
  if (tls === null || (tls.ca === null && (tls.cert === null || tls.key === null))) return undefined;
  return {
    ...(tls.ca === null ? {} : { ca: read(files, tls.ca) }),
    ...(tls.cert === null || tls.key === null ? {} : { cert: read(files, tls.cert), key: read(files, tls.key) }),
    ...(tls.crl === null ? {} : { crl: read(files, tls.crl) }),
    ...(tls.serverName === null ? {} : { serverName: tls.serverName }),
  };
}
