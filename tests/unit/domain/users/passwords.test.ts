import { describe, expect, it } from 'vitest';
import {
  estimateEntropyBits,
  generatePassword,
  loadEntropyEstimator,
  weakPasswordFinding,
} from '../../../../src-main/domain/users';

const place = { file: 'users.json', line: 1, column: 2 };

describe('generatePassword', () => {
  it('has 256 bits unless told, in a URL-safe alphabet', () => {
    expect(generatePassword()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/);
  });
  it.each([
    [64, 11],
    [128, 22],
    [160, 27],
    [192, 33],
    [256, 43],
    [1024, 171],
  ])('%i bits take %i characters', (bits, length) => {
    expect(generatePassword({ bits })).toHaveLength(length);
    expect(length * 6 + Math.log2(63 / 64)).toBeGreaterThanOrEqual(bits);
  });
  it.each([0, 63, 1025, 128.5, Number.NaN])('refuses %d bits', (bits) => {
    expect(() => generatePassword({ bits })).toThrow(RangeError);
  });
  it('never begins with a dash and uses every random byte', () => {
    const draws = [Buffer.alloc(43, 62), Buffer.from(Array.from({ length: 43 }, (_, index) => index))];
    const password = generatePassword({ random: () => draws.shift() ?? Buffer.alloc(43) });
    expect(password).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq');
  });
  it('uses all characters equally', () => {
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 2000; draw += 1)
      for (const character of generatePassword().slice(1)) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(64);
    const mean = (2000 * 42) / 64;
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.25);
  });
});

describe('estimateEntropyBits', () => {
  it.each([
    ['', 0, 0],
    ['password', 0, 5],
    ['Password1', 0, 20],
    ['qwertyuiop', 0, 15],
    ['correct horse battery staple', 20, 110],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0, 20],
    ['2026-11-22', 0, 25],
  ])('of %j is between %i and %i', async (password, least, most) => {
    const bits = await estimateEntropyBits(password);
    expect(bits).toBeGreaterThanOrEqual(least);
    expect(bits).toBeLessThanOrEqual(most);
  });
  it('does not call generated passwords weak', async () => {
    const estimate = await loadEntropyEstimator();
    for (let draw = 0; draw < 6; draw += 1) {
      expect(weakPasswordFinding(estimate(generatePassword()), 'sha2', place)).toBeNull();
      expect(weakPasswordFinding(estimate(generatePassword({ bits: 160 })), 'native', place)).toBeNull();
    }
  }, 60_000);
  it('calls a generated password weak for a hash with more bits', async () => {
    expect(
      weakPasswordFinding(await estimateEntropyBits(generatePassword({ bits: 128 })), 'sha2', place),
    ).toMatchObject({
      code: 'users.weak-password',
      ...place,
    });
    expect(
      weakPasswordFinding(await estimateEntropyBits(generatePassword({ bits: 96 })), 'native', place),
    ).not.toBeNull();
  });
});
