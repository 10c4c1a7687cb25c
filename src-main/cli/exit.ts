/** Exit codes that programs can rely on (docs/cli.md). */
export const exitCode = {
  asExpected: 0,
  differs: 1,
  usage: 2,
  environment: 3,
  findings: 4,
  interrupted: 130,
  /** Nobody read the answer to its end (128 + SIGPIPE). */
  unread: 141,
} as const;

/** Ends a command with an exit code; the message, if any, has the form of a sentence. */
export class CommandExit extends Error {
  constructor(
    readonly code: number,
    message = '',
  ) {
    super(message);
    this.name = 'CommandExit';
  }
}

/** Failures that are the environment's (exit 3); what is not listed is the user's way of calling (exit 2). */
const environmental =
  /^(backend|environment|secrets|workspace\.locked|cluster|mysql-wire|bench|vitess)\b|^workspace\.(unreadable|unwritable)$/;

/** The exit code that belongs to a failure. */
export function exitCodeFor(failure: { readonly code: string }): number {
  if (/^workspace\.(findings|topology|newer-schema|unknown-schema)$|^sample\./.test(failure.code))
    return exitCode.findings;
  return environmental.test(failure.code) ? exitCode.environment : exitCode.usage;
}
