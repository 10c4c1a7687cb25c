import { readFileSync } from 'node:fs';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import { parseGrpcUsersFile } from '../../../../src-main/domain/users';
import type { Tablet } from '../../../../src-main/servers/tablet';
import { readFlags } from './flags';
import type { TabletGround } from './tablet';
import { grpcTlsFlags, tlsOf } from './tls-flags';

/** Starts a tablet with the gRPC flags of a vttablet before the MySQL of `ground`; it is stopped with that. */
export async function startVttablet(
  written: readonly string[],
  resolve: (placeholder: string) => string,
  fidelity: Fidelity,
  ground: TabletGround,
): Promise<Tablet> {
  const { given } = readFlags(written, resolve);
  const tls = tlsOf(given, grpcTlsFlags);
  const mode = given.text('grpc-auth-mode');
  const file = given.text('grpc-auth-static-password-file');
  const users = file === '' ? null : parseGrpcUsersFile(readFileSync(file), { file, fidelity }).users;
  return ground.another({
    ...(tls === undefined ? {} : { tls }),
    optionalTls: given.on('grpc-enable-optional-tls'),
    authMode: mode === 'static' || mode === 'mtls' ? mode : '',
    ...(users === null ? {} : { staticUsers: users }),
    mtlsSubstrings: given.text('grpc-auth-mtls-allowed-substrings'),
  });
}
