import type { Outcome } from '../../domain/probes';
import { agrees } from '../verify/verify-service';

/**
 * A prediction that fails is an error of Gatehouse and is shown as one; null where nothing can be predicted: what MySQL
 * itself says to a statement that the ACL let through.
 */
export function predictionHolds(predicted: Outcome, actual: Outcome): boolean | null {
  if (agrees(predicted, actual)) return true;
  if (predicted.verdict === 'invalid' && actual.verdict === 'invalid') return true;
  if (actual.stoppedAt === 'backend' && predicted.verdict === 'allow') return null;
  return false;
}
