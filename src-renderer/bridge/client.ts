import { createORPCClient, type ClientLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../src-main/contract';
import { asFailure } from './failure';

/** Every call of the contract, typed; each rejects with a PageFailure and nothing else. */
export type Calls = ContractRouterClient<Contract>;

/** Makes the calls of the contract over a link; failures become PageFailure, and proxies are left at home. */
export function createCalls(link: ClientLink<Record<never, never>>): Calls {
  return createORPCClient<Calls>({
    async call(path, input, options) {
      try {
        return await link.call(path, plain(input), options);
      } catch (error) {
        throw asFailure(error);
      }
    },
  });
}

/** Svelte's proxies cannot be cloned; everything that crosses is plain data, so a copy by structure serves. */
function plain(input: unknown): unknown {
  if (input === undefined || input === null || typeof input !== 'object') return input;
  if (input instanceof Uint8Array || input instanceof Blob || input instanceof Date) return input;
  if (Array.isArray(input)) return input.map(plain);
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, plain(value)]));
}
