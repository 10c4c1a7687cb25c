import type { KnownTables } from './options';
import type { TablePermission, TableRole } from './reading';
import type { FromClause, Query, Statement, WithClause } from './tree';

/** How names of WITH clauses are told from tables. */
export type Scoping =
  /** Tree M: hidden in the owner's FROM list and inside the WITH itself only (vitess-behaviour §5.5, WITH). */
  | 'recorded'
  /** 24.0.4: as MySQL resolves them. */
  | 'correct'
  /** As MySQL, and the hidden names are asked for too unless the case is simple. */
  | 'strict';

/** Collects the questions of one statement in the order in which vttablet asks them. */
export class PermissionList {
  readonly permissions: TablePermission[] = [];
  /** Names of WITH clauses that hid a table reference, with the role it would have had. */
  private readonly hidden: TablePermission[] = [];
  private readonly names: string[] = [];
  private clauses = 0;

  constructor(
    private readonly scoping: Scoping,
    private readonly known: KnownTables | undefined,
  ) {}

  ask(permissions: readonly TablePermission[]): void {
    this.permissions.push(...permissions);
  }

  /** Questions of UPDATE and DELETE: WRITER on every table of their FROM lists, then what they read. */
  writes(statement: Statement): void {
    const { written } = statement;
    if (written === null) {
      for (const query of statement.reads) this.reads(query, noNames);
      return;
    }
    const names = this.scoping === 'recorded' ? noNames : this.visible(written.with, noNames);
    this.tables(written.from, 'WRITER', names);
    if (written.with !== null) this.bodies(written.with, noNames);
    for (const query of written.from.nested) this.reads(query, names);
    for (const query of statement.reads) this.reads(query, names);
  }

  /** READER (WRITER for a sequence) on every table of a query and of the queries in it. */
  reads(query: Query, names: Names): void {
    const inside = this.scoping === 'recorded' ? names : this.visible(query.with, names);
    // Tree M hides a name directly in the FROM list of the SELECT that owns the WITH, and nowhere else outside the WITH.
    const own = this.scoping === 'recorded' && query.kind === 'select' ? this.visible(query.with, names) : inside;
    this.tables(query.from, query.sequence === null ? 'READER' : 'WRITER', own);
    if (query.with !== null) this.bodies(query.with, names);
    for (const arm of query.arms) this.reads(arm, inside);
    for (const nested of query.from.nested) this.reads(nested, inside);
    for (const nested of query.list) this.reads(nested, inside);
    for (const nested of query.tail) this.reads(nested, inside);
  }

  /** What strict scoping asks for beside the rest; to be called last. */
  finish(): void {
    if (this.scoping !== 'strict') return;
    const asked = new Set(this.permissions.map(({ table }) => table));
    const questions = new Set(this.permissions.map(question));
    const repeated = new Set(this.names).size < this.names.length;
    for (const permission of this.hidden) {
      const isSimple =
        this.clauses === 1 && !repeated && !asked.has(permission.table) && !this.known?.has(permission.table);
      if (isSimple || questions.has(question(permission))) continue;
      questions.add(question(permission));
      this.permissions.push(permission);
    }
  }

  private bodies(clause: WithClause, names: Names): void {
    this.clauses++;
    for (const table of clause.tables) this.names.push(table.name);
    if (this.scoping === 'recorded') {
      const inside = this.visible(clause, names);
      for (const table of clause.tables) this.reads(table.query, inside);
      return;
    }
    let earlier = names;
    for (const table of clause.tables) {
      // A name means itself in its own body under RECURSIVE only; otherwise it means the real table.
      const own = plus(earlier, table.name);
      this.reads(table.query, clause.recursive ? own : earlier);
      earlier = own;
    }
  }

  private visible(clause: WithClause | null, names: Names): Names {
    if (clause === null) return names;
    return clause.tables.reduce((all, table) => plus(all, table.name), names);
  }

  private tables(from: FromClause, role: TableRole, names: Names): void {
    for (const { name, qualifier } of from.tables) {
      const permission: TablePermission = { table: name, role };
      if (!names.has(name) || (qualifier !== null && this.scoping !== 'recorded')) this.permissions.push(permission);
      else this.hidden.push(permission);
    }
  }
}

const question = ({ table, role }: TablePermission): string => `${role} ${table}`;

type Names = ReadonlySet<string>;

const noNames: Names = new Set();

const plus = (names: Names, name: string): Names => new Set([...names, name]);
