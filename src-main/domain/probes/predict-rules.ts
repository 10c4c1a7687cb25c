import { CONTINUE, GRPC_USER, RuleBook, type QueryRules, type RuleBind, type RuleDecision } from '../query-rules';
import {
  normalise,
  splitMargins,
  statementTables,
  type BindValue,
  type Plan,
  type ReadOptions,
  type StatementReading,
} from '../sql';
import type { Tablet, Topology } from '../topology';

const books = new WeakMap<QueryRules, RuleBook>();

function bookOf(rules: QueryRules): RuleBook {
  let book = books.get(rules);
  if (book === undefined) {
    book = new RuleBook(rules);
    books.set(rules, book);
  }
  return book;
}

/** Types of literals that Vitess's conditions do not compare as a text. */
const noTexts: ReadonlySet<BindValue['type']> = new Set(['DECIMAL', 'DATE', 'TIME', 'DATETIME']);

const bindOf = (value: BindValue | readonly BindValue[] | undefined): RuleBind | null => {
  if (value === undefined) return null;
  if (!('type' in value)) return { isText: false, isList: true, value: new Uint8Array() };
  return { isText: !noTexts.has(value.type), isList: false, value: Buffer.from(value.value) };
};

/** Statements that a gateway prints anew, and of which it is known how they get to the tablet. */
const printed = /^(?:select|insert|replace|update|delete|with|call|\()/i;

/** What is asked about one statement. */
export interface RuleQuestion {
  readonly sql: string;
  readonly reading: StatementReading;
  readonly plan: Extract<Plan, { kind: 'plan' }>;
  readonly tablet: Tablet;
  readonly topology: Topology;
  readonly options: ReadOptions;
}

/**
 * What the query rules of a tablet should say to a statement that comes from a gateway of the same machine, outside of
 * streams. What depends on things that only a run shows (the port of the gateway's connection, a text that is not printed
 * here, values of the session) is "cannot decide".
 */
export function predictRules(rules: QueryRules | null, question: RuleQuestion): RuleDecision {
  if (rules === null || rules.rules.length === 0) return CONTINUE;
  const { sql, reading, plan, tablet, topology, options } = question;
  const { leading, statement, trailing } = splitMargins(sql);
  const keyspaces = new Set(topology.keyspaces.map(({ name }) => name));
  const sent = printed.test(statement)
    ? sentText(statement, keyspaces)
    : plan.name === 'DDL' && goesAsWritten(statement, reading)
      ? { sql: statement, binds: new Map<string, BindValue>() }
      : null;
  const decision = bookOf(rules)
    .forStatement({
      query: sent?.sql ?? null,
      plan: plan.name,
      tables: statementTables(sql, options)?.execute ?? null,
    })
    .decide({
      address: { host: tablet.grpc.listen.host.includes(':') ? '::1' : '127.0.0.1', port: null },
      user: GRPC_USER,
      leadingComment: leading,
      trailingComment: trailing,
      binds: sent === null ? null : (name) => bindOf(sent.binds.get(name)),
    });
  // Without a table the gateway may answer by itself: SET, SHOW, SELECT 1.
  const touches = plan.permissions.some(({ table }) => table !== 'dual') || plan.undetermined !== null;
  if (decision.action === 'CONTINUE' || decision.action === 'cannot-decide' || touches) return decision;
  return {
    action: 'cannot-decide',
    rule: decision.rule,
    reason: 'a gateway may answer a statement without tables by itself',
  };
}

/** DDL goes as it was written, but for names of keyspaces and what only the session knows. */
const goesAsWritten = (statement: string, { qualifiers, sessionCalls, blanks }: StatementReading): boolean =>
  qualifiers.length === 0 && sessionCalls.length === 0 && blanks.length === 0 && !statement.includes('@');

/** The statement as a gateway sends it; null where its session decides about the text too. */
function sentText(statement: string, keyspaces: ReadonlySet<string>) {
  try {
    const made = normalise(statement, {
      keyspaceNamed: (name) => (keyspaces.has(name) ? name : null),
      parameterize: true,
    });
    return made === null || made.needs.size > 0 ? null : made;
  } catch {
    // Longer than a message to a tablet can be.
    return null;
  }
}
