import type { ImmediateCaller } from './caller-id';
import type { CertifiedName, DerivedCaller } from './grpc-caller';

/** The subcomponent of every effective caller id that comes from a MySQL login (plugin_mysql_server.go). */
export const MYSQL_SUBCOMPONENT = 'VTGate MySQL Connector';

/** The user that `--mysql-auth-server-impl=none` makes of everybody (go/mysql/auth_server_none.go). */
export const NO_AUTHENTICATION_USER = 'userData1';

/** What one login over the MySQL protocol is judged by. `remoteAddress` is `ip:port`, or `@` over a Unix socket. */
export type MysqlCallerInput =
  | {
      readonly way: 'static';
      readonly login: string;
      readonly remoteAddress: string;
      /** UserData and Groups of the entry that let the login in. */
      readonly entry: ImmediateCaller;
    }
  | {
      readonly way: 'clientcert';
      readonly login: string;
      readonly remoteAddress: string;
      /** The verified client certificate of this TLS connection, null if none was sent. */
      readonly peer: CertifiedName | null;
    }
  | { readonly way: 'none'; readonly login: string; readonly remoteAddress: string };

/** A login that names no caller, with the ERR packet that real vtgate answers. */
export interface RefusedCaller {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
  /** One plain sentence for people. */
  readonly reason: string;
}

export type MysqlCaller =
  | { readonly kind: 'caller'; readonly caller: DerivedCaller }
  | { readonly kind: 'refused'; readonly refusal: RefusedCaller };

const refused = (message: string, reason: string): MysqlCaller => ({
  kind: 'refused',
  refusal: { errno: 1105, sqlState: 'HY000', message: `unknown error: ${message}`, reason },
});

/**
 * Who asks over the MySQL protocol (vitess-behaviour §§1.5, 2.4). The client can set neither id. With `clientcert` the
 * login name must equal the certificate's common name (go/mysql/auth_server_clientcert.go), the empty name included.
 */
export function deriveMysqlCaller(input: MysqlCallerInput): MysqlCaller {
  const effective = {
    principal: input.login,
    component: input.remoteAddress,
    subcomponent: MYSQL_SUBCOMPONENT,
    groups: [],
  };
  const caller = (
    immediate: ImmediateCaller,
    question: 'users-file' | 'certificate' | 'no-authentication',
    detail: string,
  ): MysqlCaller => ({
    kind: 'caller',
    caller: {
      immediate: { username: immediate.username, groups: [...immediate.groups] },
      effective,
      nameFrom: question,
      groupsFrom: immediate.groups.length > 0 ? question : 'none',
      steps: [{ question, taken: true, detail }],
    },
  });

  switch (input.way) {
    case 'static':
      return caller(
        input.entry,
        'users-file',
        input.entry.username === ''
          ? 'the matching entry has no UserData: the caller is named "", not after its login'
          : 'UserData and Groups of the matching entry',
      );
    case 'none':
      return caller(
        { username: NO_AUTHENTICATION_USER, groups: [] },
        'no-authentication',
        `authentication is off: everybody is ${NO_AUTHENTICATION_USER}`,
      );
    case 'clientcert': {
      const { peer, login } = input;
      if (peer === null)
        return refused('no client certs for connection', 'The connection presented no client certificate.');
      if (login !== peer.commonName)
        return refused(
          `MySQL connection username '${login}' does not match client cert common name '${peer.commonName}'`,
          'The login name must equal the common name of the client certificate.',
        );
      return caller(
        { username: peer.commonName, groups: peer.dnsNames },
        'certificate',
        'common name of the verified client certificate; its DNS names are the groups',
      );
    }
  }
}

/**
 * What USER(), CURRENT_USER(), SESSION_USER() and SYSTEM_USER() answer inside vtgate: the immediate username, not the
 * login name, with `@localhost` unless it has an `@` already (go/vt/vtgate/evalengine/fn_info.go; vitess-behaviour §2.4).
 */
export const sqlUser = (immediate: ImmediateCaller): string =>
  immediate.username.includes('@') ? immediate.username : `${immediate.username}@localhost`;
