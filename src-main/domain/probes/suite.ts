import type { FidelityMode } from '../fidelity/fidelity';

/** How a probe connects. `tls` does not verify the gateway, `tls-verified` does, `mutual-tls` also presents a certificate. */
export const transports = [
  'mysql-plain',
  'mysql-tls',
  'mysql-tls-verified',
  'mysql-mutual-tls',
  'mysql-unix',
  'grpc-plain',
  'grpc-tls',
  'grpc-mutual-tls',
] as const;
export type Transport = (typeof transports)[number];

/** Where a password comes from; `text` is for passwords that are public anyway (the guide's own). */
export type PasswordSource = { readonly secret: string } | { readonly text: string };

/** What the caller types: its password, another one, or nothing. */
export type PasswordChoice = 'right' | 'wrong' | 'empty';

/** Somebody who asks: who they are and which gateway they use. */
export interface ProbeCaller {
  readonly name: string;
  readonly gateway: string;
  /** MySQL login name or static gRPC user; null for callers without one. */
  readonly user: string | null;
  readonly password: PasswordSource | null;
  /** Certificate file (`…-cert.pem`, its key beside it as `…-key.pem`), workspace-relative; null for callers without one. */
  readonly certificate: string | null;
  /** The effective caller ID put into gRPC requests; null: none. */
  readonly claimed: { readonly principal: string; readonly groups: readonly string[] } | null;
  /** The transports that this caller's rows of the access matrix use. */
  readonly transports: readonly Transport[];
}

export type ProbeRole = 'read' | 'write' | 'admin';

/** A table of the access matrix with the statement that stands for each role; each changes nothing. */
export interface ProbeTable {
  readonly name: string;
  readonly read: string;
  readonly write: string;
  readonly admin: string;
}

/** What may be said of an outcome; the texts are those of design.md §7. */
export type Verdict = 'allow' | 'deny' | 'refused' | 'cannot-decide' | 'invalid';
export type StoppedAt = 'connect' | 'tls' | 'login' | 'gateway' | 'link' | 'tablet' | 'backend';

/** What a human expects of a cell. Only what is written is compared; verdict always is. */
export interface Expectation {
  readonly verdict: Verdict;
  readonly stoppedAt: StoppedAt | null;
  /** MySQL errno or gRPC code number. */
  readonly code: number | null;
  readonly sqlState: string | null;
  /** The whole message, or null when it is not part of the expectation. */
  readonly message: string | null;
}

/** One way in, with everything but the named parts fixed; lists form all combinations. */
export interface AdmissionTest {
  readonly name: string;
  readonly callers: readonly string[];
  readonly transports: readonly Transport[];
  readonly passwords: readonly PasswordChoice[];
  /** Certificates presented instead of the caller's own; null in the list: the caller's own. */
  readonly certificates: readonly (string | null)[];
  /** The name the client demands of the gateway instead of the right one. */
  readonly serverName: string | null;
  /** The CA bundle the client trusts instead of the right one. */
  readonly trust: string | null;
  readonly sql: string;
  readonly expect: Expectation;
  /** Only in this mode; null: in both. */
  readonly mode: FidelityMode | null;
}

/** tests/NAME.json: the only place for expectations. What the access matrix does not allow is expected to be denied. */
export interface Suite {
  readonly name: string;
  readonly callers: readonly ProbeCaller[];
  readonly tables: readonly ProbeTable[];
  /** caller -> role -> tables that are allowed; anything else is expected to be denied at the tablet. */
  readonly allow: ReadonlyMap<string, Readonly<Record<ProbeRole, readonly string[]>>>;
  readonly admissions: readonly AdmissionTest[];
  /** The CA bundle with which callers check gateways, and the name they demand. */
  readonly gatewayTrust: string | null;
  readonly gatewayName: string;
}

/** Schema version of tests/*.json. */
export const SUITE_SCHEMA = 1;
