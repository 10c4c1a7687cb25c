import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ResultContext } from './command-result';
import type { Statements } from './statements';
import type { Transport } from './transport';
import type { MysqlSession } from './types';

/** What commands work with. */
export interface CommandContext extends ResultContext {
  readonly transport: Transport;
  readonly session: MysqlSession;
  readonly statements: Statements;
  readonly fidelity: Fidelity;
  readonly connectionId: number;
  /** Fires when the client is gone or the server stops. */
  readonly signal: AbortSignal;
}
