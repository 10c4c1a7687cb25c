type Listener = () => void;

const hubs = new WeakMap<AbortSignal, Set<Listener>>();

/**
 * Calls `listener` when `signal` aborts; the result takes it back. A session's calls share its signal, and adding an event
 * listener for each would cost more than a short call's own work: the signal itself gets one listener in all.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  let listeners = hubs.get(signal);
  if (listeners === undefined) {
    const added = new Set<Listener>();
    signal.addEventListener(
      'abort',
      () => {
        for (const each of [...added]) each();
      },
      { once: true },
    );
    hubs.set(signal, added);
    listeners = added;
  }
  const waiting = listeners;
  waiting.add(listener);
  return () => void waiting.delete(listener);
}
