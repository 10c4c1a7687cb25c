import type { Transport } from '../probes';

/** A change of the draft that can be made with one click; as the draft's own edits are written. */
export type RemedyEdit =
  | {
      readonly kind: 'acl.member';
      readonly file: string;
      readonly group: string;
      readonly list: 'readers' | 'writers' | 'admins';
      readonly name: string;
      readonly add: boolean;
    }
  | {
      /** A table group of its own for a table that none covers. */
      readonly kind: 'acl.group';
      readonly file: string;
      readonly table: string;
      readonly list: 'readers' | 'writers' | 'admins';
      readonly name: string;
    }
  | {
      readonly kind: 'topology.set';
      /** Members from the top of gatehouse.json; gateways, tablets and the like by position. */
      readonly path: (string | number)[];
      readonly value: string | number | boolean | null;
    };

/** What another run of the same test changes. */
export interface RetryChange {
  readonly transport?: Transport;
  readonly user?: string;
  readonly serverName?: string;
  readonly trust?: string;
  /** Null: the certificate itself instead of a faulty copy. */
  readonly fault?: null;
  /** Opens the choice of the certificate. */
  readonly chooseCertificate?: boolean;
}

/** A way out of a result, or into another one. Never "switch the check off" first. */
export type Remedy =
  | { readonly kind: 'edit'; readonly label: string; readonly edit: RemedyEdit; readonly note: string | null }
  | { readonly kind: 'retry'; readonly label: string; readonly change: RetryChange; readonly note: string | null }
  | {
      readonly kind: 'open';
      readonly label: string;
      readonly screen: 'callers' | 'access' | 'certificates' | 'overview';
      /** What is selected there: a user, a table, a certificate file. */
      readonly focus: string;
      readonly note: string | null;
    };
