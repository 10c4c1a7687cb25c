import type { HopId } from '../trace';

/** Programs and libraries whose texts are known. */
export type Printer =
  | 'vtgate'
  | 'vttablet'
  | 'gRPC (Go)'
  | 'Go crypto/x509'
  | 'Go crypto/tls'
  | 'Go net'
  | 'OpenSSL'
  | 'Node.js'
  | 'Java'
  | 'MySQL server'
  | 'MySQL client'
  | 'MariaDB client'
  | 'Connector/J'
  | 'mysql2'
  | 'PyMySQL'
  | 'Go-MySQL-Driver'
  | 'mysqlnd (PHP)';

/**
 * Where a text arises: a hop, `planning` in a gateway that knows the caller and works out what to ask whom, `client` before anything is sent, `start` when a program reads its files and flags. `tls` and
 * `network` can arise on every link: what stands around the text says on which, or nothing does.
 */
export type EntryStage = HopId | 'planning' | 'client' | 'start' | 'tls' | 'network';

/** One known error text. */
export interface ErrorEntry {
  /** Stable: `vtgate.sign-in-refused`. */
  readonly id: string;
  readonly by: Printer;
  /** Where in the program it is printed: a file of its source, or the manual's name for it. */
  readonly source: string;
  readonly stage: EntryStage;
  /** The text with its parts that vary as `{name}`; several when versions word it differently. */
  readonly texts: readonly string[];
  readonly title: string;
  /** Sentences in which `{name}` stands for what the text held there. */
  readonly cause: string;
  /** What to do, the first one first; never to switch a check off. */
  readonly remedies: readonly string[];
}
