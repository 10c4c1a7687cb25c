import { exceptions } from '../exceptions';
import type { CaseOutcome, Difference, ReplaySettings } from '../replay/outcome';
import { replays } from '../replay/replays';
import { ruleOf } from './names';

/** Cases that a rule changes, in each of the two settings: hardened mode has the fixes of 24.0.4 and its own rules. */
export interface RuleCases {
  readonly vitess: number;
  readonly hardened: number;
  /** Id of the first such case. */
  readonly example: string;
}

/** How the cases of one recording come out otherwise than recorded under 24.0.4, in vitess and in hardened mode. */
export interface FileDifferences {
  readonly file: string;
  readonly cases: number;
  readonly rules: Readonly<Record<string, RuleCases>>;
  /** Differences that no rule explains. */
  readonly unnamed: readonly { readonly id: string; readonly mode: 'vitess' | 'hardened'; readonly at: string }[];
}

/** What stands at a place, without the numbers and times of one run. */
const keyOf = ({ at, seen }: Difference): string =>
  JSON.stringify([at, seen])
    .replace(/\d{10,}/g, '{id}')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/g, '{time}');

/**
 * Plays one recording three times: as recorded, with the fixes, hardened; what already differs as recorded is left out.
 * `unexplained` is told of each difference that no rule explains.
 */
export async function differencesOf(
  file: string,
  recording: unknown,
  folder: string,
  unexplained: (id: string, mode: 'vitess' | 'hardened', difference: Difference) => void = () => undefined,
): Promise<FileDifferences> {
  const replay = await replays[file]!();
  const play = async (fidelity: ReplaySettings['fidelity']): Promise<Map<string, CaseOutcome>> => {
    const outcomes = new Map<string, CaseOutcome>();
    for await (const outcome of replay(recording, { folder, fidelity })) outcomes.set(outcome.id, outcome);
    return outcomes;
  };
  const recorded = await play({ mode: 'vitess', version: '24.0-recorded' });
  const fixed = await play({ mode: 'vitess', version: '24.0.4' });
  const hardened = await play({ mode: 'hardened', version: '24.0.4' });

  const rules: Record<string, { vitess: Set<string>; hardened: Set<string> }> = {};
  const unnamed: { id: string; mode: 'vitess' | 'hardened'; at: string }[] = [];
  for (const id of new Set([...fixed.keys(), ...hardened.keys()])) {
    const before = new Set(recorded.get(id)?.differences.map(keyOf));
    const byFix = new Map<string, string | null>();
    // What is an exception as recorded says nothing of versions and modes; the printed part of a text goes with the text.
    const excepted = (outcome: CaseOutcome, difference: Difference): boolean => {
      const whole: Difference = { ...difference, tier: 'a', at: difference.at.replace(/\.printed$/, '') };
      return exceptions.some(
        (one) =>
          one.file === file && [difference, whole].some((each) => one.tier === each.tier && one.covers(each, outcome)),
      );
    };
    for (const [mode, outcome] of [['vitess', fixed.get(id)] as const, ['hardened', hardened.get(id)] as const]) {
      const all = (outcome?.differences ?? []).filter(
        (difference) => !before.has(keyOf(difference)) && !excepted(outcome!, difference),
      );
      for (const difference of all) {
        const key = keyOf(difference);
        const rule = byFix.has(key)
          ? byFix.get(key)!
          : ruleOf(file, { recorded: outcome?.recorded, difference, all, mode });
        if (mode === 'vitess') byFix.set(key, rule);
        if (rule === null) {
          unnamed.push({ id, mode, at: difference.at });
          unexplained(id, mode, difference);
        } else (rules[rule] ??= { vitess: new Set(), hardened: new Set() })[mode].add(id);
      }
    }
  }
  return {
    file,
    cases: recorded.size,
    rules: Object.fromEntries(
      Object.entries(rules)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([rule, { vitess, hardened: all }]) => [
          rule,
          { vitess: vitess.size, hardened: all.size, example: [...vitess, ...all][0] ?? '' },
        ]),
    ),
    unnamed,
  };
}
