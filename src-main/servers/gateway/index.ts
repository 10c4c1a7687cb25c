export * from './config';
export {
  createGateway,
  type Gateway,
  type GatewayDeps,
  type GatewayStats,
  type GatewayUpdate,
  type TabletStatus,
} from './gateway';
export type { SignIn } from './login-policy';
export { queryLogColumns, queryLogJson, queryLogText, type QueryLogRecord } from './query-log-record';
export { createReloader, type Reloader, type ReloadReport, type ReloadSources } from './reload';
