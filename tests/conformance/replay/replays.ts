import type { Replay } from './outcome';

/** The replay of each recording, by its name without `.json`; loaded when it is asked for. */
export const replays: { readonly [file: string]: () => Promise<Replay> } = {
  'acl-files': async () => (await import('./acl-files')).replayAclFiles,
  'query-log': async () => (await import('./query-log')).replayQueryLog,
  'grpc-links': async () => (await import('./grpc-links')).replayGrpcLinks,
  healthstream: async () => (await import('./healthstream')).replayHealthstream,
  permissions: async () => (await import('./permissions')).replayPermissions,
  'users-files': async () => (await import('./users-files')).replayUsersFiles,
  callers: async () => (await import('./callers')).replayCallers,
  decisions: async () => (await import('./decisions')).replayDecisions,
  errors: async () => (await import('./errors')).replayErrors,
  'mysql-protocol': async () => (await import('./mysql-protocol')).replayMysqlProtocol,
  logins: async () => (await import('./logins/logins')).replayLogins,
};
