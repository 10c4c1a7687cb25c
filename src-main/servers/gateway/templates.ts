import { query } from '../rpc';
import type { CanonicalStatement } from './canonical';
import { Lru } from './lru';

/** Where a number of the text is found among the bind variables; `item` is -1 outside a list. */
interface Place {
  readonly name: string;
  readonly item: number;
}

interface Template {
  readonly sql: string;
  readonly keyspaces: ReadonlySet<string>;
  readonly columns: readonly string[] | null;
  readonly places: readonly Place[];
}

/** Texts in which every number stands for itself: no strings, comments, variables, signs, quoted names or fractions. */
const simple = /^[A-Za-z0-9_ ,=<>()*\n]{1,2048}$/;
/** Whole numbers that are INT64 whatever their value is; digits of a name, of 0x10 or of 007 are none. */
const numbers = /(?<!\w)(?:0|[1-9]\d{0,14})(?!\w)/g;
const MOST_NUMBERS = 64;

/**
 * Canonical forms of statements that differ from one made before in whole numbers alone: programs without prepared
 * statements send the same text with ever new numbers. A form is used for other numbers only when each number of the text
 * is the value of exactly one bind variable, and when a second text with other numbers gave the same form.
 */
export class Templates {
  readonly #templates = new Lru<Template | 'none'>(1000);

  /** `make` makes a statement canonical; null: it cannot, or the result depends on the session. */
  constructor(private readonly make: (sql: string) => CanonicalStatement | null) {}

  /** The canonical form by a template, or null when there is none; then the text has to be read. */
  of(sql: string): CanonicalStatement | null {
    if (!simple.test(sql)) return null;
    const values = sql.match(numbers);
    if (values === null || values.length > MOST_NUMBERS || !areDistinct(values)) return null;
    const key = sql.replace(numbers, '#');
    let template = this.#templates.get(key);
    if (template === undefined) {
      template = this.#learn(sql, values) ?? 'none';
      this.#templates.set(key, template);
    }
    return template === 'none' ? null : filled(template, values);
  }

  #learn(sql: string, values: readonly string[]): Template | null {
    const made = this.make(sql);
    const places = made === null ? null : placesOf(made, values);
    if (made === null || places === null) return null;
    const template = { sql: made.sql, keyspaces: made.keyspaces, columns: made.columns, places };
    let next = 0;
    const others = values.map((_, index) => String(700_000_001 + 7 * index));
    const other = this.make(sql.replace(numbers, () => others[next++] as string));
    return other !== null && areSame(other, filled(template, others)) ? template : null;
  }
}

const areDistinct = (values: readonly string[]): boolean =>
  values.length < 2 || (values.length === 2 ? values[0] !== values[1] : new Set(values).size === values.length);

const whole = (text: string): query.IBindVariable => ({ type: query.Type.INT64, value: Buffer.from(text, 'latin1') });

const isWhole = ({ type, value }: query.IBindVariable | query.IValue, text: string): boolean =>
  type === query.Type.INT64 && Buffer.from(value ?? []).toString('latin1') === text;

/** The place of each value, or null unless values and bind variables are the same things. */
function placesOf({ binds }: CanonicalStatement, values: readonly string[]): Place[] | null {
  const all: { readonly place: Place; readonly value: query.IBindVariable | query.IValue }[] = [];
  for (const [name, bind] of Object.entries(binds))
    if (bind.type === query.Type.TUPLE)
      all.push(...(bind.values ?? []).map((value, item) => ({ place: { name, item }, value })));
    else all.push({ place: { name, item: -1 }, value: bind });
  if (all.length !== values.length) return null;
  const places: Place[] = [];
  for (const text of values) {
    const found = all.find(({ value }) => isWhole(value, text));
    if (found === undefined) return null;
    places.push(found.place);
  }
  return places;
}

function filled({ sql, keyspaces, columns, places }: Template, values: readonly string[]): CanonicalStatement {
  const binds: { [name: string]: query.IBindVariable } = {};
  for (let index = 0; index < places.length; index += 1) {
    const { name, item } = places[index] as Place;
    const value = whole(values[index] as string);
    if (item < 0) binds[name] = value;
    else {
      const list = (binds[name] ??= { type: query.Type.TUPLE, values: [] });
      (list.values as query.IValue[])[item] = value;
    }
  }
  return { sql, binds, keyspaces, columns };
}

function areSame(one: CanonicalStatement, other: CanonicalStatement): boolean {
  const shown = ({ sql, binds, keyspaces, columns }: CanonicalStatement): string =>
    JSON.stringify([
      sql,
      columns,
      [...keyspaces].sort(),
      Object.entries(binds)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { type, value, values }]) => [
          name,
          type,
          Buffer.from(value ?? []).toString('hex'),
          (values ?? []).map((item) => [item.type, Buffer.from(item.value ?? []).toString('hex')]),
        ]),
    ]);
  return shown(one) === shown(other);
}
