import type { Session } from '../services/app/session';

/** What every handler gets: the app, and nothing of the transport. */
export interface CallContext {
  readonly session: Session;
}
