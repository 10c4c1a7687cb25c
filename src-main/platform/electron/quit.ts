import type { App } from 'electron';

/** What a quit may take before the program ends anyway. */
export const QUIT_LIMIT_MS = 5_000;

/**
 * Ends everything once before the program quits, in at most five seconds: a quit asked for is put off until `dispose` is
 * done, and then asked for again.
 */
export function endBeforeQuit(
  app: Pick<App, 'on' | 'quit' | 'exit'>,
  dispose: () => Promise<void>,
  log: (text: string) => void,
  limitMs = QUIT_LIMIT_MS,
): void {
  let ending: Promise<void> | null = null;
  let ended = false;
  app.on('before-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    if (ending !== null) return;
    const timer = setTimeout(() => {
      log('not everything ended in time; the program ends all the same');
      app.exit(1);
    }, limitMs);
    ending = dispose()
      .catch((error: unknown) => log(`while quitting: ${String(error)}`))
      .then(() => {
        clearTimeout(timer);
        ended = true;
        app.quit();
      });
  });
}
