import { binlogdata, tabletmanagerdata } from './generated/messages';
import { serverStream, unary } from './method-definition';

/** What is served of `tabletmanagerservice.TabletManager`. */
export const tabletManagerMethods = {
  Ping: unary(
    '/tabletmanagerservice.TabletManager/Ping',
    tabletmanagerdata.PingRequest,
    tabletmanagerdata.PingResponse,
  ),
} as const;

/** Every method of `binlogservice.UpdateStream`. */
export const updateStreamMethods = {
  StreamKeyRange: serverStream(
    '/binlogservice.UpdateStream/StreamKeyRange',
    binlogdata.StreamKeyRangeRequest,
    binlogdata.StreamKeyRangeResponse,
  ),
  StreamTables: serverStream(
    '/binlogservice.UpdateStream/StreamTables',
    binlogdata.StreamTablesRequest,
    binlogdata.StreamTablesResponse,
  ),
} as const;
