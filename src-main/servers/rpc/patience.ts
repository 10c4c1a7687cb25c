/**
 * Calls `late` when `ms` milliseconds have passed and whatever had arrived by then was read. A plain timer fires first
 * after a process was stopped or a laptop slept, and would blame the other side for that. Returns what calls it off.
 */
export function patience(ms: number, late: () => void): () => void {
  let check: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    check = setImmediate(late);
  }, ms);
  timer.unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(check);
  };
}
