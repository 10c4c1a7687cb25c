import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** One row: its client, and a cell for each column. */
export interface ClientRow {
  readonly name: string;
  readonly cells: readonly string[];
}

const readme = fileURLToPath(new URL('../../../README.md', import.meta.url));
const begin = '<!-- clients: begin -->';
const end = '<!-- clients: end -->';
const parts = (text: string): [string, string, string] => {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error('README.md has lost the marks of the table of clients');
  return [text.slice(0, from + begin.length), text.slice(from + begin.length, to), text.slice(to)];
};
const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of the table in README.md, without its head. */
export async function readTable(): Promise<ClientRow[]> {
  const [, table] = parts(await readFile(readme, 'utf8'));
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map(cellsOf)
    .map(([name = '', ...cells]) => ({ name, cells }));
}

/** Writes the table into README.md, in prettier's form. */
export async function writeTable(columns: readonly string[], rows: readonly ClientRow[]): Promise<void> {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = [line(['Client', ...columns]), line(['Client', ...columns].map(() => '---'))];
  const [before, , after] = parts(await readFile(readme, 'utf8'));
  const table = [...head, ...rows.map(({ name, cells }) => line([name, ...cells]))].join('\n');
  const options = { ...(await resolveConfig(readme)), filepath: readme };
  await writeFile(readme, await format(`${before}\n\n${table}\n\n${after}`, options));
}
