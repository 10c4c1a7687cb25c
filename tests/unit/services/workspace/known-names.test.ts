import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeWorkspace, type MadeWorkspace } from '../../../support/workspace';

let made: MadeWorkspace;
afterEach(() => made.remove());

it('knows the tables of the schema file beside those of the tests', async () => {
  made = await makeWorkspace('shop');
  await appendFile(join(made.dir, 'schema.sql'), '\nCREATE TABLE refunds (id INT);\n');
  const acl = join(made.dir, 'acl.json');
  await writeFile(acl, (await readFile(acl, 'utf8')).replace('["payments"]', '["payments", "refunds", "refnds"]'));
  const { findings } = await made.load();
  expect(findings.filter(({ code }) => code === 'acl.unknown-table')).toMatchObject([
    { message: 'There is no table called "refnds".', remedy: 'Did you mean "refunds"?' },
  ]);
});
