import type { ManagedMysql } from '../../servers/backend';
import type { RunningBackend } from './backends';

/** What a managed MySQL of a running cluster did by itself. */
export interface BackendNotice {
  readonly backend: string;
  readonly what: 'died' | 'restarted' | 'given-up';
  readonly text: string;
  /** Path of the server's log. */
  readonly log: string;
}

/** The notice of a step of the server of `backend`, or null when nobody needs to hear of it. */
export function backendNotice(backend: string, what: string, server: ManagedMysql): BackendNotice | null {
  const { vendor, port, logFile: log } = server;
  switch (what) {
    case 'died':
      return { backend, what, log, text: `${vendor} of backend ${backend} died.` };
    case 'restarted':
      return { backend, what, log, text: `${vendor} of backend ${backend} runs again, port ${port}.` };
    case 'given-up':
      return {
        backend,
        what,
        log,
        text: `${vendor} of backend ${backend} died too often and is down: see ${log}. It is tried again within a minute, or at once after SIGHUP.`,
      };
    default:
      return null;
  }
}

/** A sentence for each managed MySQL that does not run although the cluster does. */
export const downBackends = (running: Iterable<RunningBackend>): string[] =>
  [...running].flatMap(({ name, vendor, managed, rootPassword }) =>
    managed === null
      ? rootPassword === null
        ? []
        : [`${vendor} of backend ${name} is stopped`]
      : managed.down
        ? [`${vendor} of backend ${name} is down: see ${managed.logFile}`]
        : [],
  );
