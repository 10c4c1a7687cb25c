import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, JsonPlace } from '../../domain/kernel';
import { readSuite, type ProbeCaller } from '../../domain/probes';
import { loadEntropyEstimator, parseUsersFile } from '../../domain/users';
import { SecretStore } from '../../servers/store';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** A finding for every typed password that is weak; loading a workspace leaves that out, since it takes its time. */
export async function weakPasswordFindings(workspace: Workspace): Promise<Finding[]> {
  const estimateEntropy = await loadEntropyEstimator();
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const gateway of workspace.topology.gateways) {
    const file = gateway.mysql?.usersFile ?? null;
    const content = file === null ? undefined : workspace.files.get(file);
    if (file === null || content === undefined || seen.has(file)) continue;
    seen.add(file);
    const reading = parseUsersFile(content, { file, fidelity: fidelityOf(workspace, gateway), estimateEntropy });
    findings.push(...reading.findings.filter(({ code }) => code === 'users.weak-password'));
  }
  return findings;
}

/** A finding for every secret that tests name and the workspace does not have. A store that a passphrase locks is left out. */
export async function missingSecretFindings({ paths }: Workspace): Promise<Finding[]> {
  const named: { readonly caller: ProbeCaller; readonly file: string; readonly secret: string }[] = [];
  for (const name of (await readdir(paths.tests).catch(() => [])).filter((item) => item.endsWith('.json')).sort()) {
    const content = await readFile(join(paths.tests, name)).catch(() => null);
    const file = `tests/${name}`;
    for (const caller of (content === null ? null : readSuite(content, file).suite)?.callers ?? [])
      if (caller.password !== null && 'secret' in caller.password)
        named.push({ caller, file, secret: caller.password.secret });
  }
  if (named.length === 0) return [];
  const opened = await SecretStore.open(paths.secrets, { kind: 'key-file' });
  if (!opened.ok && opened.failure.code !== 'secrets.missing') return [];
  const known = new Set(opened.ok ? opened.value.names() : []);
  return named
    .filter(({ secret }) => !known.has(secret))
    .map(({ caller, file, secret }) => {
      const place = (caller as { readonly place?: JsonPlace }).place;
      return {
        code: 'suite.secret-missing',
        level: 'error' as const,
        file,
        line: place?.line ?? 0,
        column: place?.column ?? 0,
        message: `the caller "${caller.name}" uses the secret "${secret}", which the workspace does not have`,
        remedy: `Name one of: ${[...known].sort().join(', ') || 'none is kept'}.`,
      };
    });
}
