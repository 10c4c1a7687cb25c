import { coverageOf, type Coverage } from '../../domain/probes';
import type { Workspace } from '../workspace/load-workspace';
import type { MatrixPlan } from './matrix-model';

/** As much of a result as says whether a decision was proven. */
type Proof = { readonly differs: readonly ('expected' | 'predicted')[] } | { readonly failure: string };

/**
 * What the tests of a plan touch of the files that are in force. A cell's way through the files is the predicted one; it is
 * proven when the cell was run and came out as predicted.
 */
export function coverageOfPlan(
  workspace: Workspace,
  plan: MatrixPlan,
  results: ReadonlyMap<string, Proof>,
  only?: (id: string) => boolean,
): Coverage {
  const decided = plan.cells
    .filter(({ id }) => only?.(id) ?? true)
    .map((cell) => {
      const { decision, entry } = plan.predict(cell);
      const result = results.get(cell.id);
      const proven = result !== undefined && !('failure' in result) && !result.differs.includes('predicted');
      return { decision, entry, proven };
    });
  return coverageOf(workspace, decided);
}
