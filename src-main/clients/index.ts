export type { Answer, Attempt, CallerTls, ClientStep, ResultTable, Stage } from './attempt';
export { attemptGrpc, type GrpcAttempt } from './grpc-client';
export { judge, type Judgement } from './judge';
export { attemptMysql, type MysqlAttempt } from './mysql-client';
