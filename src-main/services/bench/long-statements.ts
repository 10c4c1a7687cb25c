import { normalise, Oversize, printStatement, readStatement } from '../../domain/sql';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { median, type Measurement } from './figure';

const mebibyte = 1024 * 1024;

/** A statement and the milliseconds of the one thread that it may take. */
const STATEMENTS: readonly (readonly [name: string, make: () => string, bar: number])[] = [
  ['1 MB of rows', () => rows(24_000), 200],
  ['a literal of 16 MiB', () => `insert into t values ('${'x'.repeat(16 * mebibyte)}')`, 300],
  ['14 MB of quotes in a literal', () => `select '${"''".repeat(7_000_000)}' from t`, 1500],
  ['14 MB of empty literals', () => `select ${"'',".repeat(4_666_666)}'' from t`, 1500],
];

const rows = (count: number): string =>
  `insert into t (a, b) values ${Array.from({ length: count }, (_, at) => `(${at + 1000},'some name that is ${at} of them')`).join()}`;

/** What gateway and tablet do with a text: it is read by both, made canonical by the one and printed by the other. */
function handle(sql: string): void {
  const reading = readStatement(sql, { fidelity: defaultFidelity });
  if (reading.oversize !== undefined) return;
  try {
    const made = normalise(sql, { keyspaceNamed: () => null, parameterize: true });
    if (made === null) return;
    readStatement(made.sql, { fidelity: defaultFidelity });
    printStatement(made.sql);
  } catch (error) {
    if (!(error instanceof Oversize)) throw error;
  }
}

/** Processor time that long statements take of the thread that serves everybody, the middle of five. */
export function measureLongStatements(): Measurement[] {
  return STATEMENTS.map(([name, make, bar]) => {
    const sql = make();
    const times = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      handle(sql);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return { name: `long statement, ${name}`, value: median(times), unit: 'ms', bar, better: 'less', peer: null };
  });
}
