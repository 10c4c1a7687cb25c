import { implement } from '@orpc/server';
import { contract } from '../contract';
import { accessRouter } from './access';
import { queryRulesRouter } from './query-rules';
import { appRouter } from './app';
import { attackRouter } from './attack';
import type { CallContext } from './base';
import { callersRouter } from './callers';
import { certificatesRouter } from './certificates';
import { clusterRouter } from './cluster';
import { documentRouter } from './document';
import { asCallError } from './failures';
import { exportsRouter } from './exports';
import { settingsRouter } from './settings';
import { stateRouter } from './state';
import { testRouter } from './test';
import { tourRouter } from './tour';
import { watchRouter } from './watch';

/** Every call of the contract with its handler; knows no transport. */
export const router = implement(contract).$context<CallContext>().router({
  access: accessRouter,
  queryRules: queryRulesRouter,
  app: appRouter,
  attack: attackRouter,
  callers: callersRouter,
  certificates: certificatesRouter,
  cluster: clusterRouter,
  document: documentRouter,
  exports: exportsRouter,
  settings: settingsRouter,
  state: stateRouter,
  test: testRouter,
  tour: tourRouter,
  watch: watchRouter,
});

/**
 * Options for the RPC handler of a transport: whatever a call throws, a refused input too, crosses as a failure with
 * code, summary and detail. `report` writes to the app's log.
 */
export const handlerOptions = (report: (text: string) => void) => ({
  clientInterceptors: [
    async <T>({ next }: { next(): Promise<T> }): Promise<T> => {
      try {
        return await next();
      } catch (error) {
        throw asCallError(error, report);
      }
    },
  ],
});
