import { afterEach, expect, test, vi } from 'vitest';
import { RestartBudget } from '../../../../src-main/servers/backend/restart-budget';

afterEach(() => void vi.useRealTimers());

test('allows three starts in the window, then the next when the first is out of it', () => {
  const budget = new RestartBudget(60_000);
  expect([0, 1_000, 2_000].map((at) => budget.take(at))).toEqual([0, 0, 0]);
  expect(budget.take(10_000)).toBe(50_000);
  expect(budget.take(59_999.5)).toBe(1);
  expect(budget.take(60_000)).toBe(0);
  expect(budget.take(60_500)).toBe(500);
});

test('a pause ends by itself or when woken, which forgets the starts before', async () => {
  vi.useFakeTimers();
  const budget = new RestartBudget(60_000, 1);
  const said: string[] = [];
  void budget.pause(500).then(() => said.push('by itself'));
  await vi.advanceTimersByTimeAsync(499);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(['by itself']);
  expect([budget.take(0), budget.take(0)]).toEqual([0, 60_000]);
  void budget.pause(60_000).then(() => said.push('woken'));
  budget.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['by itself', 'woken']);
  expect(vi.getTimerCount()).toBe(0);
  expect(budget.take(0)).toBe(0);
});
