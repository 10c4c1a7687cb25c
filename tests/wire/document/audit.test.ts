import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyAudit, type AuditRecord } from '../../../src-main/domain/audit';
import { Secret, systemClock } from '../../../src-main/domain/kernel';
import { auditPath } from '../../../src-main/servers/store';
import { CertificatesService } from '../../../src-main/services/certs/certificates-service';
import { DocumentFixture, letAnalystsReadPayments, replaceIn } from './document-fixture';

let fixture: DocumentFixture;
beforeEach(async () => {
  fixture = await DocumentFixture.make();
});
afterEach(() => fixture.end());

/** The records since the workspace was made; the chain must be intact. */
async function records(): Promise<AuditRecord[]> {
  const verdict = verifyAudit(await readFile(auditPath(fixture.dir)));
  expect(verdict.faults).toEqual([]);
  return verdict.records.slice(1).map(({ record }) => record);
}

it('an apply is recorded with its changes, its note and every file before and after; a draft alone is not', async () => {
  const document = await fixture.open();
  await document.edit('Add Reader', letAnalystsReadPayments);
  expect(await records()).toEqual([]);
  await document.apply('asked for by sales, password=hunter2hunter2');
  const [record] = await records();
  expect(record).toMatchObject({
    what: 'version.applied',
    facts: {
      version: 2,
      changes: [expect.stringContaining('analysts')],
      note: expect.not.stringContaining('hunter2') as string,
    },
  });
  const [file] = record?.facts['files'] as { path: string; before: string; after: string }[];
  expect(file?.path).toBe('acl.json');
  expect(file?.after).toBe(document.appliedFiles['acl.json']?.hash);
  expect(file?.before).not.toBe(file?.after);
});

it('a refused apply, a restored version and files changed by others are recorded', async () => {
  const document = await fixture.open();
  await document.edit('Add Reader', letAnalystsReadPayments);
  await document.apply('');
  await document.restore(1);
  await document.edit('Break', replaceIn('acl.json', '{', ''));
  await expect(document.apply('')).rejects.toThrow();
  await document.discard();
  await writeFile(join(fixture.dir, 'acl.json'), '{"table_groups":[]}');
  await document.checkDisk();
  await document.resolveDisk('load');
  expect((await records()).map(({ what }) => what)).toEqual([
    'version.applied',
    'version.restored',
    'version.not-applied',
    'version.taken-from-disk',
  ]);
});

it('certificates count from when they are made, secrets by name alone', async () => {
  const document = await fixture.open();
  const certificates = new CertificatesService(document, { cluster: null }, systemClock);
  await certificates.renew({ id: 'pki/callers/olga-cert.pem', days: 90, branch: false, revokeOld: true });
  await document.secrets.put(new Map([['users-typed/web', new Secret('correct horse')]]));
  await document.secrets.remove(['users-typed/web']);
  const found = await records();
  expect(
    found.map(({ what, facts }) => [what, facts['stored'] ?? facts['label'], facts['removed'] ?? facts['where']]),
  ).toEqual([
    ['certificates.changed', 'Renew olga', 'draft'],
    ['secrets.changed', ['users-typed/web'], []],
    ['secrets.changed', [], ['users-typed/web']],
  ]);
  expect(await readFile(auditPath(fixture.dir), 'utf8')).not.toContain('correct horse');
});
