export {
  findAllMysqld,
  findMysqld,
  readVersionLine,
  type FindMysqldOptions,
  type FoundHow,
  type MysqlProgram,
  type MysqlVendor,
} from './program';
export type { OperatingSystem } from './operating-system';
export {
  startManagedMysql,
  type BackendEvent,
  type BackendExit,
  type BackendStep,
  type ManagedMysql,
  type ManagedMysqlOptions,
} from './managed-mysql';
export { APP_RIGHTS, isDatabaseName, type AppUser } from './accounts';
export { SQL_MODE, type BackendTlsFiles } from './server-options';
export { probeExternalBackend, type BackendLogin, type ExternalBackend } from './external';
export { killManagedServers, noteChild } from './children';
export { endProcess, findProcess, forgetProcess, noteProcess, type KnownProcess } from './server-process';
export { takeLock, type DataLock } from './data-lock';
