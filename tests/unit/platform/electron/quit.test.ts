import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endBeforeQuit } from '../../../../src-main/platform/electron/quit';

function appDouble() {
  const app = Object.assign(new EventEmitter(), {
    quits: 0,
    exits: [] as (number | undefined)[],
    quit: () => void (app.quits += 1),
    exit: (code?: number) => void app.exits.push(code),
  });
  /** Raises before-quit; true: the quit was put off. */
  const ask = (): boolean => {
    let prevented = false;
    app.emit('before-quit', { preventDefault: () => (prevented = true) });
    return prevented;
  };
  return { app, ask };
}

describe('a quit', () => {
  it('waits for the cluster, once, and then quits', async () => {
    const { app, ask } = appDouble();
    let finish = (): void => undefined;
    let disposals = 0;
    endBeforeQuit(
      app as never,
      () => {
        disposals += 1;
        return new Promise((resolve) => (finish = resolve));
      },
      () => undefined,
    );
    expect(ask()).toBe(true);
    expect(ask()).toBe(true);
    expect([disposals, app.quits]).toEqual([1, 0]);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(app.quits).toBe(1);
    expect(ask()).toBe(false);
  });

  it('ends the program when something does not end in time', async () => {
    const { app, ask } = appDouble();
    const told: string[] = [];
    endBeforeQuit(
      app as never,
      () => new Promise(() => undefined),
      (text) => told.push(text),
      20,
    );
    ask();
    await expect.poll(() => app.exits).toEqual([1]);
    expect(told[0]).toContain('in time');
  });

  it('quits although something failed to end', async () => {
    const { app, ask } = appDouble();
    endBeforeQuit(
      app as never,
      () => Promise.reject(new Error('no')),
      () => undefined,
    );
    ask();
    await expect.poll(() => app.quits).toBe(1);
  });
});
