export type { EngineHost, HostedGateway, HostedTablet, TabletReport, TabletUpdate } from './hosts';
export { inlineHost } from './inline-host';
export { serveEngineThread } from './inside-thread';
export { threadHost } from './thread-host';
