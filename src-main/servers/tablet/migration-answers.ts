import type { PlanName } from '../../domain/sql';
import type { query } from '../rpc';
import { VtError } from './vt-error';

/**
 * What a tablet that has no schema migrations says to statements about them; null for other statements. Throws VtError
 * for those about one migration, which it does not know.
 */
export function migrationAnswer(plan: PlanName, sql: string): query.IQueryResult | null {
  switch (plan) {
    case 'AlterMigration':
      if (/\ball\b/i.test(sql)) return {};
      throw new VtError('UNKNOWN', 'migration not found');
    case 'ShowMigrationLogs':
      throw new VtError('UNKNOWN', 'migration not found');
    case 'RevertMigration':
      throw new VtError(
        'INVALID_ARGUMENT',
        `Error submitting migration ${sql}: Code: INVALID_ARGUMENT\nno comments found in statement: ${sql}\n`,
      );
    default:
      return null;
  }
}
