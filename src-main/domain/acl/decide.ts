import type { Fidelity } from '../fidelity/fidelity';
import type { ImmediateCaller } from '../identity/caller-id';
import type { Plan } from '../sql/reading';
import type { AclSettings, Decision } from './decision';
import type { TableAcl } from './table-acl';

/** Everything the tablet looks at when it decides about one statement. */
export interface AclQuestion {
  /** What is loaded, or null. */
  readonly acl: TableAcl | null;
  /** A file was configured, though it may not have loaded: only then does the exemption work. Default: `acl` is not null. */
  readonly aclFileGiven?: boolean;
  readonly settings: AclSettings;
  /** Null when the request carried no immediate caller ID. */
  readonly caller: ImmediateCaller | null;
  readonly plan: Extract<Plan, { kind: 'plan' }>;
  readonly fidelity: Fidelity;
  /** vttablet's callinfo user name: `gRPC` (default) for everything that comes over gRPC. */
  readonly transportUser?: string;
}

export declare function decide(question: AclQuestion): Decision;
