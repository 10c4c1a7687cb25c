// `npm run conformance:differences [-- FILE…]`
//
// Plays recordings as recorded, under 24.0.4 and hardened, and writes what comes out otherwise, by the rule that is the reason, to
// src-main/domain/fidelity/measured.ts and docs/fidelity.md. With names only these recordings are played again; the others stay
// as they were. Ends with 1 when a difference has no rule.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { bundle, root, withMysql9 } from './bundle.mjs';

const data = join(root, 'src-main', 'domain', 'fidelity', 'measured.ts');
const page = join(root, 'docs', 'fidelity.md');
const entryPoints = {
  run: 'tests/conformance/differences/run.ts',
  document: 'tests/conformance/differences/document.ts',
  ...(existsSync(data) ? { measured: 'src-main/domain/fidelity/measured.ts' } : {}),
};
const at = await bundle('differences', entryPoints);
const load = (name) => import(pathToFileURL(at(name)).href);
const { fidelityDocument } = await load('document');
const before = 'measured' in entryPoints ? (await load('measured')).measured : [];

const named = process.argv.slice(2);
const files = named.length > 0 ? named : before.map(({ file }) => file);
const results = new Map(before.map((one) => [one.file, one]));
for (const file of files) {
  const folder = join(root, 'tests', 'conformance', 'recorded');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [at('run'), folder, file], {
    cwd: root,
    env: withMysql9(),
    maxBuffer: 1 << 28,
  });
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1));
  results.set(file, result);
  console.log(
    `${file}: ${result.cases} cases, ${Object.keys(result.rules).length} rules, ${result.unnamed.length} without a rule`,
  );
  if (result.unnamed.length > 0) process.stdout.write(stderr);
}
const all = [...results.values()].sort((a, b) => a.file.localeCompare(b.file));
const text = `/** How many recorded cases each rule changes; made by \`npm run conformance:differences\` (docs/fidelity.md). */
export const measured = ${JSON.stringify(all)};
`;
writeFileSync(data, await format(text, { ...(await resolveConfig(data)), plugins: [], parser: 'typescript' }));
writeFileSync(
  page,
  await format(fidelityDocument(all), { ...(await resolveConfig(page)), plugins: [], parser: 'markdown' }),
);
process.exitCode = all.every(({ unnamed }) => unnamed.length === 0) ? 0 : 1;
