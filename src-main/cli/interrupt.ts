/**
 * A signal that is aborted by SIGINT or SIGTERM, so that whoever works can end cleanly; a second one ends at once.
 */
export function interruptSignal(): {
  readonly signal: AbortSignal;
  readonly interrupted: Promise<void>;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let resolve = (): void => undefined;
  const interrupted = new Promise<void>((settle) => (resolve = settle));
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error('interrupted'));
    resolve();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    interrupted,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
