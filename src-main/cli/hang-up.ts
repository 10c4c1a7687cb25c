import { closeSync, openSync } from 'node:fs';

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Calls `reload` for SIGHUP, and `end` when the signal says that the terminal of this program was closed. The result ends
 * that.
 */
export function listenForHangUp(reload: () => void, end: () => void): () => void {
  const had = hasTerminal();
  const listener = (): void => {
    if (had && !hasTerminal()) end();
    else reload();
  };
  process.on('SIGHUP', listener);
  return () => process.off('SIGHUP', listener);
}
