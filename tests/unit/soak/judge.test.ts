import { describe, expect, it } from 'vitest';
import { judge, type Sample } from '../../soak/judge';

const mebibyte = 2 ** 20;
const soak = (held: (minute: number) => number, files: (minute: number) => number | null): Sample[] =>
  Array.from({ length: 60 }, (_, at) => ({ minute: at / 6, held: held(at / 6) * mebibyte, files: files(at / 6) }));

describe('a soak of ten minutes', () => {
  it.each([
    [
      'level',
      soak(
        () => 100,
        () => 40,
      ),
      [],
    ],
    [
      'growing in the first half only',
      soak(
        (at) => 100 + 20 * Math.min(at, 5),
        (at) => (at < 5 ? 40 + at : 45),
      ),
      [],
    ],
    [
      'growing by half a mebibyte a minute',
      soak(
        (at) => 100 + at / 2,
        () => 40,
      ),
      [],
    ],
    [
      'growing by two',
      soak(
        (at) => 100 + at * 2,
        () => 40,
      ),
      ['missed: memory grows'],
    ],
    [
      'going up and down',
      soak(
        (at) => 100 + (Math.round(at * 6) % 2) * 30,
        () => 40,
      ),
      [],
    ],
    [
      'leaving files open',
      soak(
        () => 100,
        (at) => 40 + at,
      ),
      ['missed: files are left open'],
    ],
    [
      'where nobody counts files',
      soak(
        () => 100,
        () => null,
      ),
      [],
    ],
  ])('%s', (_what, samples, missed) => {
    expect(judge(samples, 10).missed).toEqual(missed);
  });
  it('cannot be judged from too little', () => {
    expect(
      judge(
        soak(
          () => 1,
          () => 1,
        ).slice(0, 3),
        10,
      ).missed,
    ).toHaveLength(1);
  });
  it('of less than five minutes says that it judges nothing', () => {
    const growing = soak(
      (at) => 100 + at * 20,
      (at) => 40 + at,
    );
    expect(judge(growing, 4)).toEqual({
      figures: [
        expect.stringContaining('+20.00 MiB'),
        expect.any(String),
        expect.stringContaining('too short to judge'),
      ],
      missed: [],
    });
    expect(judge(growing, 5).missed).toHaveLength(2);
  });
});
