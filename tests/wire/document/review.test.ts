import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain, wideningSentence } from '../../../src-main/domain/workspace';
import { editDraft, impactOf } from '../../../src-main/services/document/draft-edits';
import { gainsOf, type ImpactCell } from '../../../src-main/services/document/impact';
import type { WorkspaceDocument } from '../../../src-main/services/document/workspace-document';
import { DocumentFixture, letAnalystsReadPayments, replaceIn } from './document-fixture';

let fixture: DocumentFixture;
let document: WorkspaceDocument;
beforeEach(async () => {
  fixture = await DocumentFixture.make();
  document = await fixture.open();
});
afterEach(() => fixture.end());

const line = (cell: ImpactCell): string =>
  [
    cell.caller,
    cell.immediate,
    cell.table ?? cell.test,
    cell.role ?? '',
    cell.transports.join('+'),
    `${cell.before} -> ${cell.after}`,
    cell.contradicts ? 'contradicts' : '',
  ].join(' | ');
const impact = async (label: string, edit: (dir: string) => Promise<void>): Promise<string[]> => {
  await document.edit(label, edit);
  return (await document.review()).impact.cells.map(line);
};
const statement = async (): Promise<string | null> => {
  const said = wideningSentence(gainsOf((await document.review()).impact));
  return said === null ? null : plain(said);
};

describe('access impact', () => {
  it('shows changed cells only, those that contradict an expectation first, and says what is opened', async () => {
    expect(await impact('Add', letAnalystsReadPayments)).toEqual([
      'maria | maria | payments | read | mysql-tls | deny -> allow | contradicts',
      'maria | maria | the whole text of a denial |  | mysql-tls-verified | deny -> allow | contradicts',
      'maria | maria | a common table expression does not hide a table |  | mysql-tls-verified | deny -> allow | contradicts',
    ]);
    expect(await statement()).toBe('This gives maria access to payments (read).');
  });

  it('says nothing is opened when something is closed', async () => {
    expect(await impact('Remove', replaceIn('acl.json', '"writers": ["shop_web"]', '"writers": []'))).toEqual([
      'web | shop_web | orders | write | mysql-tls-verified+mysql-unix | allow -> deny | contradicts',
      'web | shop_web | order_items | write | mysql-tls-verified+mysql-unix | allow -> deny | contradicts',
    ]);
    expect(await statement()).toBeNull();
  });

  it('shows what no test covers', async () => {
    const cells = await impact(
      'Add user',
      replaceIn(
        'users.json',
        /^\{/,
        `{ "new": [{ "MysqlNativePassword": "*${'A'.repeat(40)}", "UserData": "billing" }],\n "nobody-yet": [{ "MysqlNativePassword": "*${'B'.repeat(40)}", "UserData": "auditor2" }],`,
      ),
    );
    expect(cells).toEqual([]);
    await document.edit(
      'Mention',
      replaceIn('acl.json', '"readers": ["billing", "auditor",', '"readers": ["billing", "auditor", "auditor2",'),
    );
    const after = (await document.review()).impact.cells;
    expect(after.map(line)).toEqual(['auditor2 | auditor2 | payments | read |  | refuse -> allow | ']);
    expect(after[0]?.suite).toBeNull();
  });

  it('follows the password, the certificate and the way in', async () => {
    const cells = await impact(
      'No TLS needed',
      replaceIn('gatehouse.json', '"requireSecureTransport": true', '"requireSecureTransport": false'),
    );
    expect(cells).toEqual([
      'web | shop_web | no TLS where TLS is required |  | mysql-plain | refuse -> allow | contradicts',
    ]);
    expect(await statement()).toBe('This lets web in where they were refused.');
    expect((await document.review()).effect).toEqual({
      kind: 'restart',
      parts: [{ kind: 'gateway', name: 'main' }],
      schema: false,
    });
  });

  it('counts what an edit would change before it is made', async () => {
    const edit = { kind: 'acl.member', group: 'money', list: 'readers', name: 'analysts', add: true } as const;
    expect(await impactOf(document, edit)).toEqual({
      cells: 3,
      gains: 3,
      loses: 0,
      becomes: [{ mark: 'allow', cells: 3 }],
    });
    expect(document.changedFiles).toEqual([]);
    const away = { ...edit, name: 'billing', add: false } as const;
    expect((await impactOf(document, away)).becomes).toEqual([{ mark: 'deny', cells: 1 }]);
    expect(document.changedFiles).toEqual([]);
    await editDraft(document, edit);
    expect(document.undoLabel).toBe('Add Reader');
    expect(await readFile(join(document.draftDir, 'acl.json'), 'utf8')).toContain('"operations", "analysts"],');
    const expected = {
      kind: 'suite.expect',
      file: 'tests/shop.json',
      caller: 'maria',
      table: 'payments',
      role: 'read',
      verdict: 'allow',
    } as const;
    await editDraft(document, expected);
    const [first] = (await document.review()).impact.cells;
    expect(first?.test).toBe('the whole text of a denial');
    await expect(editDraft(document, { ...expected, file: '../outside.json' })).rejects.toMatchObject({
      failure: { code: 'edit.no-file' },
    });
  });

  it('leaves opinions aside: a dry run lets through, and says so', async () => {
    const cells = await impact(
      'Dry run',
      replaceIn('gatehouse.json', '"strict": true', '"strict": true, "dryRun": true'),
    );
    expect(cells).toContain('maria | maria | payments | read | mysql-tls | deny -> would-deny | contradicts');
    expect(await statement()).toMatch(/^This gives /);
  });
});

describe('the rest of a review', () => {
  it('masks secrets on both sides and shows no key', async () => {
    const users = await fixture.applied('users.json');
    const [hash] = /[0-9A-F]{40}/.exec(users) ?? [''];
    await document.edit('Change', async (dir) => {
      await writeFile(join(dir, 'users.json'), users.replace(hash, 'F'.repeat(40)));
      const key = join(dir, 'pki/callers/billing-key.pem');
      await writeFile(key, await readFile(join(dir, 'pki/callers/auditor-key.pem')));
    });
    const review = await document.review();
    const shown = JSON.stringify(review);
    for (const secret of [hash, 'F'.repeat(40), 'BEGIN', 'PRIVATE']) expect(shown).not.toContain(secret);
    expect(review.files.map(({ path, masked }) => [path, masked])).toEqual([
      ['pki/callers/billing-key.pem', true],
      ['users.json', true],
    ]);
    expect(review.files[1]?.before).toContain('•••••••• (applied)');
    expect(review.changes.map(({ sentence }) => plain(sentence))).toEqual([
      'User web: the password changed.',
      'Private key pki/callers/billing-key.pem changed.',
    ]);
  });

  it('names flags that come and go', async () => {
    await document.edit('Strict off', replaceIn('gatehouse.json', ', "strict": true', ''));
    const { flags } = await document.review();
    expect(flags.find(({ program }) => program === 'vttablet zone1-100')).toEqual({
      program: 'vttablet zone1-100',
      removed: ['--queryserver-config-strict-table-acl'],
      added: [],
    });
  });

  it.each([
    ['tests/shop.json', '"name": "shop"', '"name": "shop2"', 'none', []],
    ['gatehouse.json', '  "cell"', '   "cell"', 'none', []],
    ['gatehouse.json', '"vitess": "24.0.4"', '"vitess": "24.0-recorded"', 'restart', [{ kind: 'all', name: '' }]],
    ['schema.sql', /^/, '-- x\n', 'none', []],
  ] as const)('knows the effect of %s %s', async (path, from, to, kind, parts) => {
    await document.edit('Change', replaceIn(path, from, to));
    expect((await document.review()).effect).toEqual({ kind, parts, schema: path === 'schema.sql' });
  });
});
