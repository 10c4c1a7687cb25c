/** What is to be ended or removed even when there is no time for an orderly stop, in the order of its beginning. */
const endings = new Set<() => void>();

/** Registers a synchronous ending for as long as the returned function is not called. */
export function atForcedEnd(end: () => void): () => void {
  endings.add(end);
  return () => void endings.delete(end);
}

/** Whether anything would be ended by `forceEnd`. */
export const isForcedEndOfUse = (): boolean => endings.size > 0;

/** Ends everything that is registered, last first. What cannot be removed is left to the next start, which takes it over. */
export function forceEnd(): void {
  for (const end of [...endings].reverse()) {
    endings.delete(end);
    try {
      end();
    } catch {
      continue;
    }
  }
}
