import { expect, it } from 'vitest';
import { statementTables } from '../../../../src-main/domain/sql';

const known = new Set(['orders', 'products', 'customers']);
const options = { fidelity: { mode: 'vitess', version: '24.0.4' }, knownTables: known } as const;

/** The names by which vttablet's query rules and statistics know a statement. */
it.each([
  ['select 1', ['dual'], ['dual']],
  ['select 1 from dual', ['dual'], ['dual']],
  ['select id from orders', ['orders'], ['orders']],
  ['/* a */ select id from orders /* b */', ['orders'], ['orders']],
  ['select o.id from orders as o, products as p', ['orders', 'products'], ['']],
  // A join is no table of its own to a stream.
  ['select o.id from orders o join products p on o.id = p.id', ['orders', 'products'], ['']],
  ['select id from orders where id in (select id from customers)', ['orders', 'customers'], ['orders']],
  ['select id from orders union select id from products', ['orders', 'products'], ['']],
  ['with c as (select id from products) select id from c', ['products'], ['']],
  ['select id from mysql.orders', [''], ['']],
  ['select id from Orders', [''], ['']],
  ['insert into orders (id) select id from products', ['orders', 'products'], ['']],
  ['update orders set id = 1 where id = (select max(id) from products)', ['orders', 'products'], ['']],
  ['delete from orders where id = 1', ['orders'], ['']],
  ['explain select id from orders', ['orders'], ['']],
  ['create view v as select id from orders', ['orders'], ['']],
  // What only DDL names is not seen.
  ['drop table orders', [''], ['']],
  ['truncate table orders', [''], ['']],
  ['alter table orders add column x int', [''], ['']],
  ['flush tables orders', ['orders'], ['']],
  ['flush tables orders, products', [''], ['']],
  ['set @a = 1', [''], ['']],
] as const)('%s', (sql, execute, stream) => {
  expect(statementTables(sql, options)).toEqual({ execute, stream });
});

it('knows nothing of a text that is none', () => {
  expect(statementTables('selct 1', options)).toBeNull();
});
