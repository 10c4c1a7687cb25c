/** Command bytes (MySQL source documentation, enum_server_command). */
export const command = {
  quit: 0x01,
  initDb: 0x02,
  query: 0x03,
  fieldList: 0x04,
  ping: 0x0e,
  changeUser: 0x11,
  binlogDump: 0x12,
  registerReplica: 0x15,
  stmtPrepare: 0x16,
  stmtExecute: 0x17,
  stmtSendLongData: 0x18,
  stmtClose: 0x19,
  stmtReset: 0x1a,
  setOption: 0x1b,
  stmtFetch: 0x1c,
  binlogDumpGtid: 0x1e,
  resetConnection: 0x1f,
} as const;

const names = new Map<number, string>([
  [command.quit, 'COM_QUIT'],
  [command.initDb, 'COM_INIT_DB'],
  [command.query, 'COM_QUERY'],
  [command.fieldList, 'COM_FIELD_LIST'],
  [command.ping, 'COM_PING'],
  [command.changeUser, 'COM_CHANGE_USER'],
  [command.binlogDump, 'COM_BINLOG_DUMP'],
  [command.registerReplica, 'COM_REGISTER_REPLICA'],
  [command.stmtPrepare, 'COM_STMT_PREPARE'],
  [command.stmtExecute, 'COM_STMT_EXECUTE'],
  [command.stmtSendLongData, 'COM_STMT_SEND_LONG_DATA'],
  [command.stmtClose, 'COM_STMT_CLOSE'],
  [command.stmtReset, 'COM_STMT_RESET'],
  [command.setOption, 'COM_SET_OPTION'],
  [command.stmtFetch, 'COM_STMT_FETCH'],
  [command.binlogDumpGtid, 'COM_BINLOG_DUMP_GTID'],
  [command.resetConnection, 'COM_RESET_CONNECTION'],
]);

/** The name of a command byte, for traces: `COM_QUERY`, or `command 254` where there is none. */
export const commandName = (byte: number): string => names.get(byte) ?? `command ${byte}`;
