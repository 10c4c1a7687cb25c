import type { Tablet } from '../../../../src-main/servers/tablet';
import type { World } from '../mysql/world';
import { effectOf } from './effect';

interface Fixture {
  readonly name: string;
  readonly kind: string;
  readonly create: string;
  readonly data: readonly string[];
}

const created = /^create (?:\w+ )*?(table|view|procedure|function) (\w+)/i;

/** The tables, views and routines of a recording, put back after a statement as far as the statement can have changed them. */
export class Ground {
  readonly #fixtures: readonly Fixture[];
  #definitions = new Map<string, string>();

  constructor(
    private readonly world: World,
    setup: { readonly schema: readonly string[]; readonly data: readonly string[] },
  ) {
    this.#fixtures = setup.schema.flatMap((create) => {
      const [, kind = '', name = ''] = created.exec(create) ?? [];
      const data = setup.data.filter((line) => new RegExp(`^insert into ${name}\\b`, 'i').test(line));
      return name === '' ? [] : [{ name, kind: kind.toLowerCase(), create, data }];
    });
  }

  /** Makes everything anew and remembers how it is then. */
  async begin(): Promise<void> {
    await this.world.rebuild(null);
    for (const fixture of this.#fixtures)
      this.#definitions.set(fixture.name, (await this.#definition(fixture)) ?? fixture.create);
  }

  /** Puts back what `texts` can have changed; `tablet` is told of objects that were changed. */
  async restore(texts: readonly string[], tablet: Tablet): Promise<void> {
    const effects = texts.map((text) => effectOf(text));
    const words = new Set(texts.join(' ').toLowerCase().match(/\w+/g));
    if (effects.includes('objects')) {
      try {
        await this.#restoreObjects(words);
      } catch {
        await this.world.rebuild(null);
      }
      await tablet.reloadSchema();
    } else if (effects.includes('rows')) await this.#restoreRows(words);
  }

  /** Rows of the named tables, and their counters of AUTO_INCREMENT. */
  async #restoreRows(words: ReadonlySet<string>): Promise<void> {
    const tables = this.#fixtures.filter(({ name, kind }) => kind === 'table' && words.has(name));
    if (tables.length === 0) return;
    const counts = words.has('insert') || words.has('replace') || words.has('load');
    await this.world.mysql.run(
      'begin',
      ...tables.flatMap(({ name, data }) => [`delete from ${name}`, ...data]),
      'commit',
      ...(counts ? tables.map(({ name }) => `alter table ${name} auto_increment = 1`) : []),
    );
  }

  async #restoreObjects(words: ReadonlySet<string>): Promise<void> {
    const [found] = (await this.world.mysql.run(
      `select table_name as name, if(table_type = 'VIEW', 'view', 'table') as kind from information_schema.tables where table_schema = database()
       union all select routine_name, lower(routine_type) from information_schema.routines where routine_schema = database()`,
    )) as [readonly { readonly name: string; readonly kind: string }[]];
    const isThere = (one: { name: string; kind: string }): boolean =>
      found.some(({ name, kind }) => name === one.name && kind === one.kind);
    const extra = found.filter(
      (one) => !this.#fixtures.some(({ name, kind }) => name === one.name && kind === one.kind),
    );
    // A trigger or a lost file does not show in the definition of a table.
    const hidden = words.has('trigger') || words.has('tablespace');
    const again: Fixture[] = [];
    const kept: Fixture[] = [];
    for (const fixture of this.#fixtures) {
      if (!isThere(fixture)) again.push(fixture);
      else if (words.has(fixture.name)) {
        const same = !hidden && (await this.#definition(fixture)) === this.#definitions.get(fixture.name);
        (same ? kept : again).push(fixture);
      }
    }
    await this.world.mysql.run(
      'set foreign_key_checks = 0',
      ...extra.map(({ name, kind }) => `drop ${kind} if exists \`${name}\``),
      ...again.map(({ name, kind }) => `drop ${kind} if exists ${name}`),
      ...again.flatMap(({ create, data }) => [create, ...data]),
      'begin',
      ...kept.flatMap(({ name, kind, data }) => (kind === 'table' ? [`delete from ${name}`, ...data] : [])),
      'commit',
    );
  }

  /** What SHOW CREATE tells, or null for what is not sound. */
  async #definition({ name, kind }: Fixture): Promise<string | null> {
    try {
      const [[row] = []] = (await this.world.mysql.run(`show create ${kind} ${name}`)) as [readonly object[]];
      const text = Object.entries(row ?? {}).find(([key]) => key.startsWith('Create '))?.[1];
      return typeof text === 'string' ? text : null;
    } catch {
      return null;
    }
  }
}
