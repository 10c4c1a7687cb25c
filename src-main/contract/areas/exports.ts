import { oc } from '@orpc/contract';
import { z } from 'zod';
import { failure } from '../failure';
import { finding } from '../finding';

export const vitessMajor = z.enum(['22', '23', '24']);
export type VitessMajorData = z.infer<typeof vitessMajor>;
export const vitessProgram = z.enum(['vtgate', 'vttablet', 'vtctld']);

const level = z.enum(['error', 'warning', 'info']);

/** One file of an export. */
export const exportFile = z.object({
  path: z.string(),
  kind: z.enum([
    'readme',
    'proof',
    'flags',
    'users',
    'acl',
    'query-rules',
    'grpc-users',
    'grpc-credentials',
    'certificate',
    'crl',
    'key',
    'database-password',
  ]),
  /** `0644` or `0600`. */
  mode: z.string(),
});
export type ExportFileData = z.infer<typeof exportFile>;

/** How the last run of the tests stands to the files of now. */
export const exportProof = z.object({
  state: z.enum(['current', 'outdated', 'none', 'no-tests']),
  /** "14 of 15 as expected, 3 May 2026"; null: never run. */
  line: z.string().nullable(),
  /** The release that the run repeated. */
  emulated: z.string(),
  cells: z.number(),
  asExpected: z.number(),
  failing: z.array(z.object({ id: z.string(), expected: z.string(), actual: z.string(), hardenedOnly: z.boolean() })),
  /** SHA-256 of the files that were run with. */
  files: z.string().nullable(),
});
export type ExportProofData = z.infer<typeof exportProof>;

/** What an export for one release would be. */
export const exportVersion = z.object({
  version: vitessMajor,
  /** Why nothing can be exported; then the lists are empty. */
  fault: failure.nullable(),
  /** Where it would be written when nothing else is said; the flags below name it. */
  folder: z.string(),
  programs: z.array(
    z.object({
      program: z.string(),
      name: z.string(),
      file: z.string(),
      flags: z.array(z.string()),
      start: z.string(),
    }),
  ),
  files: z.array(exportFile),
  differences: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['hardened', 'release', 'always']),
      title: z.string(),
      here: z.string(),
      there: z.string(),
    }),
  ),
  flagFindings: z.array(
    z.object({ program: z.string(), code: z.string(), level, message: z.string(), remedy: z.string() }),
  ),
  proof: exportProof,
});
export type ExportVersionData = z.infer<typeof exportVersion>;

export const exportsPart = z.object({
  versions: z.record(vitessMajor, exportVersion),
  /** The release whose tests run at this moment. */
  proving: vitessMajor.nullable(),
});
export type ExportsPart = z.infer<typeof exportsPart>;

const flagVerdict = z.object({
  status: z.enum(['taken', 'old-spelling', 'deprecated', 'ignored', 'unknown', 'other-program', 'single-dash']),
  /** The name to write for this release. */
  write: z.string().nullable(),
  why: z.string().nullable(),
});
export type FlagVerdictData = z.infer<typeof flagVerdict>;

/** What was learned of pasted flags; no value of any flag is in it. */
export const flagReport = z.object({
  commands: z.array(
    z.object({
      program: vitessProgram.nullable(),
      guessed: z.boolean(),
      line: z.number(),
      flags: z.array(
        z.object({
          line: z.number(),
          /** Null: it is no name that could be a flag's, so it is not repeated. */
          written: z.string().nullable(),
          verdicts: z.record(vitessMajor, flagVerdict),
        }),
      ),
      findings: z.array(
        z.object({
          code: z.string(),
          level,
          line: z.number(),
          message: z.string(),
          remedy: z.string(),
          versions: z.array(vitessMajor),
        }),
      ),
      /** Releases that take all names. */
      starts: z.array(vitessMajor),
    }),
  ),
  notLookedAt: z.array(z.string()),
});
export type FlagReportData = z.infer<typeof flagReport>;

export const exportsContract = {
  /** Runs all tests in vitess mode, as the release behaves; a task that can be cancelled. */
  prove: oc.input(z.strictObject({ version: vitessMajor })).output(exportProof),
  /** Text of a file that is no secret, as it would be written. Failure `export.secret` for others. */
  fileText: oc
    .input(z.strictObject({ version: vitessMajor, path: z.string().min(1).max(1000) }))
    .output(z.object({ text: z.string() })),
  /** Writes the folder. Failures: `export.*`, `workspace.*`. */
  write: oc
    .input(
      z.strictObject({
        version: vitessMajor,
        out: z.string().min(1).max(4096),
        includeKeys: z.boolean(),
        /** Replace what an earlier export wrote there. */
        force: z.boolean(),
        /** Although the tests did not run with these files. */
        withoutProof: z.boolean(),
        acceptHardenedOnly: z.boolean(),
      }),
    )
    .output(
      z.object({
        dir: z.string(),
        files: z.array(exportFile),
        missing: z.array(z.string()),
        left: z.array(z.string()),
        warnings: z.array(finding),
      }),
    ),
  /** Checks the flags of a running program. Failures: `flags.*`. The text is neither kept nor logged. */
  checkFlags: oc
    .input(
      z.strictObject({
        text: z.string().max(300_000),
        component: vitessProgram.nullable(),
        version: vitessMajor.nullable(),
      }),
    )
    .output(flagReport),
};
