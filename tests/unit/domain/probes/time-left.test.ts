import { describe, expect, it } from 'vitest';
import { roundedSeconds, TimeLeftEstimate, type TimeLeft } from '../../../../src-main/domain/probes';

/** Plays a run on a clock of its own: `ms(index)` until the next cell has finished; looks ten times a second. */
function played(total: number, ms: (index: number) => number): { readonly at: number; readonly left: TimeLeft }[] {
  let now = 1_000;
  const estimate = new TimeLeftEstimate(total, () => now);
  const seen: { at: number; left: TimeLeft }[] = [];
  let looked = now;
  for (let index = 0; index < total; index += 1) {
    const until = now + ms(index);
    while (looked + 100 <= until) {
      looked += 100;
      now = looked;
      seen.push({ at: now - 1_000, left: estimate.left });
    }
    now = until;
    estimate.finished();
  }
  seen.push({ at: now - 1_000, left: estimate.left });
  return seen;
}
const shown = (all: ReturnType<typeof played>): number[] =>
  all.flatMap(({ left }) => (left.kind === 'about' ? [left.seconds] : []));
const rises = (values: readonly number[]): number =>
  values.filter((value, at) => value > (values[at - 1] ?? value)).length;

describe('the time that is left', () => {
  it('says nothing until something was measured', () => {
    const all = played(1_000, () => 10);
    expect(all[0]!.left).toEqual({ kind: 'unknown' });
    expect(all.findIndex(({ left }) => left.kind === 'about')).toBeGreaterThanOrEqual(3);
    expect(all.findIndex(({ left }) => left.kind === 'about')).toBeLessThanOrEqual(5);
  });

  it('counts down and never up at an even pace, and is right to a rounding', () => {
    const all = played(3_000, () => 10);
    expect(rises(shown(all))).toBe(0);
    for (const { at, left } of all)
      if (left.kind === 'about' && left.seconds > 5)
        expect(Math.abs(left.seconds - (30_000 - at) / 1000)).toBeLessThan(6);
    expect(all.at(-1)!.left).toEqual({ kind: 'about', seconds: 0 });
  });

  it('does not jump when cells take by turns one and thirty milliseconds', () => {
    expect(rises(shown(played(2_000, (index) => (index % 2 === 0 ? 1 : 30))))).toBe(0);
    expect(rises(shown(played(2_000, (index) => (index % 9 === 0 ? 120 : 4))))).toBe(0);
  });

  it('rises once when the run becomes four times slower, and is right again', () => {
    const all = played(2_000, (index) => (index < 1_000 ? 10 : 40));
    const values = shown(all);
    expect(rises(values)).toBeGreaterThanOrEqual(1);
    expect(rises(values)).toBeLessThanOrEqual(4);
    const late = all.filter(({ at }) => at > 10_000 + 10_000 && at < 40_000);
    expect(late.length).toBeGreaterThan(100);
    for (const { at, left } of late) {
      const real = (50_000 - at) / 1000;
      expect(Math.abs((left as { seconds: number }).seconds - real)).toBeLessThan(Math.max(5, 0.4 * real));
    }
  });

  it('owns up to a stall instead of a number, and goes on afterwards', () => {
    const all = played(400, (index) => (index === 200 ? 9_000 : 20));
    const stalls = all.flatMap(({ left }) => (left.kind === 'stalled' ? [left.seconds] : []));
    expect(stalls[0]).toBe(4);
    expect(stalls.at(-1)).toBeGreaterThanOrEqual(8);
    expect(
      all.slice(all.findLastIndex(({ left }) => left.kind === 'stalled') + 1).some(({ left }) => left.kind === 'about'),
    ).toBe(true);
  });

  it('is rounded to what can be known', () => {
    expect([0, 1, 4, 7, 8, 12, 24, 31, 52, 70, 100, 240].map(roundedSeconds)).toEqual([
      5, 5, 5, 5, 10, 10, 25, 30, 50, 60, 120, 240,
    ]);
  });
});
