import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../src-main/domain/kernel';
import { exceptions } from './exceptions';
import type { CaseOutcome, ReplaySettings } from './replay/outcome';
import { replays } from './replay/replays';
import { tally, type Tally } from './replay/tally';

/** A file that cannot be replayed for what it is, not for a fault of the replay. */
class Unreadable extends Error {}

function read(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const reading = readJson(text);
    if (reading.ok) throw new Unreadable(`${path}: not JSON`);
    const { line, column, found, wanted } = reading.error;
    throw new Unreadable(`${path}:${line}:${column}: ${wanted} expected, ${found === '' ? 'nothing' : found} found`);
  }
}

/**
 * Replays one recording and prints its tally as one line of JSON; scripts/conformance.mjs runs one such program a file
 * and puts the lines together.
 *
 * @param folder of the recordings
 * @param file without `.json`; one without a replay is a fault
 */
export async function run(
  folder: string,
  file: string,
  fidelity: ReplaySettings['fidelity'],
  pattern: string | null,
): Promise<Tally> {
  const load = replays[file];
  if (load === undefined) throw new Unreadable(`${file}.json is none of ${Object.keys(replays).join(', ')}`);
  const recording = read(join(folder, `${file}.json`));
  const replay = await load();
  const only = pattern === null ? undefined : (id: string) => id.includes(pattern);
  const outcomes: CaseOutcome[] = [];
  for await (const outcome of replay(recording, { folder, fidelity, ...(only === undefined ? {} : { only }) }))
    outcomes.push(outcome);
  return tally(file, outcomes, exceptions);
}

const [folder = '', file = '', mode = 'vitess', version = '24.0-recorded', pattern] = process.argv.slice(2);
const fidelity = { mode, version } as ReplaySettings['fidelity'];
try {
  const result = await run(folder, file, fidelity, pattern ?? null);
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
} catch (error) {
  const text = error instanceof Unreadable ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`, () => process.exit(1));
}
