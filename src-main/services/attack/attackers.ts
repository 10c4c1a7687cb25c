import { parsePem } from '../../domain/certs';
import type { Gateway } from '../../domain/topology';
import { UNSECURE_GRPC_CLIENT, type ImmediateCaller } from '../../domain/identity';
import type { Workspace } from '../workspace/load-workspace';

/** A caller that may come in, as which an attacker begins. */
export interface Insider {
  /** For people: `the gRPC user batch`. */
  readonly words: string;
  /** Login name of static authentication; null: none is asked for. */
  readonly user: string | null;
  readonly certificate: string | null;
  /** Who it is without claiming anything. */
  readonly own: ImmediateCaller;
}

/** The certificates of callers that the workspace's tests show to a gateway, with whom they name. */
export function certifiedInsiders(workspace: Workspace, gateway: Gateway): readonly Insider[] {
  const files = new Set(
    workspace.suites.flatMap(({ callers }) =>
      callers.flatMap(({ gateway: name, certificate }) =>
        name === gateway.name && certificate !== null ? [certificate] : [],
      ),
    ),
  );
  return [...files].flatMap((file) => {
    const bytes = workspace.certificates.get(file) ?? workspace.files.get(file);
    const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), file).certificates;
    if (leaf === undefined || leaf.subject.commonName === '') return [];
    const { commonName } = leaf.subject;
    const own = { username: commonName, groups: leaf.dnsNames };
    return [{ words: `the holder of the certificate "${commonName}"`, user: null, certificate: file, own }];
  });
}

/** Who gets in over gRPC without a certificate: a user of the static file, or anybody; null: nobody does. */
export function uncertifiedInsider(workspace: Workspace, gateway: Gateway): Insider | null {
  const { grpc } = gateway;
  if (grpc === null || grpc.authMode === 'mtls') return null;
  const nobody = { username: UNSECURE_GRPC_CLIENT, groups: [] };
  if (grpc.authMode === 'none') return { words: 'anybody', user: null, certificate: null, own: nobody };
  const users = grpc.usersFile === null ? undefined : workspace.grpcUsers.get(grpc.usersFile);
  const user = users?.users.find(({ password }) => password !== null);
  if (user === undefined) return null;
  const own = grpc.useStaticAuthenticationCallerId ? { username: user.username, groups: [] } : nobody;
  return { words: `the gRPC user ${user.username}`, user: user.username, certificate: null, own };
}

/** The password of a user of a gateway's gRPC users file, for the connection alone. */
export function grpcPassword(workspace: Workspace, gateway: Gateway, user: string | null): string {
  const file = gateway.grpc?.usersFile ?? null;
  const users = file === null ? undefined : workspace.grpcUsers.get(file);
  return (
    users?.users.find(({ username, password }) => username === user && password !== null)?.password?.reveal() ?? ''
  );
}
