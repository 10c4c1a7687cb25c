import { GatehouseError } from '../../domain/kernel';
import type { Transport } from '../../domain/probes';
import type { GrpcListener } from '../../domain/topology';
import type { WorkspaceDocument } from '../document/workspace-document';
import { checkGroups, checkName } from './caller-names';
import { addTestCaller, removeTestCallers } from './test-callers';

/** A name to test with, which nobody verifies. */
export interface NewClaim {
  readonly principal: string;
  readonly groups: readonly string[];
  readonly gateway: string;
  /** gRPC user to sign in as; null: none. */
  readonly user: string | null;
  /** Certificate to show; null: none. */
  readonly certificate: string | null;
}

const refuse = (code: string, summary: string): GatehouseError =>
  new GatehouseError({ code: `callers.${code}`, summary });

const transportOf = ({ tls }: GrpcListener, certificate: string | null): Transport =>
  tls === null ? 'grpc-plain' : certificate === null ? 'grpc-tls' : 'grpc-mutual-tls';

/**
 * Adds a claimed name as a caller of the workspace's tests, the only place where such names are kept; the file it went to.
 * Throws GatehouseError `callers.*` where a claimed name would not count.
 */
export function addClaimed(document: WorkspaceDocument, claim: NewClaim): Promise<string> {
  const { principal, groups, gateway, user, certificate } = claim;
  checkName(principal);
  checkGroups(groups);
  const { topology, grpcUsers } = document.draft;
  const grpc = topology.gateways.find(({ name }) => name === gateway)?.grpc ?? null;
  if (grpc?.useEffectiveCallerId !== true)
    throw refuse(
      'claims-not-taken',
      `Gateway ${gateway} does not take claimed names. Set "useEffectiveCallerId": true for its gRPC listener, or choose another gateway.`,
    );
  if (grpc.authMode === 'static' && user === null)
    throw refuse('claim-needs-user', `Gateway ${gateway} lets only its gRPC users in. Choose the one to sign in as.`);
  if (user !== null && grpc.authMode !== 'static')
    throw refuse('claim-without-user', `Gateway ${gateway} asks for no gRPC user. Leave it out.`);
  const known = grpc.usersFile === null ? [] : (grpcUsers.get(grpc.usersFile)?.users ?? []);
  const account = known.find(({ username }) => username === user);
  if (user !== null && account === undefined)
    throw refuse('no-such-user', `${grpc.usersFile ?? 'The gRPC users file'} has no user "${user}".`);
  if (certificate === null && (grpc.authMode === 'mtls' || (grpc.tls?.clientCa != null && !grpc.optionalTls)))
    throw refuse(
      'claim-needs-certificate',
      `Gateway ${gateway} lets nobody in without a certificate. Choose one without a common name: a common name beats a claimed one.`,
    );
  const secret = document.secrets
    .names()
    .find((name) => account?.password != null && document.secrets.get(name)?.reveal() === account.password.reveal());
  if (user !== null && secret === undefined)
    throw refuse(
      'claim-password-unknown',
      `The password of the gRPC user "${user}" is not among the workspace's secrets, so tests could not sign in.`,
    );
  return document.edit(`Add ${principal}`, (dir) =>
    addTestCaller(dir, topology.name, {
      name: principal,
      gateway,
      ...(user === null ? {} : { user, password: { secret: secret ?? '' } }),
      ...(certificate === null ? {} : { certificate }),
      claimed: { principal, groups: [...groups] },
      transports: [transportOf(grpc, certificate)],
    }),
  );
}

/** Takes the callers of tests called `tests`, who claim `principal`, out of all tests, with what was expected of them. */
export async function removeClaimed(
  document: WorkspaceDocument,
  principal: string,
  tests: readonly string[],
): Promise<void> {
  await document.edit(`Delete ${principal}`, (dir) =>
    removeTestCallers(dir, ({ name, claimed }) => claimed?.principal === principal && tests.includes(name)),
  );
}
