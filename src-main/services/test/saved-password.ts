import { Secret } from '../../domain/kernel';
import type { PasswordSource } from '../../domain/probes';
import type { SecretStore } from '../../servers/store';
import { KnownPasswords } from '../callers/known-passwords';
import type { Workspace } from '../workspace/load-workspace';

/**
 * Where the password of a user at a gateway is found, if the workspace knows it: with the callers of its tests, among its
 * secrets by what a password hashes to, or in clear in the users file itself.
 */
export class SavedPasswords {
  /** The passwords behind hashes, as far as the workspace's secrets have them. */
  readonly known: KnownPasswords;

  constructor(readonly secrets: SecretStore) {
    this.known = new KnownPasswords(secrets);
  }

  /** The source for MySQL or gRPC user `user`; null: the password has to be typed. */
  sourceFor(workspace: Workspace, gateway: string, user: string, overMysql: boolean): PasswordSource | null {
    for (const { callers } of workspace.suites)
      for (const caller of callers)
        if (
          caller.gateway === gateway &&
          caller.user === user &&
          caller.password !== null &&
          caller.transports.some((transport) => transport.startsWith('mysql-') === overMysql)
        )
          return this.#there(caller.password) ? caller.password : null;
    const spec = workspace.topology.gateways.find(({ name }) => name === gateway);
    if (!overMysql) {
      const file = spec?.grpc?.usersFile ?? null;
      const known =
        file === null ? undefined : workspace.grpcUsers.get(file)?.users.find(({ username }) => username === user);
      return known?.password == null ? null : { text: known.password.reveal() };
    }
    const file = spec?.mysql?.usersFile ?? null;
    for (const entry of (file === null ? undefined : workspace.users.get(file)?.users.get(user)) ?? []) {
      const known = this.known.of(entry);
      if (known !== null) return { secret: known.secret };
      if (entry.password !== null) return { text: entry.password.reveal() };
    }
    return null;
  }

  /** Keeps a password among the secrets, under a name for people; one that is there already is used again. */
  async keep(user: string, password: string): Promise<PasswordSource> {
    const taken = new Set(this.secrets.names());
    for (let number = 1; ; number += 1) {
      const secret = number === 1 ? `users-typed/${user}` : `users-typed/${user}-${number}`;
      if (taken.has(secret) && this.secrets.get(secret)?.reveal() !== password) continue;
      if (!taken.has(secret)) await this.secrets.put(new Map([[secret, new Secret(password)]]));
      return { secret };
    }
  }

  #there(source: PasswordSource): boolean {
    return 'text' in source || this.secrets.get(source.secret) !== undefined;
  }
}
