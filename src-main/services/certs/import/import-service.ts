import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateImportReport } from '../../../contract/areas/certificates';
import { Secret } from '../../../domain/kernel';
import { writeFileAtomic } from '../../../servers/store';
import { fault, PkiFolder } from '../pki-folder';
import { PkiReader } from '../pki-index';
import { planImport, type ImportPlan } from './plan-import';
import { readGivenFile, type FileContents, type GivenFile } from './read-import';

const MAX_FILES = 100;
const MAX_CERTIFICATES = 500;
/** Deriving a key from a passphrase takes a tenth of a second and more. */
const MAX_LOCKED = 20;

/** What an import of these files would do. Never throws for what is in them. */
export async function inspectImport(
  dir: string,
  files: readonly GivenFile[],
  passphrases: readonly Secret[],
): Promise<CertificateImportReport> {
  return reportOf(await plan(dir, files, passphrases));
}

/** Imports what can be imported of these files and tells what became of each. The path of every write is checked first. */
export async function importFiles(
  dir: string,
  files: readonly GivenFile[],
  passphrases: readonly Secret[],
): Promise<CertificateImportReport> {
  const made = await plan(dir, files, passphrases);
  const pki = new PkiFolder(dir);
  for (const { path } of made.writes) await pki.inside(path);
  for (const { path, content, mode } of made.writes)
    await writeFileAtomic(join(dir, path), content instanceof Secret ? content.reveal() : content, mode);
  return reportOf(made);
}

async function plan(dir: string, files: readonly GivenFile[], passphrases: readonly Secret[]): Promise<ImportPlan> {
  if (files.length > MAX_FILES)
    throw fault('too-many-files', `More than ${MAX_FILES} files at once. Import them in several steps.`);
  const contents: FileContents[] = [];
  let locked = 0;
  for (const file of files) {
    const found = await readGivenFile(file, locked < MAX_LOCKED ? passphrases : []);
    if (found.locked !== null) locked += 1;
    contents.push(found);
  }
  if (contents.reduce((sum, file) => sum + file.certificates.length, 0) > MAX_CERTIFICATES)
    throw fault('too-many', `More than ${MAX_CERTIFICATES} certificates at once. Import those that are needed.`);
  const names = await readdir(join(dir, 'pki'), { recursive: true }).catch(() => []);
  const keyFiles = names.map((name) => `pki/${name.replaceAll('\\', '/')}`).filter((path) => path.endsWith('-key.pem'));
  return planImport(contents, await new PkiReader().read(dir), keyFiles);
}

const reportOf = ({ writes, ...report }: ImportPlan): CertificateImportReport => ({
  ...report,
  files: [...report.files],
  writes: writes.map(({ path }) => path),
});
