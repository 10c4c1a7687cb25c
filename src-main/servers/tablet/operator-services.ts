import { serve, tabletManagerMethods, updateStreamMethods, type RegisteredService } from '../rpc';

/**
 * The services besides `queryservice.Query` that every vttablet lists. Of what operators and change streams ask for only
 * Ping is served; the rest is UNIMPLEMENTED.
 */
export const operatorServices = (): readonly RegisteredService[] => [
  serve(tabletManagerMethods, { Ping: ({ payload }) => Promise.resolve({ payload }) }),
  serve(updateStreamMethods, {}),
];
