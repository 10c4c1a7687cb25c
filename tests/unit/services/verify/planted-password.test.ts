import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretStore } from '../../../../src-main/servers/store';
import { planMatrix } from '../../../../src-main/services/test/matrix-model';
import { coverageOfPlan } from '../../../../src-main/services/test/coverage';
import {
  csvReport,
  htmlReport,
  junitReport,
  matrixReport,
  reportDocument,
} from '../../../../src-main/services/verify/report';
import { makeWorkspace, type MadeWorkspace } from '../../../support/workspace';

/** Passwords wherever a workspace can have one, and quoted by a statement and by a server: no form of the report has them. */
const planted = {
  users: 'planted-in-users-file',
  test: 'planted-in-a-test',
  secret: 'planted-among-secrets',
  grpc: 'planted-in-grpc-users',
};

describe('a report', () => {
  let made: MadeWorkspace;
  beforeEach(async () => {
    made = await makeWorkspace('shop');
  });
  afterEach(() => made.remove());

  async function forms(): Promise<Record<string, string>> {
    const workspace = await made.load();
    const secrets = await SecretStore.create(join(made.dir, '.gatehouse', 'other'), { kind: 'key-file' });
    const plan = planMatrix(workspace, secrets, new Date());
    const message = `You said ${Object.values(planted).join(' and ')}`;
    const results = new Map(
      plan.cells.map(({ id }, index) => [
        id,
        index === 0
          ? { failure: message }
          : ({
              shown: 'denied',
              outcome: { verdict: 'deny', stoppedAt: 'tablet', code: 1045, sqlState: '28000', message },
              rows: null,
              milliseconds: 1,
              differs: ['expected'],
              traceId: null,
            } as const),
      ]),
    );
    const report = matrixReport({
      workspace,
      plan,
      results,
      at: null,
      milliseconds: 1,
      secrets: [planted.secret],
      coverage: coverageOfPlan(workspace, plan, results),
    });
    return {
      csv: csvReport(report),
      html: htmlReport(report),
      junit: junitReport(report),
      json: JSON.stringify(reportDocument(report)),
    };
  }

  it('has no password in any form, wherever it was planted', async () => {
    const users = join(made.dir, 'users.json');
    await writeFile(
      users,
      JSON.stringify({
        ...JSON.parse(await readFile(users, 'utf8')),
        planted: [{ Password: planted.users, UserData: 'x' }],
      }),
    );
    await writeFile(join(made.dir, 'grpc-users.json'), JSON.stringify([{ Username: 'batch', Password: planted.grpc }]));
    const tests = join(made.dir, 'tests', 'shop.json');
    const suite = JSON.parse(await readFile(tests, 'utf8')) as {
      callers: { password?: unknown }[];
      tables: { read: string }[];
    };
    suite.callers[0]!.password = { text: planted.test };
    suite.tables[0]!.read = `select '${planted.test}', '${planted.users}', '${planted.secret}' from customers`;
    await writeFile(tests, JSON.stringify(suite));

    for (const [form, text] of Object.entries(await forms())) {
      for (const password of Object.values(planted))
        expect(text.includes(password), `${form}: ${password}`).toBe(false);
      expect(text, form).toContain('[hidden]');
    }
  });

  it('has no key, no stored hash, and no hash of a file with passwords', async () => {
    const { json, html } = await forms();
    const { files } = JSON.parse(json!) as { files: { path: string; sha256: string | null }[] };
    expect(files.filter(({ sha256 }) => sha256 === null).map(({ path }) => path)).toEqual([
      'grpc-users.json',
      'users.json',
    ]);
    expect(files.some(({ path }) => path.endsWith('-key.pem'))).toBe(false);
    expect(files.find(({ path }) => path === 'acl.json')!.sha256).toMatch(/^[0-9a-f]{64}$/);
    const users = JSON.parse(await readFile(join(made.dir, 'users.json'), 'utf8')) as Record<
      string,
      Record<string, string>[]
    >;
    for (const value of Object.values(users)
      .flat()
      .flatMap((entry) => [entry['MysqlNativePassword'], entry['CachingSha2Password']]))
      if (value !== undefined) expect(json!.includes(value) || html!.includes(value)).toBe(false);
    expect(json).not.toContain('PRIVATE KEY');
  });

  it('counts what happened, and cells that could not be tested beside it', async () => {
    const { totals } = JSON.parse((await forms())['json']!) as { totals: Record<string, number> };
    expect(totals).toMatchObject({ run: totals['cells']! - 1, failed: 1, asExpected: 0, allowed: 0 });
  });
});
