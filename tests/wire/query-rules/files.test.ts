import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportEntries, flagsOf } from '../../../src-main/domain/exports';
import { checkQueryRulesFile } from '../../../src-main/services/check/check-files';
import { DecideService } from '../../../src-main/services/decide/decide-service';
import { accessImpact } from '../../../src-main/services/document/impact';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';
import { editTopology } from './rules-fixture';

/** What the files alone say; nothing runs. */
describe('query rules of a workspace', () => {
  let made: MadeWorkspace;
  beforeEach(async () => {
    made = await makeWorkspace('shop');
    await editTopology(made.dir, (tablet) => ({ ...tablet, queryRules: 'query-rules.json' }));
  });
  afterEach(() => made.remove());
  const put = (rules: unknown): Promise<void> =>
    writeFile(join(made.dir, 'query-rules.json'), typeof rules === 'string' ? rules : JSON.stringify(rules, null, 2));

  it('are loaded with the tables of the schema, and their faults are findings', async () => {
    await put([{ Name: 'a', Description: 'd', Query: 'x', TableNames: ['orders', 'ordrs'] }]);
    const { queryRules, findings } = await made.load();
    expect(queryRules.get('query-rules.json')?.rules).toHaveLength(1);
    expect(findings.filter(({ file, level }) => file === 'query-rules.json' && level !== 'info')).toEqual([
      expect.objectContaining({ code: 'query-rules.table-unknown', level: 'warning', line: 2 }),
    ]);
    await put('[{"Name": 1}]');
    const broken = await made.load();
    expect(broken.queryRules.size).toBe(0);
    expect(broken.findings.find(({ code }) => code === 'query-rules.type')).toMatchObject({ level: 'error', line: 1 });
  });

  it('say that vttablet starts without them when it refuses them', async () => {
    await put('[{"Name": 1}]');
    const checked = await checkQueryRulesFile(join(made.dir, 'query-rules.json'));
    expect(checked).toMatchObject({
      ok: true,
      value: { vitess: { program: 'vttablet', accepted: false, message: 'want string for Name', startsWithout: true } },
    });
  });

  it('are exported with their flag, and with the watch where it is wanted', async () => {
    await put([]);
    const flags = async (): Promise<readonly string[]> =>
      flagsOf((await made.load()).topology, (path) => `/x/${path}`).get('vttablet zone1-100')!;
    expect((await flags()).filter((flag) => flag.includes('custom'))).toEqual([
      '--filecustomrules=/x/query-rules.json',
    ]);
    await editTopology(made.dir, (tablet) => ({ ...tablet, queryRulesWatch: true }));
    expect((await flags()).filter((flag) => flag.includes('custom'))).toEqual([
      '--filecustomrules=/x/query-rules.json',
      '--filecustomrules-watch',
    ]);
    expect(exportEntries((await made.load()).topology)).toContainEqual({
      path: 'query-rules.json',
      kind: 'query-rules',
      mode: 0o644,
    });
  });

  it('decide before the table ACL, whoever asks', async () => {
    await put([
      { Description: 'no deletes', Plans: ['Delete', 'DeleteLimit'] },
      { Description: 'one gateway', RequestIP: '127\\.0\\.0\\.1:1\\d+', TableNames: ['products'] },
    ]);
    const service = new DecideService(await made.load(), new Date());
    const decide = (user: string, sql: string) => service.decide({ id: 1, caller: { user }, sql });
    expect(decide('web', 'delete from orders where id = 1')).toMatchObject({
      verdict: 'refused',
      stoppedAt: 'tablet',
      code: 1105,
      tables: [],
      message: expect.stringContaining('desc = disallowed due to rule: no deletes (CallerID: shop_web)') as string,
    });
    expect(decide('web', 'select id from products')).toMatchObject({ verdict: 'cannot-decide' });
    expect(decide('web', 'select id from products').reason).toContain("port of the gateway's connection");
    expect(decide('web', 'select id from orders').verdict).toBe('allow');
  });

  it('change cells of the tests', async () => {
    await put([]);
    const before = await made.load();
    await put([{ Description: 'no reads of orders', TableNames: ['orders'], Plans: ['Select'] }]);
    const { cells } = await accessImpact(before, await made.load(), {
      secrets: { get: () => undefined },
      now: new Date(),
    });
    expect(cells.length).toBeGreaterThan(0);
    for (const { table, role, after } of cells)
      expect({ table, role, after }).toEqual({ table: 'orders', role: 'read', after: 'refuse' });
  });
});
