/** The verb of a statement behind comments and brackets, with a hint comment that may follow it. */
const verbForm = /^((?:\s|\(|\/\*(?![!+])[\s\S]*?\*\/)*(?:select|insert|replace|update|delete))\b(\s*\/\*\+)?/i;

/** MySQL warns of an empty text in a hint. */
const hintValue = (name: string, value: string): string => (name === 'sql_mode' && value === "''" ? "' '" : value);

/**
 * A statement with `SET_VAR(name = value)` for each of `variables` (MySQL manual, "Variable-Setting Hint Syntax"), as
 * vtgate sends it; null for one whose verb is not in front.
 */
export function withSettingHints(sql: string, variables: ReadonlyMap<string, string>): string | null {
  const found = verbForm.exec(sql);
  if (found === null) return null;
  const names = [...variables.keys()].sort();
  const hints = names.map((name) => `SET_VAR(${name} = ${hintValue(name, variables.get(name) ?? '')})`).join(' ');
  const [whole, verb = '', comment] = found;
  const rest = sql.slice(whole.length);
  return comment === undefined ? `${verb} /*+ ${hints} */${rest}` : `${verb} /*+ ${hints}${rest}`;
}
