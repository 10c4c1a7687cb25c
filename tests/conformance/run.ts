import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exceptions } from './exceptions';
import type { CaseOutcome, ReplaySettings } from './replay/outcome';
import { replays } from './replay/replays';
import { tally, type Tally } from './replay/tally';

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
  if (load === undefined) throw new Error(`${file}.json is a kind of recording that has no replay`);
  const recording: unknown = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
  const replay = await load();
  const only = pattern === null ? undefined : (id: string) => id.includes(pattern);
  const outcomes: CaseOutcome[] = [];
  for await (const outcome of replay(recording, { folder, fidelity, ...(only === undefined ? {} : { only }) }))
    outcomes.push(outcome);
  return tally(file, outcomes, exceptions);
}

const [folder = '', file = '', mode = 'vitess', version = '24.0-recorded', pattern] = process.argv.slice(2);
const fidelity = { mode, version } as ReplaySettings['fidelity'];
const result = await run(folder, file, fidelity, pattern ?? null);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
