import { T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName } from './names';
import { node, plain, unprintable, type Node } from './node';

/** System variables whose value is vtgate's own (go/vt/sqlparser/normalizer.go). */
const owned = new Set(
  (
    'autocommit charset client_found_rows ddl_strategy migration_context names transaction_mode read_after_write_gtid ' +
    'read_after_write_timeout enable_system_settings session_track_gtids session_uuid skip_query_plan_cache socket ' +
    'sql_select_limit version version_comment query_timeout transaction_timeout workload'
  ).split(' '),
);

/** Variables that mean the next transaction without a scope and the session with it. */
const ofTransaction = new Set(['transaction_isolation', 'transaction_read_only']);

/** `@@x`. User variables are MySQL's here, not the gateway's, and stop the printing. */
export function variable(cursor: Cursor): Node {
  if (cursor.kind === T.userVariable) throw unprintable;
  const text = cursor.text().slice(2);
  cursor.at += 1;
  if (!/^[A-Za-z0-9_.]+$/.test(text)) throw unprintable;
  const found = /^(global|session|local)\.(.+)$/i.exec(text);
  const scope = found?.[1]?.toLowerCase() ?? '';
  const name = found?.[2] ?? text;
  if (name.includes('.')) throw unprintable;
  if (scope === 'global') return plain(`@@global.${printedName(name)}`);
  const lowered = name.toLowerCase();
  const printed = `@@${scope !== '' && ofTransaction.has(lowered) ? 'session.' : ''}${printedName(name)}`;
  if (!owned.has(lowered) && !cursor.sessionVariables.has(lowered)) return plain(printed);
  cursor.rewrites = true;
  return node('variable', [printed], { name: `__vt${lowered}` });
}
