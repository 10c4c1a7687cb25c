import { expect, it } from 'vitest';
import { PingPolice } from '../../../../src-main/servers/rpc/keepalive';

const second = 1000;

it('strikes PINGs that come faster than every ten seconds, and ends at the third', () => {
  const police = new PingPolice();
  expect([0, 1, 2, 3].map((n) => police.tooMany(n * second, 1, n * 17))).toEqual([false, false, false, true]);
});

it('lets a client ping every ten seconds while it has a call', () => {
  const police = new PingPolice();
  for (let n = 0; n < 20; n += 1) expect(police.tooMany(n * 10 * second, 1, n * 17)).toBe(false);
});

it('strikes the same without a call', () => {
  const police = new PingPolice();
  expect([0, 1, 2, 3].map((n) => police.tooMany(n * 10 * second, 0, n * 17))).toEqual([false, false, false, true]);
});

it('forgets strikes when data was sent in between, as for the measurements of grpc-go', () => {
  const police = new PingPolice();
  for (let n = 0; n < 1000; n += 1) expect(police.tooMany(n, 1, n * 16_384)).toBe(false);
});

it('forgets strikes with each call', () => {
  const police = new PingPolice();
  for (let n = 0; n < 100; n += 1) {
    expect(police.tooMany(n, 1, 0)).toBe(false);
    if (n % 2 === 1) police.cleared();
  }
});
