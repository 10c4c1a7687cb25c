import type { TestRequest } from '../../contract/areas/test';
import type { Clock, Secret } from '../../domain/kernel';
import { faultyCopy } from '../certs/faulty-copy';
import { keyFileOf } from '../verify/probe-runner';
import type { Workspace } from '../workspace/load-workspace';

/** Certificates made for a test stand below this name in the workspace of its run, and on no disk. */
const MADE = 'memory/';

/** How the copy of a certificate is called. */
export const madePath = (fault: string, certificate: string): string =>
  `${MADE}${fault}/${certificate.replace(/^.*\//, '')}`;

/** Whether a path is of a certificate that was made for a test. */
export const isMade = (path: string): boolean => path.startsWith(MADE);

/**
 * What a test asks for with a faulty copy of its certificate: the request with the copy's name in it, and the workspace of
 * this one run, which holds the copy. Without a fault both are as they were. Throws GatehouseError `certs.*` where the copy
 * cannot be made.
 */
export async function withFaultyCopy(
  request: TestRequest,
  workspace: Workspace,
  folders: readonly string[],
  clock: Clock,
  passphrase?: Secret,
): Promise<{ readonly request: TestRequest; readonly workspace: Workspace }> {
  const { fault, certificate } = request;
  if (fault === undefined || certificate === null || !request.transport.endsWith('mutual-tls'))
    return { request, workspace };
  const gateway = workspace.topology.gateways.find(({ name }) => name === request.gateway);
  const listener = request.transport.startsWith('mysql-') ? gateway?.mysql : gateway?.grpc;
  const crl = listener?.tls?.crl ?? null;
  const { cert, key } = await faultyCopy(folders, clock, { like: certificate, fault, crl }, passphrase);
  const path = madePath(fault, certificate);
  const certificates = new Map(workspace.certificates)
    .set(path, Buffer.from(cert))
    .set(keyFileOf(path), Buffer.from(key));
  return { request: { ...request, certificate: path }, workspace: { ...workspace, certificates } };
}
