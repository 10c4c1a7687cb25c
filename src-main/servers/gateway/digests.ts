import { createHash } from 'node:crypto';
import { emptyCalls, literalCalls } from '../../domain/sql';
import type { Edit } from './rewrite';

const algorithms = new Map([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha', 'sha1'],
]);
const names = new Set(algorithms.keys());

/** Digests of literals that vtgate computes, since MySQL 9 has these functions no more. */
export function digestEdits(sql: string, edits: Edit[]): void {
  if (!/\b(?:md5|sha1?)\s*\(/i.test(sql)) return;
  for (const { name, value, start, end } of literalCalls(sql, names)) {
    const digest = createHash(algorithms.get(name) as string)
      .update(value)
      .digest('hex');
    edits.push({ start, end, text: `'${digest}'` });
  }
}

/** PI() with all its digits, as vtgate shows it; MySQL shows six. */
export function piEdits(sql: string, edits: Edit[]): void {
  if (!/\bpi\s*\(/i.test(sql)) return;
  for (const span of emptyCalls(sql, 'pi')) edits.push({ ...span, text: `${Math.PI}e0` });
}
