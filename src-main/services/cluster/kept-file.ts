import { GatehouseError, type Finding } from '../../domain/kernel';

/** A changed file that cannot be taken over, and why: what was in force stays. */
export interface KeptFile {
  readonly file: string;
  readonly message: string;
  /** From 1; undefined: the file as a whole. */
  readonly line?: number;
  readonly column?: number;
  readonly remedy?: string;
}

/** A reload that was refused because of one finding. */
export class FileAtFault extends GatehouseError {
  constructor(readonly finding: Finding) {
    super({ code: 'workspace.findings', summary: `${finding.file}: ${finding.message}` });
  }
}

/** The finding that explains most: a key that nobody knows is why something else is missing. */
export const mainFault = (findings: readonly Finding[]): Finding | undefined => {
  const faults = findings.filter(({ level }) => level === 'error');
  return faults.find(({ code }) => /\.(unknown|misspelt)-key$/.test(code)) ?? faults[0];
};

/** A sentence, whatever reader of a file it comes from. */
const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** What to say of `file` for an error of its reload. */
export function keptFile(file: string, error: unknown): KeptFile {
  if (!(error instanceof FileAtFault))
    return { file, message: sentence(error instanceof GatehouseError ? error.failure.summary : String(error)) };
  const { line, column, message, remedy } = error.finding;
  return { file, message: sentence(message), ...(line === 0 ? {} : { line, column }), remedy };
}
