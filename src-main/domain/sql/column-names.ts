import type { Reader } from './reader';
import { C } from './token-kinds';

/** Reads a column's name, qualified or not. */
export function columnName(reader: Reader): void {
  const first = reader.at;
  reader.name();
  if (!reader.accept(C.dot)) return;
  const second = reader.at;
  reader.nameAfterDot();
  if (!reader.accept(C.dot)) return;
  reader.nameAfterDot();
  reader.qualifiers.push({ start: reader.start(first), end: reader.start(second), name: reader.nameOf(first) });
}
