import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Attempts, PageToken } from '../../../../src-main/platform/browser/token';

it('a token has 256 bits, another each time, and is never printed', () => {
  const one = new PageToken();
  expect(Buffer.from(one.secret.reveal(), 'base64url')).toHaveLength(32);
  expect(new PageToken().secret.reveal()).not.toBe(one.secret.reveal());
  for (const text of [String(one.secret), JSON.stringify(one), inspect(one, { depth: 9, showHidden: true })])
    expect(text).not.toContain(one.secret.reveal());
});

it('matches itself only', () => {
  const token = new PageToken(() => Buffer.alloc(32, 7));
  const text = token.secret.reveal();
  expect(token.matches(text)).toBe(true);
  for (const wrong of ['', text.slice(0, -1), `${text} `, text.toUpperCase(), `${text}${text}`, 'a'.repeat(1_000_000)])
    expect(token.matches(wrong)).toBe(false);
});

it('attempts run out, come back one at a time, and never above the capacity', () => {
  let now = 0;
  const attempts = new Attempts(2, 100, () => now);
  attempts.failed();
  expect(attempts.open).toBe(true);
  attempts.failed();
  expect(attempts.open).toBe(false);
  now = 99;
  expect(attempts.open).toBe(false);
  now = 100;
  expect(attempts.open).toBe(true);
  attempts.failed();
  expect(attempts.open).toBe(false);
  now = 10_000;
  expect(attempts.open).toBe(true);
  attempts.failed();
  attempts.failed();
  expect(attempts.open).toBe(false);
});
