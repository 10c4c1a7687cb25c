import {
  normalise,
  splitMargins,
  type BindValue,
  type NormalisedStatement,
  type NormaliseOptions,
} from '../../domain/sql';
import { query } from '../rpc';
import { Lru } from './lru';
import { gatewayVariable } from './rewrite';
import type { GatewaySession } from './session';
import { Templates } from './templates';

/** A statement in the form in which vtgate sends it: canonical text and all its bind variables. */
export interface CanonicalStatement {
  readonly sql: string;
  readonly binds: { readonly [name: string]: query.IBindVariable };
  /** The keyspaces that the text names. */
  readonly keyspaces: ReadonlySet<string>;
  /** The names of the columns, should they be computed here; or null. */
  readonly columns: readonly string[] | null;
}

/** A canonical text with what does not depend on the session. */
interface Kept {
  readonly sql: string;
  readonly binds: { readonly [name: string]: query.IBindVariable };
  readonly normalised: NormalisedStatement;
}

/** Longest text that is remembered, in UTF-16 units. */
const longestKept = 4096;

const single = ({ type, value }: BindValue): query.IBindVariable => ({
  type: query.Type[type],
  value: Buffer.from(value),
});

const variableOf = (value: BindValue | readonly BindValue[]): query.IBindVariable =>
  'type' in value
    ? single(value)
    : {
        type: query.Type.TUPLE,
        values: value.map(({ type, value: text }) => ({ type: query.Type[type], value: Buffer.from(text) })),
      };

/** Makes statements canonical and remembers the latest. */
export class Canonical {
  readonly #kept = new Lru<Kept | 'as-written'>(1000);

  readonly #templates = new Templates((sql) => {
    const made = this.#make(sql, { parameterize: true, selectLimit: 0, sessionVariables: new Set() });
    if (made === null || made.normalised.needs.size > 0) return null;
    const { keyspaces, columns } = made.normalised;
    return { sql: made.sql, binds: made.binds, keyspaces, columns };
  });

  constructor(private readonly keyspaceNamed: (name: string) => string | null) {}

  /**
   * The canonical form of a SELECT, INSERT, REPLACE, UPDATE, DELETE or CALL, or null when the text must go as written: it
   * cannot be printed exactly, or needs a value that this gateway does not keep. Throws `Oversize`.
   */
  of(
    sql: string,
    session: GatewaySession,
    serverVersion: string,
    how: { readonly prepared: boolean; readonly limited: boolean },
  ): CanonicalStatement | null {
    const limit = how.limited ? Number(session.options.sqlSelectLimit ?? 0n) : 0;
    if (limit === 0 && !how.prepared) {
      const known = this.#templates.of(sql);
      if (known !== null) return known;
    }
    const set = sql.includes('@@') ? [...session.systemVariables.keys()].sort() : [];
    const key = `${how.prepared ? 'p' : 't'}${limit}${set.join()}:${sql}`;
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept =
        this.#make(sql, { parameterize: !how.prepared, selectLimit: limit, sessionVariables: new Set(set) }) ??
        'as-written';
      if (sql.length <= longestKept) this.#kept.set(key, kept);
    }
    if (kept === 'as-written') return null;
    const { normalised, binds } = kept;
    const { needs, keyspaces, columns } = normalised;
    if (needs.size === 0) return { sql: kept.sql, binds, keyspaces, columns };
    const all = { ...binds };
    for (const name of needs) {
      const value = sessionValue(name, session, serverVersion);
      if (value === null) return null;
      all[name] = value;
    }
    return { sql: kept.sql, binds: all, keyspaces, columns };
  }

  #make(sql: string, how: Omit<NormaliseOptions, 'keyspaceNamed'>): Kept | null {
    const { leading, statement, trailing } = splitMargins(sql);
    const normalised = normalise(statement, { ...how, keyspaceNamed: this.keyspaceNamed });
    if (normalised === null) return null;
    const binds: { [name: string]: query.IBindVariable } = {};
    for (const [name, value] of normalised.binds) binds[name] = variableOf(value);
    return { sql: `${leading}${normalised.sql}${trailing}`, binds, normalised };
  }
}

const whole = (value: bigint): query.IBindVariable => ({
  type: query.Type.INT64,
  value: Buffer.from(value.toString()),
});

const text = (value: string): query.IBindVariable => ({ type: query.Type.VARCHAR, value: Buffer.from(value, 'utf8') });

/** The value of a bind variable that stands for something of the session (go/vt/vtgate/executor.go, addNeededBindVars), or null. */
function sessionValue(name: string, session: GatewaySession, serverVersion: string): query.IBindVariable | null {
  switch (name) {
    case '__vtdbname':
      return text(session.targetString);
    case '__lastInsertId':
      return { type: query.Type.UINT64, value: Buffer.from(session.lastInsertId.toString()) };
    case '__vtfrows':
      return whole(session.foundRows);
    case '__vtrcount':
      return whole(session.rowCount);
    default: {
      const variable = name.slice('__vt'.length);
      const literal = session.systemVariables.get(variable) ?? gatewayVariable(variable, session, serverVersion);
      if (literal === undefined) return null;
      if (/^-?\d+$/.test(literal)) return whole(BigInt(literal));
      // Values with other than plain characters are rare and have no literal of that form.
      return /^'[^'\\]*'$/.test(literal) ? text(literal.slice(1, -1)) : null;
    }
  }
}
