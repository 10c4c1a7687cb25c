import type { PlanName } from '../../domain/sql';
import type { query } from '../rpc';
import { VtError } from './vt-error';

const VARCHAR = 6165;

/** The columns of vttablet's table of migrations (go/vt/sidecardb/schema/onlineddl/schema_migrations.sql). */
const migrationColumns = `id migration_uuid keyspace shard mysql_schema mysql_table migration_statement strategy options
  added_timestamp requested_timestamp ready_timestamp started_timestamp liveness_timestamp completed_timestamp
  cleanup_timestamp migration_status log_path artifacts retries tablet tablet_failure progress migration_context ddl_action
  message message_timestamp eta_seconds rows_copied vreplication_lag_seconds table_rows added_unique_keys
  removed_unique_keys log_file retain_artifacts_seconds postpone_completion removed_unique_key_names
  dropped_no_default_column_names expanded_column_names revertible_notes allow_concurrent reverted_uuid is_view
  ready_to_complete vitess_liveness_indicator user_throttle_ratio special_plan last_throttled_timestamp
  component_throttled reason_throttled cancelled_timestamp postpone_launch stage cutover_attempts
  is_immediate_operation reviewed_timestamp ready_to_complete_timestamp shadow_analyzed_timestamp
  removed_foreign_key_names last_cutover_attempt_timestamp force_cutover cutover_threshold_seconds
  in_order_completion_pending_count`.split(/\s+/);

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
    case 'ShowMigrations':
      return { fields: migrationColumns.map((name) => ({ name, type: VARCHAR })) };
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
