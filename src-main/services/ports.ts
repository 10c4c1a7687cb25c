import type { Clock } from '../domain/kernel';
import type { OperatingSystem } from '../servers/backend';

/** What services need from outside; the command line, the desktop app and the tests each bring their own. */
export interface ServicePorts {
  readonly clock: Clock;
  readonly os: OperatingSystem;
  /** Where initialised data directories are kept for the next workspace; shared by all workspaces of this user. */
  readonly templateDir: string;
  /** What a thread for gateways and tablets runs (`src-main/engine-thread.ts` as bundled); undefined: there are none. */
  readonly engineThread?: string;
}
