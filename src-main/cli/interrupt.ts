/** Signals that end a command: Ctrl-C, a service manager, a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let happened = false;
/** Whether anything was interrupted in the life of this program. */
export const wasInterrupted = (): boolean => happened;

/** Whoever works at this moment and ends cleanly when asked. */
const working = new Set<() => void>();

/**
 * A signal that is aborted by SIGINT, SIGTERM or SIGHUP, so that whoever works can end cleanly; a second one ends at once.
 */
export function interruptSignal(): {
  readonly signal: AbortSignal;
  readonly interrupted: Promise<void>;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let resolve = (): void => undefined;
  const interrupted = new Promise<void>((settle) => (resolve = settle));
  const abort = (): void => {
    happened = true;
    controller.abort(new Error('interrupted'));
    resolve();
  };
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  working.add(abort);
  return {
    signal: controller.signal,
    interrupted,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
      working.delete(abort);
    },
  };
}

/** Interrupts this program as a signal would, as often as it is called; false when there is nothing to be ended cleanly. */
export function interruptBySelf(): boolean {
  for (const abort of working) abort();
  return working.size > 0;
}
