import type { TestRequest } from '../../contract/areas/test';
import { GatehouseError } from '../../domain/kernel';
import type { Cell, Expectation } from '../../domain/probes';
import type { Workspace } from '../workspace/load-workspace';
import type { SavedPasswords } from './saved-password';

/** A test as typed, ready to run. */
export interface TypedTest {
  readonly cell: Cell;
  /** Typed instead of the caller's own; undefined: as the cell says. */
  readonly password: string | undefined;
}

const mutual = (transport: Cell['transport']): boolean => transport.endsWith('mutual-tls');
const verifies = (transport: Cell['transport']): boolean =>
  ['mysql-tls-verified', 'mysql-mutual-tls', 'grpc-tls', 'grpc-mutual-tls'].includes(transport);
const usesTls = (transport: Cell['transport']): boolean => transport === 'mysql-tls' || verifies(transport);

/**
 * Turns what the page asks for into a cell. Throws GatehouseError `test.password` when the saved password is asked for
 * and the workspace knows none, `test.certificate` for a file that is no certificate of the workspace.
 */
export function typedTest(request: TestRequest, workspace: Workspace, passwords: SavedPasswords): TypedTest {
  const { transport, user, certificate, trust } = request;
  const known = (path: string): boolean => workspace.files.has(path) || workspace.certificates.has(path);
  for (const path of [certificate, trust])
    if (path !== null && (!known(path) || path.endsWith('-key.pem')))
      throw new GatehouseError({
        code: 'test.certificate',
        summary: `The workspace has no certificate ${path}.`,
      });
  if (mutual(transport) && certificate === null)
    throw new GatehouseError({
      code: 'test.certificate',
      summary: 'Mutual TLS needs a certificate to show. Choose one, or test with TLS.',
    });
  const overMysql = transport.startsWith('mysql-');
  const choice = request.password;
  const source =
    choice.kind === 'saved' && user !== null ? passwords.sourceFor(workspace, request.gateway, user, overMysql) : null;
  const needsPassword =
    choice.kind === 'saved' &&
    user !== null &&
    !(overMysql && mutual(transport) && isCertificateGateway(workspace, request.gateway));
  if (needsPassword && source === null)
    throw new GatehouseError({
      code: 'test.password',
      summary: `The workspace does not know the password of ${user ?? ''}. Type it, or test with an empty or a wrong one.`,
    });
  return {
    cell: {
      id: `single/${request.caller}/${transport}`,
      suite: '',
      caller: {
        name: request.caller,
        gateway: request.gateway,
        user,
        password: source,
        certificate,
        claimed: overMysql ? null : request.claimed,
        transports: [transport],
      },
      transport,
      password: choice.kind === 'wrong' ? 'wrong' : choice.kind === 'empty' ? 'empty' : 'right',
      certificate: mutual(transport) ? certificate : null,
      trust: verifies(transport) ? trust : null,
      serverName: request.serverName,
      ...(request.tlsOnly === undefined || !usesTls(transport) ? {} : { tlsOnly: request.tlsOnly }),
      sql: request.sql,
      table: null,
      role: null,
      // Of a typed test nothing is expected; what the saved tests expect of the same is looked up beside it.
      expected: { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null },
    },
    password: choice.kind === 'typed' ? choice.text : undefined,
  };
}

const isCertificateGateway = (workspace: Workspace, name: string): boolean =>
  workspace.topology.gateways.find((gateway) => gateway.name === name)?.mysql?.auth === 'clientcert';

/** What the saved tests expect of exactly this test; null: none is like it. */
export function savedExpectation(cell: Cell, cells: readonly Cell[], typed: boolean): Expectation | null {
  if (typed || cell.tlsOnly !== undefined) return null;
  const same = cells.find(
    (saved) =>
      saved.sql.trim() === cell.sql.trim() &&
      saved.transport === cell.transport &&
      saved.password === cell.password &&
      saved.certificate === cell.certificate &&
      saved.trust === cell.trust &&
      saved.serverName === cell.serverName &&
      saved.caller.gateway === cell.caller.gateway &&
      saved.caller.user === cell.caller.user &&
      JSON.stringify(saved.caller.claimed) === JSON.stringify(cell.caller.claimed),
  );
  return same?.expected ?? null;
}
