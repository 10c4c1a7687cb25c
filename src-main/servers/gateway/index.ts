export * from './config';
export { createGateway, type Gateway, type GatewayDeps, type GatewayStats, type GatewayUpdate } from './gateway';
export { queryLogJson, queryLogText, type QueryLogRecord } from './query-log-record';
