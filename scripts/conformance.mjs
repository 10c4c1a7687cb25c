// `npm run conformance -- [DIR] …` (`--help` lists the rest)
//
// Replays recordings of real Vitess against our gateway and tablet and prints a line for each file: cases that match,
// that are excepted and that differ, in each tier (docs/design.md, section 3), then by what exceptions and, in tier b,
// where. --show prints each difference. Ends with 1 when a bar is missed (a case of tier a differs, more than 1 % of a file
// is excepted, less than 80 % of tier b is equal) or nothing was replayed, and with 2 for arguments that make no sense.
import { spawn } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle, root, withMysql9 } from './bundle.mjs';

const usage =
  'usage: npm run conformance -- [DIR] [--show] [--only NAME] [--case TEXT] [--mode vitess|hardened] [--vitess 24.0-recorded|24.0.4] [--json FILE]';

/** Ends with 2: what was asked for cannot be done. */
function refuse(why) {
  console.error(why);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        show: { type: 'boolean', default: false },
        only: { type: 'string' },
        case: { type: 'string' },
        mode: { type: 'string', default: 'vitess' },
        vitess: { type: 'string', default: '24.0-recorded' },
        json: { type: 'string' },
      },
    });
  } catch (error) {
    return refuse(`${error.message}\n${usage}`);
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (positionals.length > 1) refuse(`One folder of recordings at a time.\n${usage}`);
for (const [name, known] of [
  ['mode', ['vitess', 'hardened']],
  ['vitess', ['24.0-recorded', '24.0.4']],
])
  if (!known.includes(values[name])) refuse(`--${name} is ${known.join(' or ')}, not "${values[name]}".`);

const folder = resolve(positionals[0] ?? join(root, 'tests', 'conformance', 'recorded'));
if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) refuse(`There is no folder ${folder}.`);
/** Needs the control plane, which this version does not have. */
const later = new Set(['admin']);

const at = await bundle('conformance', {
  run: 'tests/conformance/run.ts',
  tally: 'tests/conformance/replay/tally.ts',
});
const { missed } = await import(pathToFileURL(at('tally')).href);

const chosen = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .filter((name) => values.only === undefined || name === values.only)
  .sort();
const files = chosen.filter((name) => !later.has(name));
if (chosen.length === 0)
  refuse(`No recordings in ${folder}${values.only === undefined ? '' : ` named ${values.only}.json`}.`);
if (files.length === 0) refuse(`${chosen[0]}.json waits for the control plane, which this version does not have.`);

const env = withMysql9();

function replay(file) {
  const started = Date.now();
  const parameters = ['--enable-source-maps', at('run'), folder, file, values.mode, values.vitess];
  if (values.case !== undefined) parameters.push(values.case);
  return new Promise((done) => {
    const child = spawn(process.execPath, parameters, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (complaint += data));
    child.on('close', (code) => {
      const line = said.trimEnd().split('\n').at(-1) ?? '';
      const result = code === 0 && line.startsWith('{') ? JSON.parse(line) : null;
      done({ file, result, complaint, seconds: (Date.now() - started) / 1000 });
    });
  });
}

const width = Math.max(...files.map((name) => name.length));
const counts = ({ matched, excepted, differing }) =>
  matched + excepted + differing === 0
    ? '–'.padStart(20)
    : [matched, excepted, differing].map((many) => String(many).padStart(6)).join(' ');
/** `what: name 3, other 1`, the most frequent first; nothing for nothing. */
const named = (what, counts) => {
  const all = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return all.length === 0 ? [] : [`${what}: ${all.map(([name, many]) => `${name} ${many}`).join(', ')}`];
};
const text = (value) => (value === undefined ? 'nothing' : JSON.stringify(value));

console.log('Cases, by what differs. a: who gets in and why. b: SQL as Vitess prints it, positions in syntax errors.');
console.log(`${''.padEnd(width)}   a: matched excepted differing   b: matched excepted differing`);
const results = [];
const faults = [];
const waiting = [...files];
const began = Date.now();
await Promise.all(
  [1, 2].map(async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { result, complaint, seconds } = await replay(file);
      if (result === null) {
        faults.push(`${file}: was not replayed`);
        console.log(`${file.padEnd(width)}   not replayed: ${complaint.trimEnd()}`);
        continue;
      }
      if (result.cases === 0) faults.push(`${file}: no case was replayed`);
      results.push(result);
      faults.push(...missed(result));
      const names = [
        ...named('a excepted', result.exceptions.a),
        ...named('b excepted', result.exceptions.b),
        ...named('b differs at', result.placesOfB),
        ...Object.entries(result.notRun).map(([what, many]) => `not run for want of ${what} ${many}`),
      ];
      console.log(
        `${file.padEnd(width)}   ${counts(result.tiers.a)}      ${counts(result.tiers.b)}   ${result.cases} cases, ${seconds.toFixed(0)} s${names.length === 0 ? '' : `; ${names.join('; ')}`}`,
      );
      if (!values.show) continue;
      for (const { id, differences } of result.differing)
        for (const { tier, at, expected, seen } of differences)
          console.log(`  ${id} (${tier}) ${at}\n    recorded ${text(expected)}\n    seen     ${text(seen)}`);
    }
  }),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results)}\n`);
console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
for (const fault of faults) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
