import { binlogdata, query, vtgate } from './generated/messages';
import { serverStream, unary } from './method-definition';

/** Every method of `vtgateservice.Vitess`. */
export const vitessMethods = {
  Execute: unary('/vtgateservice.Vitess/Execute', vtgate.ExecuteRequest, vtgate.ExecuteResponse),
  ExecuteMulti: unary('/vtgateservice.Vitess/ExecuteMulti', vtgate.ExecuteMultiRequest, vtgate.ExecuteMultiResponse),
  ExecuteBatch: unary('/vtgateservice.Vitess/ExecuteBatch', vtgate.ExecuteBatchRequest, vtgate.ExecuteBatchResponse),
  StreamExecute: serverStream(
    '/vtgateservice.Vitess/StreamExecute',
    vtgate.StreamExecuteRequest,
    vtgate.StreamExecuteResponse,
  ),
  StreamExecuteMulti: serverStream(
    '/vtgateservice.Vitess/StreamExecuteMulti',
    vtgate.StreamExecuteMultiRequest,
    vtgate.StreamExecuteMultiResponse,
  ),
  VStream: serverStream('/vtgateservice.Vitess/VStream', vtgate.VStreamRequest, vtgate.VStreamResponse),
  Prepare: unary('/vtgateservice.Vitess/Prepare', vtgate.PrepareRequest, vtgate.PrepareResponse),
  CloseSession: unary('/vtgateservice.Vitess/CloseSession', vtgate.CloseSessionRequest, vtgate.CloseSessionResponse),
  BinlogDumpGTID: serverStream(
    '/vtgateservice.Vitess/BinlogDumpGTID',
    vtgate.BinlogDumpGTIDRequest,
    vtgate.BinlogDumpGTIDResponse,
  ),
} as const;

/** Every method of `queryservice.Query`. */
export const queryMethods = {
  Execute: unary('/queryservice.Query/Execute', query.ExecuteRequest, query.ExecuteResponse),
  StreamExecute: serverStream(
    '/queryservice.Query/StreamExecute',
    query.StreamExecuteRequest,
    query.StreamExecuteResponse,
  ),
  Begin: unary('/queryservice.Query/Begin', query.BeginRequest, query.BeginResponse),
  Commit: unary('/queryservice.Query/Commit', query.CommitRequest, query.CommitResponse),
  Rollback: unary('/queryservice.Query/Rollback', query.RollbackRequest, query.RollbackResponse),
  Prepare: unary('/queryservice.Query/Prepare', query.PrepareRequest, query.PrepareResponse),
  CommitPrepared: unary(
    '/queryservice.Query/CommitPrepared',
    query.CommitPreparedRequest,
    query.CommitPreparedResponse,
  ),
  RollbackPrepared: unary(
    '/queryservice.Query/RollbackPrepared',
    query.RollbackPreparedRequest,
    query.RollbackPreparedResponse,
  ),
  CreateTransaction: unary(
    '/queryservice.Query/CreateTransaction',
    query.CreateTransactionRequest,
    query.CreateTransactionResponse,
  ),
  StartCommit: unary('/queryservice.Query/StartCommit', query.StartCommitRequest, query.StartCommitResponse),
  SetRollback: unary('/queryservice.Query/SetRollback', query.SetRollbackRequest, query.SetRollbackResponse),
  ConcludeTransaction: unary(
    '/queryservice.Query/ConcludeTransaction',
    query.ConcludeTransactionRequest,
    query.ConcludeTransactionResponse,
  ),
  ReadTransaction: unary(
    '/queryservice.Query/ReadTransaction',
    query.ReadTransactionRequest,
    query.ReadTransactionResponse,
  ),
  UnresolvedTransactions: unary(
    '/queryservice.Query/UnresolvedTransactions',
    query.UnresolvedTransactionsRequest,
    query.UnresolvedTransactionsResponse,
  ),
  BeginExecute: unary('/queryservice.Query/BeginExecute', query.BeginExecuteRequest, query.BeginExecuteResponse),
  BeginStreamExecute: serverStream(
    '/queryservice.Query/BeginStreamExecute',
    query.BeginStreamExecuteRequest,
    query.BeginStreamExecuteResponse,
  ),
  MessageStream: serverStream(
    '/queryservice.Query/MessageStream',
    query.MessageStreamRequest,
    query.MessageStreamResponse,
  ),
  MessageAck: unary('/queryservice.Query/MessageAck', query.MessageAckRequest, query.MessageAckResponse),
  ReserveExecute: unary(
    '/queryservice.Query/ReserveExecute',
    query.ReserveExecuteRequest,
    query.ReserveExecuteResponse,
  ),
  ReserveBeginExecute: unary(
    '/queryservice.Query/ReserveBeginExecute',
    query.ReserveBeginExecuteRequest,
    query.ReserveBeginExecuteResponse,
  ),
  ReserveStreamExecute: serverStream(
    '/queryservice.Query/ReserveStreamExecute',
    query.ReserveStreamExecuteRequest,
    query.ReserveStreamExecuteResponse,
  ),
  ReserveBeginStreamExecute: serverStream(
    '/queryservice.Query/ReserveBeginStreamExecute',
    query.ReserveBeginStreamExecuteRequest,
    query.ReserveBeginStreamExecuteResponse,
  ),
  Release: unary('/queryservice.Query/Release', query.ReleaseRequest, query.ReleaseResponse),
  StreamHealth: serverStream('/queryservice.Query/StreamHealth', query.StreamHealthRequest, query.StreamHealthResponse),
  VStream: serverStream('/queryservice.Query/VStream', binlogdata.VStreamRequest, binlogdata.VStreamResponse),
  VStreamRows: serverStream(
    '/queryservice.Query/VStreamRows',
    binlogdata.VStreamRowsRequest,
    binlogdata.VStreamRowsResponse,
  ),
  VStreamTables: serverStream(
    '/queryservice.Query/VStreamTables',
    binlogdata.VStreamTablesRequest,
    binlogdata.VStreamTablesResponse,
  ),
  VStreamResults: serverStream(
    '/queryservice.Query/VStreamResults',
    binlogdata.VStreamResultsRequest,
    binlogdata.VStreamResultsResponse,
  ),
  GetSchema: serverStream('/queryservice.Query/GetSchema', query.GetSchemaRequest, query.GetSchemaResponse),
  BinlogDumpGTID: serverStream(
    '/queryservice.Query/BinlogDumpGTID',
    binlogdata.BinlogDumpGTIDRequest,
    binlogdata.BinlogDumpResponse,
  ),
} as const;
