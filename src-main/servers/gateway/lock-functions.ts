import { selectList } from './select-list';
import { VitessError } from './vitess-error';

const lockName = '(?:get_lock|release_lock|release_all_locks|is_free_lock|is_used_lock)';
const begins = new RegExp(`^\\s*${lockName}\\s*\\(`, 'i');
const within = new RegExp(`\\b${lockName}\\s*\\(`, 'i');
const aliasForm = /^(?:\s+(?:as\s+)?[\w`]+)?\s*$/i;

/** A text from an opening bracket at `open` to the one that closes it, without what is in quotes being counted. */
function bracketed(text: string, open: number): string {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (/['"`]/.test(character)) quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return text.slice(open, at + 1);
  }
  return text.slice(open);
}

/** The lock function at the beginning of an expression, with its arguments; null when another one is there. */
export function lockCall(item: string): { readonly call: string; readonly rest: string } | null {
  const head = begins.exec(item)?.[0];
  if (head === undefined) return null;
  const call = `${head}${bracketed(item, head.length - 1).slice(1)}`;
  return { call: call.trim(), rest: item.slice(call.length) };
}

/**
 * vtgate runs lock functions on a connection of their own and takes nothing else beside or around them. `printed` gives an
 * expression as vtgate prints it. Throws VitessError.
 */
export function demandLocksOnly(sql: string, printed: (expression: string) => string): void {
  const items = selectList(sql) ?? [];
  const isLock = (item: string): boolean => {
    const found = lockCall(item);
    return found !== null && aliasForm.test(found.rest);
  };
  const other = items.find((item) => !isLock(item));
  if (other === undefined) return;
  if (items.some(isLock)) {
    const beside = `[${printed(other.trim())}]`;
    const text = `VT12001: unsupported: LOCK function and other expression: ${beside} in same select query`;
    throw new VitessError('UNIMPLEMENTED', text);
  }
  const inner = items.flatMap((item) => lockCall(item.slice(within.exec(item)?.index ?? item.length)) ?? [])[0];
  throw new VitessError('UNIMPLEMENTED', `${printed(inner?.call ?? other.trim())} allowed only with dual`);
}
