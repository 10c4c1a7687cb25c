import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differencesOf } from './collect';

/** Prints the differences of one recording as one line of JSON (scripts/differences.mjs runs one such program a file). */
const [folder = '', file = ''] = process.argv.slice(2);
const recording: unknown = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
const result = await differencesOf(file, recording, folder);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
