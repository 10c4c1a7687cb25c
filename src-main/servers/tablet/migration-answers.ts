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
      if (/\ball\b|\b(?:un)?throttle\b/i.test(sql)) return {};
      demandMigrationId(sql);
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

/** Throws VtError when what names the migration has not the form of an id; CANCEL looks for it as it is. */
function demandMigrationId(sql: string): void {
  const form = /\bvitess_migration\s+'([^']*)'\s+(retry|launch|complete|cleanup|postpone\s+complete|force_cutover)\b/i;
  const [, id, verb = ''] = form.exec(sql) ?? [];
  if (id === undefined || /^[\da-f]{8}(?:_[\da-f]{4}){3}_[\da-f]{12}$/i.test(id)) return;
  throw new VtError('UNKNOWN', `Not a valid migration ID in ${verb.replace(/\s+/g, ' ').toUpperCase()}: ${id}`);
}
