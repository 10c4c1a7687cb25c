import { SimilarNames, type KnownNames } from '../../domain/acl';
import type { Tablet } from '../../domain/topology';
import { immediateCallers, type NamedCaller } from '../callers/immediate-callers';
import type { Workspace } from '../workspace/load-workspace';
import { schemaTables } from '../workspace/schema-tables';
import type { BackendTables } from './backend-tables';

/** Who can ask and what can be asked for, as far as the draft and the running backends tell. */
export class AccessWorld {
  /** Callers that can occur now. */
  readonly callers: readonly NamedCaller[];
  /** Every name and group of a caller, those too whose certificate is refused at the moment. */
  readonly principals: ReadonlyMap<string, 'caller' | 'group'>;
  /** Gateways where any name can be claimed. */
  readonly claimsAt: readonly string[];
  readonly #tables = new Map<string, readonly string[]>();
  #similar: SimilarNames | null = null;

  constructor(
    readonly workspace: Workspace,
    readonly backends: Pick<BackendTables, 'of'>,
    now: Date,
  ) {
    const all = immediateCallers(workspace, now);
    this.callers = all.filter(({ occurs }) => occurs);
    const principals = new Map<string, 'caller' | 'group'>();
    for (const { caller } of all) for (const group of caller.groups) principals.set(group, 'group');
    for (const { caller } of all) principals.set(caller.username, 'caller');
    principals.delete('');
    this.principals = principals;
    this.claimsAt = workspace.topology.gateways.flatMap(({ name, grpc }) =>
      grpc?.useEffectiveCallerId === true && (grpc.tls?.clientCa == null || grpc.optionalTls) ? [name] : [],
    );
  }

  /** False where any name can come and no test says which. */
  get checksPrincipals(): boolean {
    return this.claimsAt.length === 0 || this.workspace.suites.length > 0;
  }

  /** How many callers a name in a list lets in. */
  admits(principal: string): number {
    return this.callers.filter(({ caller }) => caller.username === principal || caller.groups.includes(principal))
      .length;
  }

  /** The known name that was probably meant by one that nobody has. */
  nearest(principal: string): string | null {
    this.#similar ??= new SimilarNames(this.principals.keys());
    return this.#similar.nearest(principal);
  }

  /** Tables of a keyspace: of its running backend, its schema file and the tests; sorted. */
  tablesOf(keyspace: string): readonly string[] {
    const known = this.#tables.get(keyspace);
    if (known !== undefined) return known;
    const { topology, suites, files } = this.workspace;
    const names = new Set(this.backends.of(keyspace).names);
    for (const suite of suites) for (const { name } of suite.tables) names.add(name);
    const schemaFile = topology.keyspaces.find(({ name }) => name === keyspace)?.schemaFile ?? null;
    const schema = schemaFile === null ? undefined : files.get(schemaFile);
    for (const name of schema === undefined ? [] : schemaTables(schema.toString('utf8'))) names.add(name);
    const tables = [...names].sort();
    this.#tables.set(keyspace, tables);
    return tables;
  }

  /** What findings compare the names of an ACL file with that these tablets use. */
  knownNames(tablets: readonly Tablet[]): KnownNames {
    const tables = new Set(tablets.flatMap(({ keyspace }) => this.tablesOf(keyspace)));
    return {
      ...(tables.size > 0 ? { knownTables: tables } : {}),
      ...(this.checksPrincipals ? { knownPrincipals: this.principals.keys() } : {}),
    };
  }
}
