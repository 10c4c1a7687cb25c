import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryMethods } from '../../src-main/servers/rpc';
import {
  aclOf,
  asRoot,
  startBackend,
  startTablet,
  target,
  type Backend,
  type Running,
} from '../wire/tablet/tablet-fixture';
import { installedPrograms } from '../wire/backend/backend-fixture';

/**
 * A caller who may read `orders` only hides a read of `payments` in comments that Vitess skips (their version is above its
 * own 8.4.6) and the server behind it runs: MySQL 9 for every version up to its own, MariaDB from 10.0.0 on, and `/*M!`. And
 * in one that every server runs, which is read as part of the statement.
 */
const programs = await installedPrograms();
const OLD = 'select name from orders /*!40001 union select secret from payments */';
const MARIADB = [
  OLD,
  'select name from orders /*!100000 union select secret from payments */',
  'select name from orders /*M! union select secret from payments */',
  'select name from orders /*M!100000 union select secret from payments */',
];
const MYSQL = [
  OLD,
  'select name from orders /*!90000 union select secret from payments */',
  'select name from orders /*!80500 union select secret from payments */',
  'select /*!90100 (select secret from payments) as */ name from orders',
];

describe.each([
  ['MariaDB', MARIADB],
  ['MySQL', MYSQL],
] as const)('behind the tablet is %s', (vendor, statements) => {
  const present = programs.some((program) => program.vendor === vendor);
  if (!present) console.log(`not run with ${vendor}: there is none on this machine`);
  let backend: Backend;
  let running: Running;

  beforeAll(async () => {
    if (!present) return;
    backend = await startBackend(vendor);
    await asRoot(
      backend,
      'create table orders (id int primary key, name varchar(50))',
      "insert into orders values (1, 'cup')",
      'create table payments (id int primary key, secret varchar(20))',
      "insert into payments values (1, 'SECRET')",
    );
    running = await startTablet(backend, {
      acl: aclOf({ table_groups: [{ name: 'o', table_names_or_prefixes: ['orders'], readers: ['alice'] }] }),
      aclSettings: { strict: true, dryRun: false, exempt: '' },
    });
  });
  afterAll(async () => {
    if (!present) return;
    await running.stop();
    await backend.stop();
  });

  test.skipIf(!present)('the server itself runs such comments, so that the rest proves something', async () => {
    const root = await backend.root();
    for (const sql of statements) {
      const [rows] = await root.query(sql);
      expect(JSON.stringify(rows)).toContain('SECRET');
    }
    await root.end();
  });

  test.skipIf(!present).each([...new Set([...MARIADB, ...MYSQL])])('%s gives nothing away', async (sql) => {
    let answer: string;
    try {
      const { result } = await running.client.client.unary(queryMethods.Execute, {
        target,
        immediateCallerId: { username: 'alice' },
        query: { sql },
      });
      answer = (result?.rows ?? []).map((row) => Buffer.from(row.values ?? []).toString()).join('\n');
    } catch (error) {
      answer = (error as Error).message;
      expect(answer).toMatch(/denied|not allowed|syntax error|invalid/i);
    }
    expect(answer.replace(/Sql: .*/s, '')).not.toContain('SECRET');
  });
});
