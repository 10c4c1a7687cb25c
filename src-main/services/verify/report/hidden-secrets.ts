import type { Workspace } from '../../workspace/load-workspace';

/** Gives a text back without the passwords that are known. */
export type HiddenSecrets = (text: string) => string;

/** What stands in their place. */
export const HIDDEN = '[hidden]';

/** Shorter ones are part of many words; a report full of holes helps nobody, and they protect nothing. */
const SHORTEST = 6;

/**
 * Clears texts of every password that the workspace knows: its secrets, users files, and callers of its tests. A statement
 * of a test or a server's message may quote one. Names are left as they are: they are not secret, and a password that
 * equals a name is a finding of its own.
 */
export function hiddenSecrets(
  { users, grpcUsers, suites }: Pick<Workspace, 'users' | 'grpcUsers' | 'suites'>,
  secrets: Iterable<string>,
): HiddenSecrets {
  const known = new Set<string>(secrets);
  for (const file of users.values())
    for (const entries of file.users.values())
      for (const { password, mysqlNativePassword, cachingSha2Password } of entries)
        for (const secret of [password, mysqlNativePassword, cachingSha2Password])
          if (secret !== null) known.add(secret.reveal());
  for (const file of grpcUsers.values())
    for (const { password } of file.users) if (password !== null) known.add(password.reveal());
  const names = new Set<string>();
  for (const { callers, tables } of suites) {
    for (const { name, user, password } of callers) {
      names.add(name);
      if (user !== null) names.add(user);
      if (password !== null && 'text' in password) known.add(password.text);
    }
    for (const { name } of tables) names.add(name);
  }
  // The longest first, so that none leaves its end behind.
  const all = [...known]
    .filter((secret) => secret.length >= SHORTEST && !names.has(secret))
    .sort((a, b) => b.length - a.length);
  if (all.length === 0) return (text) => text;
  return (text) => all.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, HIDDEN) : rest), text);
}
