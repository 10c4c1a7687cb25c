import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { schemaTables } from '../../../../src-main/services/workspace/schema-tables';
import { cpuTime } from '../../../support/cpu-time';

it('names what is there in the end', () => {
  expect(
    schemaTables(`
      -- A comment; with a semicolon
      CREATE TABLE a (id INT, \`create\` INT, \`index\` INT);
      /* another */ create table if not exists \`shop\`.\`b c\` (id int, foreign key (id) references a(id));
      CREATE OR REPLACE VIEW v AS SELECT * FROM a;
      CREATE TEMPORARY TABLE gone_with_the_session (id INT);
      CREATE TABLE t LIKE a;
      INSERT INTO a VALUES (1), (2);
      CREATE INDEX i ON nothing (id);
      CREATE PROCEDURE p() BEGIN CREATE TABLE inside (id INT); END;
      RENAME TABLE t TO u;
      ALTER TABLE u ADD COLUMN x INT;
      CREATE TABLE digits (d INT);
      DROP TABLE IF EXISTS digits;
      CREATE TABLE user (role INT);
      CREATE nonsense here;
      CREATE TABLE last (id INT)`),
  ).toEqual(['a', 'b c', 'v', 'u', 'user', 'last']);
});

it('reads dumps, whose views stand in versioned comments', () => {
  expect(
    schemaTables('/*!40101 SET NAMES utf8 */;\n/*!50001 CREATE VIEW v AS SELECT 1 */;\nCREATE TABLE a (id INT);'),
  ).toEqual(['v', 'a']);
});

it.each(['', ';;;', 'CREATE', "CREATE TABLE 'x", 'select 1'])('finds nothing in %j', (sql) => {
  expect(schemaTables(sql)).toEqual([]);
});

it('takes no longer for many comments in front of what it passes over', () => {
  const start = cpuTime();
  expect(schemaTables(`${'/* a */ -- b\n'.repeat(5_000)} INSERT INTO a VALUES (1); CREATE TABLE b (id INT)`)).toEqual([
    'b',
  ]);
  expect(cpuTime() - start).toBeLessThan(1_000);
});

it('reads the shop', async () => {
  const sql = await readFile(join(import.meta.dirname, '../../../../resources/samples/shop/schema.sql'), 'utf8');
  expect(schemaTables(sql)).toEqual(['customers', 'products', 'orders', 'order_items', 'payments', 'staff_notes']);
});
