/** Capability flags of the MySQL protocol (MySQL source documentation, group_cs_capabilities_flags). */
export const capability = {
  longPassword: 0x1,
  foundRows: 0x2,
  longFlag: 0x4,
  connectWithDb: 0x8,
  protocol41: 0x200,
  ssl: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiStatements: 0x10000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
  connectAttrs: 0x100000,
  pluginAuthLenencClientData: 0x200000,
  deprecateEof: 0x1000000,
} as const;

/** What vtgate offers: 0x013BA20F, and 0x013BAA0F where TLS is configured (vitess-behaviour §2.1). */
export const offeredCapabilities = (tls: boolean): number => (tls ? 0x013baa0f : 0x013ba20f);

/** Server status flags (MySQL source documentation, SERVER_STATUS_flags_enum). */
export const serverStatus = {
  inTransaction: 0x0001,
  autocommit: 0x0002,
  moreResultsExist: 0x0008,
} as const;
