/** `error`: must be mended; `warning`: works, but not as safely or not as meant; `info`: worth knowing. */
export type FindingLevel = 'error' | 'warning' | 'info';

/** One thing found in one file, with its place and its remedy. Lines and columns count from 1; 0 = the whole file. */
export interface Finding {
  readonly code: string;
  readonly level: FindingLevel;
  /** Path as the user knows it (relative to the workspace, or as given on the command line). */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}
