import type { Fidelity } from '../fidelity';
import type { Finding } from '../kernel';
import type { EntropyEstimator, RandomBytes, UserLogin, UserLoginOutcome, UsersFile, UsersReading } from './types';
import type {
  GrpcCredentialsReading,
  GrpcStaticOutcome,
  GrpcUsersFile,
  GrpcUsersReading,
  MtlsOutcome,
} from './grpc-types';

/** The functions of this folder; src-main/domain/users/index.ts exports exactly these. */
export interface UsersDoor {
  parseUsersFile(
    bytes: Uint8Array,
    options: { readonly file: string; readonly fidelity: Fidelity; readonly estimateEntropy?: EntropyEstimator },
  ): UsersReading;
  authenticate(users: UsersFile, login: UserLogin, fidelity: Fidelity): UserLoginOutcome;
  nativeHash(password: string): string;
  cachingSha2Hash(password: string): string;
  nativeReply(password: string, salt: Uint8Array): Buffer;
  sha2Reply(password: string, salt: Uint8Array): Buffer;
  makeSalt(random?: RandomBytes): Buffer;
  generatePassword(options?: { readonly bits?: number; readonly random?: RandomBytes }): string;
  /** Loads zxcvbn's dictionaries on first use (about 0.3 s and 70 MB): only for checks a person waits for. */
  loadEntropyEstimator(): Promise<EntropyEstimator>;
  estimateEntropyBits(password: string): Promise<number>;
  weakPasswordFinding(
    bits: number,
    hash: 'native' | 'sha2',
    place: Pick<Finding, 'file' | 'line' | 'column'>,
  ): Finding | null;
  writeUsersFile(model: UsersFile): string;
  parseGrpcUsersFile(
    bytes: Uint8Array,
    options: { readonly file: string; readonly fidelity: Fidelity },
  ): GrpcUsersReading;
  parseGrpcCredentialsFile(
    bytes: Uint8Array,
    options: { readonly file: string; readonly fidelity: Fidelity },
  ): GrpcCredentialsReading;
  authorizeStatic(
    users: GrpcUsersFile,
    metadata: { readonly username: string | null; readonly password: string | null },
    fidelity: Fidelity,
  ): GrpcStaticOutcome;
  authorizeMtls(substrings: string, subjects: readonly string[] | null, fidelity: Fidelity): MtlsOutcome;
}
