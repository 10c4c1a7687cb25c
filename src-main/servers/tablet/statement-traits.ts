import { skipped } from './skip-quoted';
import type { PlanName } from '../../domain/sql';

/** A text without strings, quoted names and comments; executable comments (`/*!`) keep their content. */
export function bareText(sql: string): string {
  const marks = /['"`#]|\/\*(?!M?!)|--(?=\s|$)/g;
  const kept: string[] = [];
  let from = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    kept.push(sql.slice(from, mark.index));
    from = skipped(sql, mark.index);
    marks.lastIndex = from;
  }
  kept.push(sql.slice(from));
  return kept.join(' ');
}

/**
 * Whether a statement runs only on a connection that its caller keeps (vttablet's NeedsReservedConn): advisory locks, SET,
 * FLUSH that holds locks, temporary tables.
 */
export function needsReservedConnection(plan: PlanName, sql: string): boolean {
  switch (plan) {
    case 'SelectLockFunc':
    case 'Set':
      return true;
    case 'Flush':
      return /\bwith\s+read\s+lock\b|\bfor\s+export\b/i.test(bareText(sql));
    case 'DDL':
      return /^[\s(]*(?:create|drop)\s+temporary\b/i.test(bareText(sql));
    default:
      return false;
  }
}

/**
 * Whether a statement may leave something on its connection that the next user could see: user variables, temporary
 * tables, whatever a procedure does. Such a connection is closed after use.
 */
export function leavesState(plan: PlanName, sql: string): boolean {
  if (plan === 'CallProcedure' || plan === 'Set' || plan === 'SelectLockFunc' || plan === 'Load') return true;
  // After CREATE TABLE … START TRANSACTION MySQL takes nothing but row events on that connection.
  if (plan === 'DDL') return /\btemporary\b|\bstart\s+transaction\b/i.test(sql);
  return sql.includes('@') && /(?:^|[^@])@(?!@)/.test(bareText(sql));
}

/**
 * Whether a text holds `/*M! …`, which MariaDB runs and which is a plain comment to Vitess, to MySQL and to the reader
 * (MariaDB knowledge base, "Comment Syntax"). What was read would not be what is run.
 */
export const hasMariadbCode = (sql: string): boolean => sql.includes('/*M!') && bareText(sql).includes('/*M!');
