import type { Cursor } from './cursor';
import { argumentNode, unprintable, type Node } from './node';

/** `:name` or `?`, which is `:v1`, `:v2` … */
export function argument(cursor: Cursor): Node {
  const text = cursor.text();
  if (text !== '?' && !/^:[A-Za-z_][A-Za-z0-9_$]*$/.test(text)) throw unprintable;
  const name = text === '?' ? `v${++cursor.parameters}` : text.slice(1);
  cursor.at += 1;
  cursor.noteArgument(name);
  return argumentNode(`:${name}`);
}
