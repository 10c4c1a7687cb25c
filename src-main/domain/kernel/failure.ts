/**
 * What went wrong, with three faces: `code` for programs (stable, `area.what`), `summary` for people (one neutral
 * sentence that names the place and the remedy), `detail` for the log. None of them ever holds a secret.
 */
export interface Failure {
  readonly code: string;
  readonly summary: string;
  readonly detail?: string;
}

/** A failure that travels as an exception inside one process; `failure` is what is shown. */
export class GatehouseError extends Error {
  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.summary, options);
    this.name = 'GatehouseError';
  }
}
