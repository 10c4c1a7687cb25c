import { firstWordAt } from '../../domain/sql';

/** The verb of a statement with a hint comment that may follow it. */
const verbForm = /(select|insert|replace|update|delete)\b(\s*\/\*\+)?/iy;

/** MySQL warns of an empty text in a hint. */
const hintValue = (name: string, value: string): string => (name === 'sql_mode' && value === "''" ? "' '" : value);

/**
 * A statement with `SET_VAR(name = value)` for each of `variables` (MySQL manual, "Variable-Setting Hint Syntax"), as
 * vtgate sends it; null for one whose verb is not in front.
 */
export function withSettingHints(sql: string, variables: ReadonlyMap<string, string>): string | null {
  const start = firstWordAt(sql, { brackets: true, plain: true });
  verbForm.lastIndex = start;
  const found = verbForm.exec(sql);
  if (found === null) return null;
  const names = [...variables.keys()].sort();
  const hints = names.map((name) => `SET_VAR(${name} = ${hintValue(name, variables.get(name) ?? '')})`).join(' ');
  const [whole, word = '', comment] = found;
  const verb = `${sql.slice(0, start)}${word}`;
  const rest = sql.slice(start + whole.length);
  return comment === undefined ? `${verb} /*+ ${hints} */${rest}` : `${verb} /*+ ${hints}${rest}`;
}
