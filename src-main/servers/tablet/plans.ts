import { decide, undeterminedTableSet, type AclSettings, type Decision, type TableAcl } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ImmediateCaller } from '../../domain/identity';
import { RuleBook, type QueryRules, type StatementRules } from '../../domain/query-rules';
import {
  readStatement,
  splitMargins,
  statementTables,
  unreadMark,
  type KnownTables,
  type Plan,
  type ReadOptions,
  type StatementReading,
} from '../../domain/sql';
import { Lru } from './lru';
import { printForBackend, type Printed } from './printed';

export type ExecutablePlan = Extract<Plan, { kind: 'plan' }>;

/** Longest statement whose reading is kept, in UTF-16 units. */
const LONGEST_KEPT = 16_384;
/** Callers of one statement whose decisions are kept. */
const CALLERS_KEPT = 64;

interface Kept {
  readonly reading: StatementReading;
  readonly decisions: Map<string, Decision>;
  /** Query rules that may match, for the plan of either RPC kind; absent = not asked for yet. */
  rules?: { execute?: RulesOfStatement; stream?: RulesOfStatement };
  /** For MySQL: with a limit of rows and without; absent = not asked for yet. */
  limited?: Printed;
  full?: Printed;
}

/** The query rules that a statement may meet, and the comments around it. */
export interface RulesOfStatement {
  readonly rules: StatementRules;
  readonly leading: string;
  readonly trailing: string;
}

export interface PlanSource {
  readonly fidelity: Fidelity;
  readonly size: number;
  readonly acl: TableAcl | null;
  readonly aclFileGiven: boolean;
  readonly settings: AclSettings;
  /** Query rules; null: none. */
  readonly rules: QueryRules | null;
  readonly tables: KnownTables;
  /** The database behind the keyspace. */
  readonly database: string;
  readonly passthroughDmls: boolean;
}

/**
 * Readings of statements and the decisions about them (vttablet's query plan cache). Emptied whenever the ACL or the
 * tables change, because both are part of what is kept.
 */
export class Plans {
  #source: PlanSource;
  #book: RuleBook | null;
  #cache: Lru<string, Kept>;
  /** The long statement read last, until what is done with it at once is done. */
  #latest: { readonly sql: string; readonly kept: Kept } | null = null;

  constructor(source: PlanSource) {
    this.#source = source;
    this.#book = bookOf(source.rules);
    this.#cache = new Lru(source.size);
  }

  get settings(): AclSettings {
    return this.#source.settings;
  }

  /** Takes another ACL, other settings or other tables. */
  update(change: Partial<Omit<PlanSource, 'fidelity' | 'size'>>): void {
    this.#source = { ...this.#source, ...change };
    if (change.rules !== undefined) this.#book = bookOf(change.rules);
    this.#cache.clear();
    this.#latest = null;
  }

  /** Whether there is any query rule to ask. */
  get hasRules(): boolean {
    return this.#book !== null;
  }

  get rulesFile(): string {
    return this.#source.rules?.file ?? '';
  }

  /** The query rules that may match a statement; they are a part of its plan, as in vttablet. */
  rulesFor(sql: string, { name, undetermined }: ExecutablePlan, streamed: boolean): RulesOfStatement {
    const kept = this.#keep(sql);
    const place = streamed ? 'stream' : 'execute';
    const known = kept.rules?.[place];
    if (known !== undefined) return known;
    const { leading, statement, trailing } = splitMargins(sql);
    const read = undetermined?.startsWith(unreadMark) === true ? null : statementTables(sql, this.#reading());
    const rules = (this.#book ?? new RuleBook({ file: '', rules: [] })).forStatement({
      query: statement,
      plan: name,
      tables: read === null ? null : read[place],
    });
    const made = { rules, leading, trailing };
    (kept.rules ??= {})[place] = made;
    return made;
  }

  read(sql: string): StatementReading {
    return this.#keep(sql).reading;
  }

  /** The statement as it goes to MySQL but for its values, or null where it goes as it came. */
  printed(sql: string, limited: boolean): Printed {
    const kept = this.#keep(sql);
    const place = limited ? 'limited' : 'full';
    const { database } = this.#source;
    const known = kept[place];
    if (known !== undefined) return known;
    const made = printForBackend(sql, kept.reading, this.#reading(), limited, database);
    kept[place] = made;
    return made;
  }

  #reading(): ReadOptions {
    const { fidelity, tables, passthroughDmls } = this.#source;
    return { fidelity, knownTables: tables, passthroughDmls };
  }

  #keep(sql: string): Kept {
    const long = sql.length > LONGEST_KEPT;
    if (long && this.#latest?.sql === sql) return this.#latest.kept;
    const kept = long ? undefined : this.#cache.get(sql);
    if (kept !== undefined) return kept;
    const fresh: Kept = { reading: readStatement(sql, this.#reading()), decisions: new Map() };
    if (long) this.#keepForNow(sql, fresh);
    else this.#cache.set(sql, fresh);
    return fresh;
  }

  /** Reading, checking and printing of one statement follow each other in one turn: it is read once for all of them. */
  #keepForNow(sql: string, kept: Kept): void {
    const latest = { sql, kept };
    this.#latest = latest;
    setImmediate(() => {
      if (this.#latest === latest) this.#latest = null;
    });
  }

  /**
   * What the table ACL says to `plan`, one of the two plans of `sql`, for this caller. A statement whose tables are in
   * doubt is refused under strict, whatever the version emulated: `decide` lets it pass only for versions that do not
   * ask, and those know no such doubt about a statement that they read.
   */
  decide(sql: string, plan: ExecutablePlan, caller: ImmediateCaller | null): Decision {
    const { decisions } = this.#keep(sql);
    const key = caller === null ? plan.name : decisionKey(plan.name, caller);
    const kept = decisions.get(key);
    if (kept !== undefined) return kept;
    const { acl, aclFileGiven, settings, fidelity } = this.#source;
    const asked = decide({ acl, aclFileGiven, settings, caller, plan, fidelity });
    const made = ownLimitNamed(doubtRefused(asked, plan, settings));
    if (decisions.size >= CALLERS_KEPT) decisions.clear();
    decisions.set(key, made);
    return made;
  }
}

const bookOf = (rules: QueryRules | null): RuleBook | null =>
  rules === null || rules.rules.length === 0 ? null : new RuleBook(rules);

/** One text for each plan and caller: lengths stand before names, so that no name can pass for two. */
function decisionKey(plan: string, { username, groups }: ImmediateCaller): string {
  let key = `${plan} ${username.length}:${username}`;
  for (const group of groups) key += `,${group.length}:${group}`;
  return key;
}

/** A refusal for a limit of Gatehouse, which real programs may not have, says so behind their words. */
function ownLimitNamed(decision: Decision): Decision {
  const { message, undetermined, verdict } = decision;
  if (verdict !== 'cannot-decide' || undetermined?.startsWith(unreadMark) !== true) return decision;
  return { ...decision, ...(message === null ? {} : { message: `${message}: ${undetermined}` }) };
}

function doubtRefused(decision: Decision, plan: ExecutablePlan, settings: AclSettings): Decision {
  if (plan.undetermined === null || decision.verdict !== 'allow' || decision.enforcement !== 'enforced')
    return decision;
  if (!settings.strict || settings.dryRun) return decision;
  const { wouldBe: _wouldBe, ...rest } = decision;
  const caller = decision.caller;
  const groups = caller !== null && caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
  return {
    ...rest,
    verdict: 'cannot-decide',
    code: 'PERMISSION_DENIED',
    message: `${plan.name} command denied to user '${caller?.username ?? ''}'${groups} for a table set that cannot be determined (ACL check error)`,
    counters: [...decision.counters, { counter: 'TableACLDenied', table: undeterminedTableSet, group: '' }],
  };
}
