export { createTablet } from './create-tablet';
export {
  aliasText,
  defaultLimits,
  type Tablet,
  type TabletAlias,
  type TabletConfig,
  type TabletDeps,
  type TabletLimits,
} from './config';
export type { AclCounters } from './counters';
export { formatRecord, tabletLogColumns, type QueryLogOptions, type TabletLogRecord } from './query-log';
export { listTables } from './list-tables';
export { substitute, type BindVariables } from './bind-variables';
