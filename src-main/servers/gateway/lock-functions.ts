import { isComputedByGateway } from './local-results';
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

/** Whether an expression of a list is a lock function and nothing else, but for an alias. */
export function isLockCall(item: string): boolean {
  const found = lockCall(item);
  return found !== null && aliasForm.test(found.rest);
}

/**
 * vtgate runs lock functions on a connection of their own and takes nothing behind or around them; what it can compute
 * itself may stand in front and is left out of the answer (go/vt/vtgate/planbuilder/select.go, handleDualSelects).
 * `printed` gives an expression as vtgate prints it. Throws VitessError.
 */
export function demandLocksOnly(sql: string, printed: (expression: string) => string): void {
  const items = selectList(sql) ?? [];
  let locks = 0;
  for (const item of items) {
    if (isLockCall(item)) locks += 1;
    else if (locks > 0) {
      const beside = `[${printed(item.trim())}]`;
      const text = `VT12001: unsupported: LOCK function and other expression: ${beside} in same select query`;
      throw new VitessError('UNIMPLEMENTED', text);
    } else if (!isComputedByGateway(`select ${item}`)) {
      const inner = items.flatMap((one) => lockCall(one.slice(within.exec(one)?.index ?? one.length)) ?? [])[0];
      throw new VitessError('UNIMPLEMENTED', `${printed(inner?.call ?? item.trim())} allowed only with dual`);
    }
  }
}
