import type { Context, Router } from '@orpc/server';
import { RPCHandler } from '@orpc/server/websocket';
import type { AcceptPage } from './page-connection';

/**
 * Lets pages call a router. `@orpc/server/websocket` is used with its `message` and `close` rather than `@orpc/server/ws`,
 * whose `upgrade` writes what it cannot read to the console, with the beginning of the message in the error's text.
 *
 * @param contextOf made once for each page
 */
export function rpcCalls<T extends Context>(
  // oRPC's own signature: the contract of a router is known to the router only.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  router: Router<any, T>,
  contextOf: () => T,
  options: NonNullable<ConstructorParameters<typeof RPCHandler<T>>[1]> = {},
): AcceptPage {
  const handler = new RPCHandler<T>(router, options);
  return ({ send }) => {
    // The peer's key; its listeners are the connection's business.
    const peer = { send, addEventListener: () => undefined } as never;
    const rest = [{ context: contextOf() }] as never as [never];
    return {
      message: (text) => handler.message(peer, text, ...rest),
      close: () => handler.close(peer),
    };
  };
}
