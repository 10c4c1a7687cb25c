import type { UserEntry, UsersFile } from './types';

/** An entry as it is written; absent keys are left out. Secrets are plain here because this is what goes to disk. */
function entryObject(entry: UserEntry): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  if (entry.mysqlNativePassword !== null) written['MysqlNativePassword'] = entry.mysqlNativePassword.reveal();
  if (entry.cachingSha2Password !== null) written['CachingSha2Password'] = entry.cachingSha2Password.reveal();
  if (entry.password !== null) written['Password'] = entry.password.reveal();
  if (entry.userData !== null) written['UserData'] = entry.userData;
  if (entry.sourceHost !== '') written['SourceHost'] = entry.sourceHost;
  if (entry.groups.length > 0) written['Groups'] = entry.groups;
  return written;
}

/**
 * The text of a users file in the list format, two spaces deep, with a final newline; users and entries in their order.
 * `null` entries of the legacy format are left out. The text holds secrets.
 */
export function writeUsersFile(model: Pick<UsersFile, 'users'>): string {
  const users = [...model.users].map(([name, entries]) => {
    const list = entries.filter((entry) => !entry.isNull).map(entryObject);
    const text = JSON.stringify(list, null, 2).replaceAll('\n', '\n  ');
    return `  ${JSON.stringify(name)}: ${text}`;
  });
  return users.length === 0 ? '{}\n' : `{\n${users.join(',\n')}\n}\n`;
}
