import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateKey } from '../../domain/certs';
import { credentialsFile, emulatedFor, exportReadme, type ExportKind } from '../../domain/exports';
import type { VitessMajor } from '../../domain/flags';
import { GatehouseError, type Finding } from '../../domain/kernel';
import type { SecretStore } from '../../servers/store';
import { listed, recordAudit } from '../audit';
import { readFaulty } from '../certs/faulty-record';
import { loadWorkspace, requireSound, type Workspace } from '../workspace/load-workspace';
import { MANIFEST, requireExportFolder, sha256Of, writeFolder, type FolderFile } from './export-folder';
import { DEFAULT_TOPO, faultyEntries, planExport, type ExportPlan } from './plan-export';
import { proofSentence, proofState, type ProofState } from './proof';

export interface ExportOptions {
  /** The workspace: its applied files. */
  readonly dir: string;
  readonly version: VitessMajor;
  readonly out: string;
  /** Private keys, and the password of an external MySQL. */
  readonly includeKeys: boolean;
  /** Needed with keys when MySQL is external. */
  readonly secrets?: Pick<SecretStore, 'get'>;
  /** Overwrite what an earlier export wrote. */
  readonly force: boolean;
  /** Export although there is no proof, or one of other files. */
  readonly withoutProof: boolean;
  /** Export although some tests pass in hardened mode only. */
  readonly acceptHardenedOnly: boolean;
  /** Export certificates that are faulty on purpose. */
  readonly acceptFaulty?: boolean;
  /** Folder on the machine that runs Vitess; default: `out` itself. */
  readonly place?: string;
  readonly topo?: string;
  /** Asked for every port that the flags name; undefined: as planExport says. */
  readonly nextPort?: () => number;
}

export interface ExportReport {
  readonly dir: string;
  readonly version: VitessMajor;
  readonly files: readonly { readonly path: string; readonly kind: ExportKind; readonly mode: number }[];
  /** Secret files that the flags name and that were left out. */
  readonly missing: readonly string[];
  /** Files of an earlier export that are still in the folder: secret ones, and those that somebody changed. */
  readonly left: readonly string[];
  readonly proof: ProofState;
  readonly plan: ExportPlan;
  readonly warnings: readonly Finding[];
}

const refuse = (code: string, summary: string): never => {
  throw new GatehouseError({ code, summary });
};

/** The applied files as the release that is exported for reads them. Rejects with GatehouseError `workspace.*`. */
export async function loadForExport(dir: string, version: VitessMajor): Promise<Workspace> {
  const loaded = await loadWorkspace(dir, { fidelity: 'vitess', vitess: emulatedFor(version) });
  if (!loaded.ok) throw new GatehouseError(loaded.failure);
  return loaded.value;
}

/**
 * Writes files and flags for one release of Vitess. Rejects with GatehouseError, and writes nothing: `export.no-proof`,
 * `export.outdated`, `export.hardened-only`, `export.faulty`, `export.key-encrypted`, `export.no-password` and those of
 * `planExport`, `requireExportFolder` and `loadForExport`.
 */
export async function writeExport(options: ExportOptions): Promise<ExportReport> {
  const { version, includeKeys } = options;
  const workspace = requireSound(await loadForExport(options.dir, version));
  const dir = await requireExportFolder(options.out, workspace.paths.dir, options.force);
  const topo = options.topo ?? DEFAULT_TOPO;
  const { nextPort } = options;
  const place = options.place ?? dir;
  const plan = planExport(workspace, { version, place, topo, ...(nextPort === undefined ? {} : { nextPort }) });
  const proof = await proofState(workspace, version);
  requireProof(proof, options);
  const faulty = faultyEntries(workspace, plan.entries, await readFaulty(options.dir));
  if (faulty.length > 0 && options.acceptFaulty !== true)
    refuse('export.faulty', `${faulty.join(', ')}: faulty on purpose. Replace it, or say that it is meant.`);

  const files: (FolderFile & { readonly kind: ExportKind })[] = [];
  for (const { path, kind, mode } of plan.entries) {
    if (kind === 'key' && !includeKeys) continue;
    const content = await readFile(join(workspace.paths.dir, path));
    if (kind === 'key') requireReadableKey(path, content.toString('utf8'));
    files.push({ path, kind, mode, content });
  }
  for (const { file, flags } of plan.programs)
    files.push({ path: file, kind: 'flags', mode: 0o644, content: `${flags.join('\n')}\n` });
  const missing = includeKeys ? [] : plan.entries.filter(({ kind }) => kind === 'key').map(({ path }) => path);
  for (const backend of workspace.topology.backends) {
    if (backend.kind !== 'external') continue;
    const path = credentialsFile(backend.name);
    if (!includeKeys) {
      missing.push(path);
      continue;
    }
    const password = options.secrets?.get(backend.passwordSecret);
    if (password === undefined)
      throw new GatehouseError({
        code: 'export.no-password',
        summary: `The workspace's secrets have no "${backend.passwordSecret}" for MySQL at ${backend.host}. Export without keys, or enter it.`,
      });
    files.push({
      path,
      kind: 'database-password',
      mode: 0o600,
      content: `${JSON.stringify({ [backend.user]: [password.reveal()] })}\n`,
    });
  }
  const list = [...files.map(({ path, kind, mode }) => ({ path, kind, mode }))];
  list.push({ path: 'README.txt', kind: 'readme', mode: 0o644 }, { path: MANIFEST, kind: 'proof', mode: 0o644 });
  list.sort((a, b) => a.path.localeCompare(b.path));
  const readme = exportReadme({
    version,
    topology: workspace.topology,
    programs: plan.programs,
    files: list,
    missing,
    proof: proofSentence(proof, version),
    differences: plan.differences,
    topo,
  });
  files.push({ path: 'README.txt', kind: 'readme', mode: 0o644, content: readme });
  files.push({ path: MANIFEST, kind: 'proof', mode: 0o644, content: manifestText(version, proof, files) });
  const left = await writeFolder(dir, files);
  await recordAudit(options.dir, {
    what: 'export.written',
    summary: `Exported for Vitess ${version}${includeKeys ? ', with private keys' : ''}.`,
    facts: {
      vitess: version,
      to: dir,
      withKeys: includeKeys,
      proof: proof.kind,
      files: list.length,
      missing: listed(missing).items,
    },
  });
  return { dir, version, files: list, missing, left, proof, plan, warnings: plan.fileFindings };
}

function requireProof(proof: ProofState, options: ExportOptions): void {
  if ((proof.kind === 'none' || proof.kind === 'no-tests') && !options.withoutProof)
    refuse(
      'export.no-proof',
      proof.kind === 'none'
        ? 'The tests were not run for this release. Run them first, or export without proof.'
        : 'The workspace has no tests, so nothing proves the export. Add tests, or export without proof.',
    );
  if (proof.kind === 'outdated' && !options.withoutProof)
    refuse('export.outdated', 'Tests ran before the last change. Run them again, or export without proof.');
  if (proof.kind !== 'current' || options.acceptHardenedOnly) return;
  const hardened = proof.proof.failing.filter(({ hardenedOnly }) => hardenedOnly);
  if (hardened.length > 0)
    refuse(
      'export.hardened-only',
      `${hardened.length === 1 ? 'One test passes' : `${hardened.length} tests pass`} in hardened mode only, so Vitess ${options.version} is weaker there: ${hardened
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}${hardened.length > 5 ? ', …' : ''}. Change the workspace, or accept it.`,
    );
}

function requireReadableKey(path: string, pem: string): void {
  const key = openPrivateKey(pem);
  if (!key.ok)
    refuse(
      'export.key-encrypted',
      `${path}: ${key.failure.code === 'certs.passphrase-missing' ? 'the private key is encrypted, which Vitess cannot read. Export without keys and put an unencrypted one there.' : key.failure.summary}`,
    );
}

function manifestText(
  version: VitessMajor,
  proof: ProofState,
  files: readonly (FolderFile & { readonly kind: ExportKind })[],
): string {
  const document = {
    schema: 1,
    vitess: version,
    proof: 'proof' in proof ? { state: proof.kind, ...proof.proof } : { state: proof.kind },
    files: files.map(({ path, mode, content }) => ({
      path,
      mode: `0${mode.toString(8)}`,
      // The hash of a file that holds a password would let everybody try passwords against it.
      ...(mode === 0o600 ? {} : { sha256: sha256Of(content) }),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
