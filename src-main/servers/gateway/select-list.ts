/** The parts of a text between commas that stand in no brackets and no quotes. */
function listItems(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"' || character === '`') quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      items.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...items, text.slice(from)];
}

/** Longer texts are not looked at. */
const longestRead = 4096;

/** The expressions of a SELECT without tables, or null for one of another form or too long to look at. */
export function selectList(sql: string): string[] | null {
  if (sql.length > longestRead) return null;
  const list = /^\s*select\s+([\s\S]*?)(?:\s+from\s+dual\s*)?;?\s*$/i.exec(sql)?.[1];
  return list === undefined ? null : listItems(list);
}

/** How many expressions each SELECT of a UNION has; none for a text of another form or too long to look at. */
export function unionCounts(sql: string): number[] {
  if (sql.length > longestRead || /\(\s*select\b|\*/i.test(sql)) return [];
  const plain = sql.replace(/'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`/g, "''");
  return plain
    .split(/\bunion(?:\s+(?:all|distinct))?\b/i)
    .map((part) => selectList(part.replace(/\b(?:order\s+by|limit)\b[\s\S]*$/i, ''))?.length ?? 0);
}
