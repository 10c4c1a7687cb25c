import type { Coverage } from '../domain/probes';
import { untouched } from '../domain/probes';
import { lineWords } from '../services/verify/report';
import { printable } from './printable';
import { columns } from './table';
import type { Terminal } from './terminal';

/** Lines without a test that are printed; --json lists all. */
const MOST = 60;

/** What the tests touch: the lines that none touches, then how many of each file some do. */
export function printCoverage(coverage: Coverage, terminal: Terminal): void {
  const { colors } = terminal;
  const cold = untouched(coverage);
  terminal.line(colors.bold('\nWhat no test touches'));
  if (cold.length === 0) terminal.line(`  ${colors.green('nothing: every line of the files that decide has a test')}`);
  const rows = cold
    .slice(0, MOST)
    .map(({ file, line }) => [colors.dim(line.line > 0 ? `${file}:${line.line}` : file), printable(lineWords(line))]);
  for (const row of columns(rows)) terminal.line(`  ${row}`);
  if (cold.length > MOST) terminal.line(`  … and ${cold.length - MOST} more (--json lists all).`);
  const { lines, touched, proven } = coverage.totals;
  const summary = `${touched} of ${lines} lines touched by a test, ${proven} proven by this run`;
  terminal.line(touched === lines ? colors.green(summary) : summary);
}
