import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differencesOf } from './collect';

/**
 * Prints the differences of one recording as one line of JSON (scripts/differences.mjs runs one such program a file), and
 * on stderr what each difference without a rule is.
 */
const [folder = '', file = ''] = process.argv.slice(2);
const recording: unknown = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
const result = await differencesOf(file, recording, folder, (id, mode, { at, expected, seen }) => {
  process.stderr.write(`  ${id} (${mode}) ${at}\n    recorded ${text(expected)}\n    seen     ${text(seen)}\n`);
});
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
