import { readStatement, splitStatements } from '../../domain/sql';

/** Statements that make or drop tables and views, behind the comments in front of them. */
const maker =
  /^(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*(?!!)(?:[^*]|\*(?!\/))*\*\/)*(?:\/\*!\d*\s*)?(create|drop|rename|alter)\b([\s\S]{0,80})/i;
/** The first of these words says what a statement makes; a temporary table goes with its session. */
const kinds =
  /\b(table|tables|view|temporary|procedure|function|trigger|event|database|schema|user|role|index|server)\b/i;

/**
 * Names of the tables and views that are there after a schema file has run, in the order in which they are made. What
 * cannot be read is passed over: the list is for offering names, never for deciding.
 */
export function schemaTables(sql: string): string[] {
  const present = new Set<string>();
  for (const statement of splitStatements(sql)) {
    const [, verb, rest] = maker.exec(statement) ?? [];
    if (verb === undefined || rest === undefined) continue;
    const word = verb.toLowerCase();
    const kind = kinds.exec(rest)?.[1]?.toLowerCase() ?? '';
    if (!/^(table|tables|view)$/.test(kind) || (word === 'alter' && !/\brename\b/i.test(statement))) continue;
    const plan = readStatement(statement, { fidelity: { mode: 'vitess', version: '24.0.4' } }).execute;
    if (plan.kind !== 'plan') continue;
    const named = plan.permissions.flatMap(({ table, role }) => (role === 'ADMIN' ? [table] : []));
    if (word === 'create') named.slice(0, 1).forEach((table) => present.add(table));
    else if (word === 'drop') named.forEach((table) => present.delete(table));
    else
      named.forEach((table, index) => {
        if (index % 2 === 1) present.add(table);
        else present.delete(table);
      });
  }
  return [...present];
}
