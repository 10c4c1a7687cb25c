import type { Finding, Secret, VtCode } from '../kernel';
import type { VitessVerdict } from './types';

/** One user of gRPC static authentication (go/vt/servenv/grpc_server_auth_static.go). */
export interface GrpcUser {
  readonly username: string;
  /** Null = absent or empty; vtgate then accepts the empty password. */
  readonly password: Secret | null;
  readonly line: number;
}

export interface GrpcUsersFile {
  /** In file order; several entries with one name are all tried. */
  readonly users: readonly GrpcUser[];
}

export interface GrpcUsersReading {
  /** Null when the file cannot be loaded. */
  readonly users: GrpcUsersFile | null;
  readonly vitess: VitessVerdict;
  readonly findings: readonly Finding[];
}

/** What a component sends with every call it dials (go/vt/grpcclient/client_auth_static.go). */
export interface GrpcCredentials {
  readonly username: string;
  readonly password: Secret;
}

export interface GrpcCredentialsReading {
  readonly credentials: GrpcCredentials | null;
  readonly vitess: VitessVerdict;
  readonly findings: readonly Finding[];
}

/** A gRPC call that is refused before any service sees it. */
export interface GrpcRefusal {
  readonly kind: 'refused';
  readonly code: VtCode & ('UNAUTHENTICATED' | 'PERMISSION_DENIED');
  readonly message: string;
  /** One plain sentence for people. */
  readonly reason: string;
}

export type GrpcStaticOutcome =
  { readonly kind: 'accepted'; readonly username: string; readonly line: number } | GrpcRefusal;

export type MtlsOutcome =
  | {
      readonly kind: 'accepted';
      /** The substring and the subject in which it was found. */
      readonly substring: string;
      readonly subject: string;
    }
  | GrpcRefusal;
