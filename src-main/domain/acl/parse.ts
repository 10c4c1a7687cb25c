import type { Fidelity } from '../fidelity/fidelity';
import type { Finding } from '../kernel';
import type { TableAcl } from './table-acl';

/** What the workspace knows beside the file; what is left out is not checked. */
export interface KnownNames {
  /** Every user name and group that a caller can have. */
  readonly knownPrincipals?: Iterable<string>;
  /** Tables (and views, sequences, procedures) as they are written in the database. */
  readonly knownTables?: Iterable<string>;
}

export interface AclFileOptions extends KnownNames {
  /** The file as findings and decisions name it. */
  readonly file: string;
  readonly fidelity: Fidelity;
}

/** What vttablet (and vtaclcheck) would do with the file. */
export interface VitessVerdict {
  readonly accepted: boolean;
  /** The error proper, without the words of the program that reports it; null when accepted. */
  readonly message: string | null;
  /** The line that is logged at level ERROR before it, or null. */
  readonly log: string | null;
}

export interface AclFileReading {
  /** Null exactly when Vitess refuses the file. */
  readonly acl: TableAcl | null;
  readonly vitess: VitessVerdict;
  readonly findings: readonly Finding[];
}

export declare function parseAclFile(bytes: Uint8Array, options: AclFileOptions): AclFileReading;
