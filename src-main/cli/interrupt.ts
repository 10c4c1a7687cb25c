import { forceEnd, isForcedEndOfUse } from '../services/cluster/forced-end';
import { exitCode } from './exit';
import { listenForHangUp } from './hang-up';
import type { Terminal } from './terminal';

/** Signals that end a command: Ctrl-C, a service manager, a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds in which further signals are the same wish: npm and shells pass on what the terminal has sent already. */
const SAME_WISH_MS = 150;

let happened: 'by-signal' | 'by-reader' | null = null;
/** Whether anything was interrupted in the life of this program: by a signal, or because the reader of its answer went away. */
export const wasInterrupted = (): 'by-signal' | 'by-reader' | null => happened;

/** Whoever works at this moment and ends cleanly when asked. */
const working = new Set<() => void>();

/**
 * A signal that is aborted by SIGINT, SIGTERM or SIGHUP, so that whoever works can end cleanly. A second SIGINT or SIGTERM
 * kills what was started, removes its lock, sockets and temporary folder, and ends the program at once.
 */
export function interruptSignal(
  terminal: Terminal,
  quiet = false,
): {
  readonly signal: AbortSignal;
  readonly interrupted: Promise<void>;
  /** From here on SIGHUP calls `reload`, unless it comes because the terminal was closed; the result ends that. */
  readonly onHangUp: (reload: () => void) => () => void;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let since = 0;
  let resolve = (): void => undefined;
  const interrupted = new Promise<void>((settle) => (resolve = settle));
  const abort = (): void => {
    since = performance.now();
    controller.abort(new Error('interrupted'));
    resolve();
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      happened ??= 'by-signal';
      abort();
      if (!quiet && isForcedEndOfUse()) terminal.note('Stopping; once more ends MySQL at once.');
      return;
    }
    if (name === 'SIGHUP' || performance.now() - since < SAME_WISH_MS) return;
    const ended = isForcedEndOfUse();
    forceEnd();
    if (ended)
      terminal.note(
        'Ended at once: MySQL was killed, lock and sockets are removed. Its data recovers with the next start.',
      );
    process.exit(exitCode.interrupted);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  working.add(abort);
  return {
    signal: controller.signal,
    interrupted,
    onHangUp: (reload) => {
      process.off('SIGHUP', onSignal);
      const end = listenForHangUp(reload, () => onSignal('SIGHUP'));
      return () => {
        process.on('SIGHUP', onSignal);
        end();
      };
    },
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
      working.delete(abort);
    },
  };
}

/** Interrupts this program because nobody reads its answer any more; false when there is nothing to be ended cleanly. */
export function interruptByReader(): boolean {
  if (working.size > 0) happened ??= 'by-reader';
  for (const abort of working) abort();
  return working.size > 0;
}
