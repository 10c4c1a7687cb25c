import fc from 'fast-check';

/** A statement and the tables that MySQL reads or changes when it runs. */
export interface KnownStatement {
  readonly sql: string;
  readonly tables: readonly string[];
}

type Part = KnownStatement;

const join = (separator: string, parts: readonly Part[]): Part => ({
  sql: parts.map(({ sql }) => sql).join(separator),
  tables: parts.flatMap(({ tables }) => tables),
});

/** Fills `{}` in a template with parts, one after the other. */
const fill = (template: string, ...parts: readonly Part[]): Part => {
  let next = 0;
  return {
    sql: template.replace(/\{\}/g, () => (parts[next++] as Part).sql),
    tables: parts.flatMap(({ tables }) => tables),
  };
};

/** Every table the generator writes of. */
export const generatedTables = ['t1', 't2', 't3', 't4', 't5', 'secret', 'order', 'a b', 'select'] as const;
const plainNames = /^(t\d|secret)$/;

const table = fc
  .tuple(fc.constantFrom(...generatedTables), fc.constantFrom('', '', '', 'db.', '`db`.', 'db . '), fc.boolean())
  .map(([name, schema, quoted]): Part => ({
    sql: `${schema}${quoted || !plainNames.test(name) ? `\`${name}\`` : name}`,
    tables: [name],
  }));

const space = fc.constantFrom(' ', ' ', '\n', '\t', '/**/', ' /* from secret */ ', ' -- x\n', ' # y\n');
const literal = fc
  .constantFrom(
    '1',
    '-2',
    '.5',
    '1e3',
    "'a'",
    "'it''s'",
    "'\\''",
    '"x"',
    "'-- '",
    "'/*'",
    'null',
    'true',
    '0x41',
    "x'41'",
    ':v1',
    '?',
    '@x',
    '@@y',
    'id',
    't.id',
    'db.t.id',
    'now()',
    'user()',
  )
  .map((sql): Part => ({ sql, tables: [] }));

const { expression, query } = fc.letrec<{ expression: Part; query: Part; source: Part; select: Part }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'sql' },
    literal,
    fc
      .tuple(
        fc.constantFrom(
          '{} + {}',
          '{} = {}',
          '({}) and ({})',
          '{} or {}',
          'coalesce({}, {})',
          '(({}) between ({}) and 3)',
          'concat({}, {})',
          '{} like {}',
          'nullif({},{})',
          'case when {} then {} end',
          '{} in (1, {})',
          '({}, {}) = (1, 2)',
        ),
        tie('expression'),
        tie('expression'),
      )
      .map(([form, a, b]) => fill(`(${form})`, a, b)),
    fc
      .tuple(
        fc.constantFrom(
          '({})',
          '(({}))',
          '(exists ({}))',
          '(1 in ({}))',
          '(1 = any ({}))',
          '(not exists({}))',
          'if(({}), 1, 2)',
          'cast(({}) as char)',
          '- ({})',
          'sum(1) over (order by ({}))',
        ),
        tie('query'),
      )
      .map(([form, inner]) => fill(form, inner)),
  ),
  source: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'sql' },
    table,
    fc
      .tuple(table, fc.constantFrom('{} x', '{} as x', '{} use index (i)', '{} as `x y`', '{} partition (p0)'))
      .map(([one, form]) => fill(form, one)),
    fc
      .tuple(tie('query'), fc.constantFrom('({}) d', '({}) as d', '(({})) as d (a, b)', 'lateral ({}) d'))
      .map(([one, form]) => fill(form, one)),
    fc
      .tuple(
        tie('source'),
        tie('source'),
        fc.constantFrom(
          '({}, {})',
          '{} join ({})',
          '((({}), {}))',
          '({} cross join ({}))',
          '({}) natural join ({})',
          '({}) straight_join ({})',
        ),
      )
      .map(([a, b, form]) => fill(form, a, b)),
    fc
      .tuple(
        tie('source'),
        tie('source'),
        tie('expression'),
        fc.constantFrom('({}) left join ({}) on {}', '({} inner join ({}) on {})', '({}) right outer join ({}) on {}'),
      )
      .map(([a, b, on, form]) => fill(form, a, b, on)),
  ),
  select: fc
    .tuple(
      fc.array(tie('expression'), { minLength: 1, maxLength: 2 }),
      tie('source'),
      space,
      tie('expression'),
      fc.constantFrom('', ' where {}', ' group by {}', ' having {}', ' order by {} desc', ' where {} for update'),
    )
    .map(([list, source, gap, tail, form]) => {
      const head = join(', ', list);
      const body: Part = {
        sql: `select${gap}${head.sql}${gap}from${gap}${source.sql}`,
        tables: [...head.tables, ...source.tables],
      };
      return form === '' ? body : fill(`{}${form}`, body, tail);
    }),
  query: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'sql' },
    tie('select'),
    fc
      .tuple(tie('select'), tie('select'), fc.constantFrom('({}) union ({})', '({}) union all ({}) order by 1 limit 2'))
      .map(([a, b, form]) => fill(form, a, b)),
    // The name of the common table is never that of a table: what it hides is not this generator's subject.
    fc
      .tuple(tie('query'), tie('query'), fc.constantFrom('with w as ({}) {}', 'with recursive w (a) as ({}) {}'))
      .map(([a, b, form]) =>
        b.sql.startsWith('with') ? fill(form.replace('{} {}', '{}').replace(') {}', ') ({})'), a, b) : fill(form, a, b),
      ),
  ),
}));

/** Statements of every kind that reads or changes tables, as MySQL and Vitess both read them. */
export const statementWithTables: fc.Arbitrary<KnownStatement> = fc.oneof(
  { arbitrary: query, weight: 4 },
  fc
    .tuple(table, query, fc.constantFrom('insert into {} {}', 'replace into {} (a, b) {}', 'insert ignore {} ({})'))
    .map(([t, q, form]) => fill(form, t, q)),
  fc
    .tuple(table, fc.array(expression, { minLength: 1, maxLength: 3 }), expression)
    .map(([t, row, on]) => fill('insert into {} values ({}) on duplicate key update a = {}', t, join(', ', row), on)),
  fc.tuple(table, expression, expression).map(([t, a, b]) => fill('update {} set x = {} where {}', t, a, b)),
  fc
    .tuple(table, table, query, expression)
    .map(([a, b, q, e]) => fill('update {} join {} on 1 = 1, ({}) q set x = {}', a, b, q, e)),
  fc.tuple(table, expression).map(([t, e]) => fill('delete from {} where {} limit 1', t, e)),
  fc.tuple(table, table, expression).map(([a, b, e]) => fill('delete x from {} as x, {} where {}', a, b, e)),
  fc
    .tuple(
      table,
      query,
      fc.constantFrom(
        'create table {} as {}',
        'create view {} as {}',
        'create or replace view {} (a) as {}',
        'alter view {} as {}',
      ),
    )
    .map(([t, q, form]) => fill(form, t, q)),
  fc
    .tuple(
      table,
      table,
      fc.constantFrom(
        'create table {} like {}',
        'rename table {} to {}',
        'drop table {}, {}',
        'alter table {} rename {}',
        'alter table {} add foreign key (a) references {} (b)',
      ),
    )
    .map(([a, b, form]) => fill(form, a, b)),
  fc
    .tuple(
      table,
      fc.constantFrom(
        'truncate {}',
        'create index i on {} (a)',
        'analyze table {}',
        'show columns from {}',
        'describe {}',
        'flush tables {}',
      ),
    )
    .map(([t, form]) => fill(form, t)),
  query.map((q) => fill('explain {}', q)),
  fc.tuple(query, fc.constantFrom('set @x = ({})', 'show tables where 1 in ({})')).map(([q, form]) => fill(form, q)),
);
