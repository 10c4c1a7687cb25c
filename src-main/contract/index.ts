import { accessContract } from './areas/access';
import { appContract } from './areas/app';
import { attackContract } from './areas/attack';
import { callersContract } from './areas/callers';
import { certificatesContract } from './areas/certificates';
import { clusterContract } from './areas/cluster';
import { documentContract } from './areas/document';
import { testContract } from './areas/test';
import { tourContract } from './areas/tour';
import { exportsContract } from './areas/exports';
import { queryRulesContract } from './areas/query-rules';
import { settingsContract } from './areas/settings';
import { watchContract } from './areas/watch';
import { stateContract } from './state';

/** Every call and every event between the page and the program; one line an area. */
export const contract = {
  access: accessContract,
  app: appContract,
  attack: attackContract,
  callers: callersContract,
  certificates: certificatesContract,
  cluster: clusterContract,
  document: documentContract,
  exports: exportsContract,
  queryRules: queryRulesContract,
  settings: settingsContract,
  state: stateContract,
  test: testContract,
  tour: tourContract,
  watch: watchContract,
};
export type Contract = typeof contract;

export * from './areas/access';
export * from './areas/app';
export * from './areas/attack';
export * from './areas/callers';
export * from './areas/certificates';
export * from './areas/cluster';
export * from './areas/document';
export * from './areas/edits';
export * from './areas/test';
export * from './areas/tour';
export * from './areas/exports';
export * from './areas/query-rules';
export * from './areas/settings';
export * from './areas/watch';
export * from './failure';
export * from './finding';
export * from './state';
