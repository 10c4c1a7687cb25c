import type { AclSettings } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { gatewayStatement, type SetScope } from '../../domain/sql';
import type { Plans } from './plans';
import { VtError } from './vt-error';

const scopeNames: { readonly [scope in SetScope]?: string } = {
  user: 'variable',
  global: 'global',
  persist: 'persist',
};

/** Vitess's name of the first scope in a SET that is not the session's, or null. */
function scopeBeyondSession(sql: string): string | null {
  const statement = gatewayStatement(sql);
  if (statement.kind !== 'set') return null;
  for (const { scope } of statement.assignments ?? []) {
    const name = scopeNames[scope];
    if (name !== undefined) return name;
  }
  return null;
}

/**
 * Whether pre_queries may be run on a connection: each must be one SET statement. Versions since 24.0.4, and hardened
 * mode, refuse a subquery in them under strict, because nobody would be asked for its tables (vitess-behaviour §5.5, row
 * "pre_queries"). Throws VtError with the text of the version emulated.
 */
export function checkSettings(
  queries: readonly string[],
  plans: Plans,
  settings: AclSettings,
  { mode, version }: Fidelity,
): void {
  const recorded = mode === 'vitess' && version === '24.0-recorded';
  for (const sql of queries) {
    const { type, execute } = plans.read(sql);
    if (type === 'SET' && execute.kind === 'plan') {
      const scope = scopeBeyondSession(sql);
      if (scope !== null) throw new VtError('INTERNAL', `[BUG]: session scope expected, got: ${scope}`);
      const asks = execute.permissions.length > 0 || execute.undetermined !== null;
      const enforced = settings.strict && !settings.dryRun;
      if (!recorded && enforced && asks)
        throw new VtError('INVALID_ARGUMENT', `connection setting must not contain a subquery: ${sql}`);
      continue;
    }
    if (execute.kind === 'refused' && execute.message.startsWith('syntax error')) {
      if (recorded)
        throw new VtError('INVALID_ARGUMENT', `[BUG]: failed to parse system setting: ${sql}: ${execute.message}`);
      throw new VtError('INVALID_ARGUMENT', `failed to parse connection setting: ${sql}`);
    }
    if (recorded) throw new VtError('INTERNAL', `[BUG]: invalid set statement: ${sql}`);
    throw new VtError('INVALID_ARGUMENT', `connection setting is not a SET statement: ${sql}`);
  }
}
