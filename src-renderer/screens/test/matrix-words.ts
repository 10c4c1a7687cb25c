import type { MatrixModel } from '../../../src-main/contract/areas/test';
import { test as text } from '../../text/test';

/** Cells whose test could not be made. */
export const failures = ({ totals }: MatrixModel): number => totals.run - totals.asExpected - totals.differs;

/** The one sentence: what is true of the matrix now. */
export function headOf(model: MatrixModel): string {
  const { totals, run } = model;
  if (totals.run === 0 && run.state !== 'running') return text.matrix.head.idle;
  if (model.outdated && run.state !== 'running') return text.matrix.head.outdated;
  if (totals.fromPrediction > 0) return text.matrix.head.predicted(totals.fromPrediction);
  if (totals.differs > 0) return text.matrix.head.differs(totals.differs);
  if (failures(model) > 0) return text.matrix.head.errors(failures(model));
  return totals.run < totals.cells ? text.matrix.head.goodSoFar : text.matrix.head.good;
}

/** What stands behind it: counts, and while it runs how long it still takes. */
export function subOf({ totals, run }: MatrixModel): string {
  if (totals.run === 0 && run.state !== 'running') return text.matrix.predictedOnly(totals.cells);
  const parts = [text.matrix.counts(totals.run, totals.cells, totals.asExpected)];
  const { left } = run;
  if (left?.kind === 'about' && left.seconds > 0) parts.push(text.matrix.left(left.seconds));
  if (left?.kind === 'stalled') parts.push(text.matrix.stalled(left.seconds));
  if (run.state === 'cancelled') parts.push(text.matrix.cancelled);
  return parts.join(' · ');
}
