import { readFile } from 'node:fs/promises';
import { parseAclFile } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { fail, succeed, type Finding, type Result } from '../../domain/kernel';
import { parseQueryRules } from '../../domain/query-rules';
import { loadEntropyEstimator, parseUsersFile } from '../../domain/users';
import { otherKindFindings } from './other-kind';

/** What one of Vitess's programs would do with a file, and what it would say. */
export interface VitessAnswer {
  readonly program: 'vtgate' | 'vttablet';
  readonly accepted: boolean;
  readonly message: string | null;
  /** The program starts with a file that it refuses too, as if there were none. */
  readonly startsWithout?: true;
}

/** Findings of one file and Vitess's own answer to it. */
export interface FileCheck {
  readonly file: string;
  readonly findings: readonly Finding[];
  readonly vitess: VitessAnswer;
}

async function read(file: string): Promise<Result<Buffer>> {
  try {
    return succeed(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail({
      code: 'check.unreadable',
      summary: code === 'ENOENT' ? `${file} is not there.` : `${file} cannot be read (${code ?? 'unknown'}).`,
      detail: String(error),
    });
  }
}

/** Checks a static users file as vtgate would read it. */
export async function checkUsersFile(file: string, fidelity: Fidelity): Promise<Result<FileCheck>> {
  const bytes = await read(file);
  if (!bytes.ok) return bytes;
  const { findings, vitess } = parseUsersFile(bytes.value, {
    file,
    fidelity,
    estimateEntropy: await loadEntropyEstimator(),
  });
  return succeed({ file, findings, vitess: { program: 'vtgate', accepted: vitess.accepted, message: vitess.message } });
}

/** Checks a table ACL file as vttablet (with --enforce-tableacl-config) would read it. */
export async function checkAclFile(file: string, fidelity: Fidelity): Promise<Result<FileCheck>> {
  const bytes = await read(file);
  if (!bytes.ok) return bytes;
  const { findings, vitess } = parseAclFile(bytes.value, { file, fidelity });
  return succeed({
    file,
    findings: [...otherKindFindings(bytes.value, file), ...findings],
    vitess: { program: 'vttablet', accepted: vitess.accepted, message: vitess.message },
  });
}

/** Checks a file of query rules as vttablet (with --filecustomrules) would read it. */
export async function checkQueryRulesFile(file: string): Promise<Result<FileCheck>> {
  const bytes = await read(file);
  if (!bytes.ok) return bytes;
  const { findings, vitess } = parseQueryRules(bytes.value, { file });
  return succeed({
    file,
    findings,
    vitess: { program: 'vttablet', accepted: vitess.accepted, message: vitess.message, startsWithout: true },
  });
}
