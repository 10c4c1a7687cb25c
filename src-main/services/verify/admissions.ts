import type { Admitted, Cell, Outcome, Predictor } from '../../domain/probes';

/**
 * Remembers the way in of each caller over each transport: a handshake and a login judged once serve every statement of a
 * row. Good for one predictor, that is for one state of the files.
 */
export class Admissions {
  /** The row that was asked for last: cells come row by row. */
  #last: { readonly cell: Cell; readonly admission: Outcome | Admitted } | null = null;
  readonly #known = new Map<Cell['caller'], Map<string, Outcome | Admitted>>();

  constructor(
    readonly predictor: Predictor,
    /** What the caller types for the cell's choice of password. */
    readonly passwordOf: (cell: Cell) => string,
  ) {}

  admit(cell: Cell): Outcome | Admitted {
    if (this.#last !== null && sameWay(this.#last.cell, cell)) return this.#last.admission;
    let ways = this.#known.get(cell.caller);
    if (ways === undefined) this.#known.set(cell.caller, (ways = new Map<string, Outcome | Admitted>()));
    const { transport, password, certificate, trust, serverName } = cell;
    const key = `${transport}\0${password}\0${certificate ?? ''}\0${trust ?? ''}\0${serverName}`;
    let admission = ways.get(key);
    if (admission === undefined) {
      admission = this.predictor.admit(cell, { password: this.passwordOf(cell) });
      ways.set(key, admission);
    }
    this.#last = { cell, admission };
    return admission;
  }

  /** As `Predictor.predict`. */
  predict(cell: Cell): Outcome {
    const admission = this.admit(cell);
    return 'verdict' in admission ? admission : this.predictor.predictAdmitted(cell, admission.immediate).outcome;
  }
}

const sameWay = (a: Cell, b: Cell): boolean =>
  a.caller === b.caller &&
  a.transport === b.transport &&
  a.password === b.password &&
  a.certificate === b.certificate &&
  a.trust === b.trust &&
  a.serverName === b.serverName;
