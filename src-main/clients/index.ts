export type { Answer, Attempt, CallerTls, ClientStep, ResultTable, Stage } from './attempt';
export { dial, type DialTarget } from './dial';
export { attemptGrpc, type GrpcAttempt } from './grpc-client';
export { judge, type Judgement } from './judge';
export { attemptTablet, type TabletAttempt } from './tablet-client';
export { attemptMysql, type MysqlAttempt } from './mysql-client';
export { openWireTap, type Capture, type TappedChunk, type WireTap } from './wire-tap';
export { clientHello, helloVersions, sendFirst, type FirstAnswer, type HelloAnswer, type HelloVersion } from './hello';
