import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { VitessMajor } from '../../domain/flags';
import { ensurePrivateFolder, writeFileAtomic } from '../../servers/store';
import type { Workspace } from '../workspace/load-workspace';
import type { WorkspacePaths } from '../workspace/workspace-paths';
import { exportHash, testsHash } from './export-hash';

const failing = z.object({
  id: z.string(),
  expected: z.string(),
  actual: z.string(),
  /** In hardened mode it is as expected: the workspace is stricter than Vitess. */
  hardenedOnly: z.boolean(),
});

const proofSchema = z.object({
  schema: z.literal(1),
  version: z.enum(['22', '23', '24']),
  /** The emulated release of the run. */
  emulated: z.enum(['24.0.4', '24.0-recorded']),
  /** ISO 8601. */
  ranAt: z.string(),
  /** Hash of the exported files (`exportHash`). */
  files: z.string(),
  tests: z.string(),
  cells: z.number(),
  asExpected: z.number(),
  failing: z.array(failing),
});

/** What a run in vitess mode showed of the files that are exported. */
export type ExportProof = z.infer<typeof proofSchema>;
export type FailingCell = z.infer<typeof failing>;

/** How a proof stands to the files of now. */
export type ProofState =
  | { readonly kind: 'current'; readonly proof: ExportProof }
  | { readonly kind: 'outdated'; readonly proof: ExportProof }
  | { readonly kind: 'none' }
  | { readonly kind: 'no-tests' };

const pathOf = (paths: WorkspacePaths, version: VitessMajor): string =>
  join(paths.state, 'proofs', `vitess-${version}.json`);

/** Keeps the last proof for a release. */
export async function keepProof(paths: WorkspacePaths, proof: ExportProof): Promise<void> {
  await ensurePrivateFolder(join(paths.state, 'proofs'));
  await writeFileAtomic(pathOf(paths, proof.version), `${JSON.stringify(proof, null, 2)}\n`, 0o600);
}

/** The last proof for a release against the workspace as it is; one that cannot be read counts as none. */
export async function proofState(workspace: Workspace, version: VitessMajor): Promise<ProofState> {
  if (workspace.suites.length === 0) return { kind: 'no-tests' };
  let proof: ExportProof;
  try {
    proof = proofSchema.parse(JSON.parse(await readFile(pathOf(workspace.paths, version), 'utf8')));
  } catch {
    return { kind: 'none' };
  }
  const current =
    proof.version === version && proof.files === exportHash(workspace, version) && proof.tests === testsHash(workspace);
  return { kind: current ? 'current' : 'outdated', proof };
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** "14 of 15 as expected, 3 May 2026". */
export const proofLine = ({ asExpected, cells, ranAt }: ExportProof): string =>
  `${asExpected} of ${cells} as expected, ${day.format(new Date(ranAt))}`;

/** What the README of an export says of its proof. */
export function proofSentence(state: ProofState, version: VitessMajor): string {
  if (state.kind === 'no-tests') return 'None: the workspace has no tests.';
  if (state.kind === 'none') return 'None: the tests were not run before this export.';
  const { proof } = state;
  const how = `The tests ran over real connections to Gatehouse in vitess mode, which repeats Vitess ${proof.emulated}${version === '24' ? '' : `; ${version} itself is not repeated, and what is known to differ is listed below`}.`;
  const stale =
    state.kind === 'outdated' ? ' Tests ran before the last change: these files are not the ones they ran with.' : '';
  const names = proof.failing
    .slice(0, 20)
    .map(({ id, hardenedOnly }) => (hardenedOnly ? `${id} (passes in hardened mode only)` : id));
  const rest = proof.failing.length > names.length ? ` and ${proof.failing.length - names.length} more` : '';
  const not = names.length === 0 ? '' : ` Not as expected: ${names.join(', ')}${rest}.`;
  return `${proofLine(proof)}. ${how}${stale}${not} SHA-256 of the files: ${proof.files}.`;
}
