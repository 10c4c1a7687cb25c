import { expect, test } from 'vitest';
import { compareAcls, lookupTable, rolesOf, whoCan } from '../../../../src-main/domain/acl';
import { caller, load } from './acl-builder';

const before = load({
  table_groups: [
    { name: 'orders', table_names_or_prefixes: ['orders', 'order_%'], readers: ['app', 'g', 'app'], writers: ['app'] },
    { name: 'stock', table_names_or_prefixes: ['stock'], readers: ['g'], admins: ['dba'] },
  ],
});

test('the cells that change, who gains and who loses', () => {
  const after = load({
    table_groups: [
      { name: 'orders', table_names_or_prefixes: ['orders', 'order_items'], readers: ['app', 'ann'], writers: ['g'] },
      { name: 'rest', table_names_or_prefixes: ['s%'], readers: ['g'], admins: ['dba'] },
    ],
  });
  const callers = [caller('app'), caller('ann', 'g'), caller('dba')];
  const { cells, gains, loses } = compareAcls(before, after, {
    callers,
    tables: ['orders', 'order_log', 'stock', 'staff'],
  });
  expect(cells.map((cell) => `${cell.caller.username} ${cell.change} ${cell.table} ${cell.role}`)).toEqual([
    'app loses orders WRITER',
    'app loses order_log READER',
    'app loses order_log WRITER',
    'ann gains orders WRITER',
    'ann loses order_log READER',
    'ann gains staff READER',
    'dba gains staff ADMIN',
  ]);
  expect(gains.map(({ username }) => username)).toEqual(['ann', 'dba']);
  expect(loses.map(({ username }) => username)).toEqual(['app', 'ann']);
  expect(cells[1]).toMatchObject({
    before: { entry: 'order_%', granted: true },
    after: { entry: null, granted: false },
  });
});

test('nothing loaded grants nothing', () => {
  const over = { callers: [caller('app')], tables: ['orders', 'dual'] };
  expect(compareAcls(null, before, over).cells.map(({ change, role }) => `${change} ${role}`)).toEqual([
    'gains READER',
    'gains WRITER',
  ]);
  expect(compareAcls(before, null, over).cells).toHaveLength(2);
  expect(compareAcls(before, before, over).cells).toEqual([]);
});

test('who can, and what one can', () => {
  expect(whoCan(before, 'order_x', 'READER').map(({ text }) => text)).toEqual(['app', 'g']);
  expect(whoCan(before, 'stock', 'WRITER')).toEqual([]);
  expect(whoCan(before, 'nowhere', 'READER')).toEqual([]);
  expect(rolesOf(before, caller('app'), 'orders')).toEqual(['READER', 'WRITER']);
  expect(rolesOf(before, caller('dba', 'g'), 'stock')).toEqual(['READER', 'ADMIN']);
  expect(rolesOf(before, caller('dba'), 'orders')).toEqual([]);
  expect(rolesOf(before, caller('app'), 'nowhere')).toEqual([]);
});

test('an admin or a writer is not a reader', () => {
  const acl = load({ table_groups: [{ table_names_or_prefixes: ['t'], writers: ['w'], admins: ['a'] }] });
  expect(rolesOf(acl, caller('w'), 't')).toEqual(['WRITER']);
  expect(rolesOf(acl, caller('a'), 't')).toEqual(['ADMIN']);
});

test('names and prefixes are compared with their case and to the end', () => {
  expect(lookupTable(before, 'orders')?.entry.text).toBe('orders');
  expect(lookupTable(before, 'order_')?.entry.text).toBe('order_%');
  for (const table of ['order', 'Orders', 'orders2', 'orders ', 'xorder_', ''])
    expect(lookupTable(before, table)).toBeNull();
});
