import { describe, expect, test } from 'vitest';
import source from '../../../src-renderer/styles/tokens.css?raw';

type Theme = 'light' | 'dark';

/** The value of a colour token in one theme, as #rrggbb. */
function colour(token: string, theme: Theme): string {
  const value = new RegExp(`^  --${token}: (.+?);`, 'm').exec(source)?.[1];
  if (value === undefined) throw new Error(`no token --${token}`);
  const pair = /^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/.exec(value);
  return pair === null ? value : ((theme === 'light' ? pair[1] : pair[2]) ?? '');
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const text = 4.5;
const mark = 3;
const grounds = ['surface', 'sunken', 'raised', 'window', 'hover', 'selected'];
const pairs: [front: string, ground: string, least: number][] = [
  ...['ink', 'ink-2', 'ink-3', 'allow', 'deny', 'warn'].flatMap((front) =>
    grounds.map((ground): [string, string, number] => [front, ground, text]),
  ),
  ...['allow', 'deny', 'warn'].flatMap((verdict): [string, string, number][] => [
    [verdict, `${verdict}-tint`, text],
    ['ink', `${verdict}-tint`, text],
    ['on-mark', verdict, mark],
  ]),
  ['ink-2', 'warn-tint', text],
  ['ink-2', 'deny-tint', text],
  ['on-primary', 'primary', text],
  ['on-primary', 'primary-hover', text],
  ['on-marker', 'marker', text],
  ...grounds.flatMap((ground): [string, string, number][] => [
    ['line-strong', ground, mark],
    ['focus', ground, mark],
    ['marker-line', ground, mark],
  ]),
];

describe.each<Theme>(['light', 'dark'])('contrast, %s', (theme) => {
  test.each(pairs)('%s on %s is at least %d', (front, ground, least) => {
    expect(contrast(colour(front, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least);
  });
});

test('the measure itself: black on white is 21, grey on grey 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#74807c', '#74807c')).toBe(1);
});
