import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { exceptions } from './exceptions';
import type { CaseOutcome, Tier } from './replay/outcome';
import { replays } from './replay/replays';
import { missed, tally } from './replay/tally';

const folder = fileURLToPath(new URL('./recorded', import.meta.url));

/**
 * Replays our copy of one recording and fails, with the differences, when it misses a bar of `tiers`. Returns what became
 * of each case.
 */
export async function expectReplayed(
  file: string,
  tiers: readonly Tier[] = ['a', 'b'],
): Promise<readonly CaseOutcome[]> {
  const recording: unknown = JSON.parse(readFileSync(`${folder}/${file}.json`, 'utf8'));
  const replay = await replays[file]!();
  const outcomes: CaseOutcome[] = [];
  const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
  for await (const outcome of replay(recording, { folder, fidelity })) outcomes.push(outcome);
  const result = tally(file, outcomes, exceptions);
  expect(result.cases, 'no case was replayed').toBeGreaterThan(0);
  const differing = result.differing.filter(({ differences }) => differences.some(({ tier }) => tier === 'a'));
  expect(differing.slice(0, 20)).toEqual([]);
  expect(missed(result).filter((text) => tiers.includes('b') || !text.includes('tier b'))).toEqual([]);
  return outcomes;
}
