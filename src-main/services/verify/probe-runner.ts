import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attemptGrpc, attemptMysql, type Attempt, type CallerTls, type DialTarget } from '../../clients';
import { GatehouseError } from '../../domain/kernel';
import type { Cell, ProbeCaller } from '../../domain/probes';
import type { SecretStore } from '../../servers/store';
import { disownAttempt } from '../callers/own-sign-ins';
import type { ClusterAddresses } from '../cluster/cluster';
import type { Workspace } from '../workspace/load-workspace';

/** What a caller with a wrong password types. */
const WRONG_PASSWORD = 'incorrect_password';

/** The key file that belongs to a certificate file. */
export const keyFileOf = (certificate: string): string => certificate.replace(/-cert\.pem$/, '-key.pem');

/** What one run does otherwise than its cell says. */
export interface ProbeOptions {
  /** Typed instead of the caller's own password. */
  readonly password?: string;
  /** Dialled instead of the gateway: a tap that stands before it. */
  readonly via?: DialTarget;
  /** Stands above what the cell makes of TLS; nothing where the cell has none. */
  readonly tls?: Partial<CallerTls>;
  /** The authentication method that a MySQL client names first; default: the one of the greeting. */
  readonly method?: string;
}

/** Turns cells into real connections to a running cluster, with the workspace's passwords and certificates. */
export class ProbeRunner {
  readonly #keys = new Map<string, string>();

  constructor(
    readonly workspace: Workspace,
    readonly addresses: ClusterAddresses,
    readonly secrets: SecretStore,
    /** Where files that were not loaded, private keys above all, are looked for, one folder after the other. */
    readonly folders: readonly string[] = [workspace.paths.dir],
  ) {}

  /** What the caller types for the cell's choice of password. Throws GatehouseError `secrets.missing-password`. */
  passwordFor(caller: ProbeCaller, choice: Cell['password']): string {
    if (choice === 'empty' || caller.password === null) return '';
    if (choice === 'wrong') return WRONG_PASSWORD;
    if ('text' in caller.password) return caller.password.text;
    const secret = this.secrets.get(caller.password.secret);
    if (secret === undefined)
      throw new GatehouseError({
        code: 'secrets.missing-password',
        summary: `The workspace's secrets have no "${caller.password.secret}", which the caller "${caller.name}" needs.`,
      });
    return secret.reveal();
  }

  /** Connects, logs in, runs the statement; the attempt says what happened. Throws only for faults of the workspace. */
  async run(cell: Cell, signal?: AbortSignal, keepRows = 0, options: ProbeOptions = {}): Promise<Attempt> {
    const target = this.targetOf(cell);
    if ('failure' in target) return unreachable(target.failure);
    const password = options.password ?? this.passwordFor(cell.caller, cell.password);
    const own = await this.tlsOf(cell);
    const tls = own === null ? null : { ...own, ...options.tls };
    const abort = { keepRows, ...(signal === undefined ? {} : { signal }) };
    const dialled = options.via ?? target;
    if (cell.transport.startsWith('grpc-')) {
      if (!('port' in dialled)) return unreachable('gRPC is not offered over a Unix socket');
      return attemptGrpc({
        target: dialled,
        tls,
        credentials: cell.caller.user === null ? null : { username: cell.caller.user, password },
        claimed: cell.caller.claimed,
        targetString: this.targetString(),
        sql: cell.sql,
        ...abort,
      });
    }
    const attempt = await attemptMysql({
      target: dialled,
      user: cell.caller.user ?? '',
      password,
      database: this.workspace.topology.keyspaces[0]?.name ?? null,
      tls,
      sql: cell.sql,
      ...(options.method === undefined ? {} : { method: options.method }),
      ...abort,
    });
    await disownAttempt(this.addresses, cell.caller.gateway, cell.transport === 'mysql-unix', attempt);
    return attempt;
  }

  /** Where the cell's gateway listens for its transport. Throws GatehouseError `probe.gateway` when that does not run. */
  targetOf(cell: Cell): DialTarget | { readonly failure: string } {
    const gateway = this.addresses.gateways.find((candidate) => candidate.name === cell.caller.gateway);
    if (gateway === undefined)
      throw new GatehouseError({
        code: 'probe.gateway',
        summary: `No gateway "${cell.caller.gateway}" is running, which the caller "${cell.caller.name}" uses.`,
      });
    if (cell.transport.startsWith('grpc-'))
      return gateway.grpc ?? { failure: `gateway ${gateway.name} does not listen for gRPC` };
    const { mysql } = gateway;
    const target =
      cell.transport === 'mysql-unix' ? (mysql?.socket == null ? null : { socketPath: mysql.socket }) : mysql;
    if (target === null) return { failure: `gateway ${gateway.name} does not listen there` };
    return 'socketPath' in target ? target : { host: target.host, port: target.port };
  }

  /** The session target of gRPC callers: the first shard's primary. */
  targetString(): string {
    const [keyspace] = this.workspace.topology.keyspaces;
    return keyspace === undefined ? '@primary' : `${keyspace.name}:${keyspace.shards[0] ?? '0'}@primary`;
  }

  /** TLS as the cell's caller wants it; null: none. Throws GatehouseError `probe.file`, `probe.encrypted-key`. */
  async tlsOf(cell: Cell): Promise<CallerTls | null> {
    if (['mysql-plain', 'grpc-plain', 'mysql-unix'].includes(cell.transport)) return null;
    const verify =
      cell.transport === 'mysql-tls'
        ? null
        : { name: cell.serverName, ca: cell.trust === null ? null : await this.#read(cell.trust) };
    const versions = cell.tlsOnly === undefined ? {} : { minVersion: cell.tlsOnly, maxVersion: cell.tlsOnly };
    if (cell.certificate === null) return { verify, cert: null, key: null, ...versions };
    const key = await this.#read(keyFileOf(cell.certificate));
    if (key.includes('ENCRYPTED'))
      throw new GatehouseError({
        code: 'probe.encrypted-key',
        summary: `The private key ${keyFileOf(cell.certificate)} is encrypted, so a test cannot show its certificate. Decrypt it first.`,
      });
    return { verify, cert: await this.#read(cell.certificate), key, ...versions };
  }

  async #read(path: string): Promise<string> {
    const loaded = this.workspace.files.get(path) ?? this.workspace.certificates.get(path);
    if (loaded !== undefined) return loaded.toString('utf8');
    const known = this.#keys.get(path);
    if (known !== undefined) return known;
    let fault: unknown = null;
    for (const folder of this.folders)
      try {
        const text = await readFile(join(folder, path), 'utf8');
        this.#keys.set(path, text);
        return text;
      } catch (error) {
        fault ??= error;
      }
    throw new GatehouseError({
      code: 'probe.file',
      summary: `${path}, which a test uses, cannot be read.`,
      detail: String(fault),
    });
  }
}

const unreachable = (failure: string): Attempt => ({
  stage: 'connect',
  error: null,
  failure,
  rows: null,
  affected: null,
  table: null,
  localAddress: null,
  steps: [],
});
