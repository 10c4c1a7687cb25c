import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fail, succeed, type Failure, type Finding, type Result } from '../../domain/kernel';
import { migrate, migrations, type Migration } from '../../domain/workspace';
import { acquireLock, writeFileAtomic } from '../../servers/store';
import type { WorkspacePaths } from './workspace-paths';

/** Content of gatehouse.json in the present schema, and what was done to get there. */
export interface PresentTopology {
  readonly bytes: Buffer;
  readonly findings: readonly Finding[];
}

/**
 * Brings gatehouse.json up to the present schema. The old file is kept in `.gatehouse/history` before the new one is
 * written, both atomically and while nobody else holds the workspace. Fails with `workspace.newer-schema` or
 * `workspace.unknown-schema`, without having changed anything, and with `workspace.locked`.
 */
export async function upgradeTopology(
  paths: WorkspacePaths,
  bytes: Buffer,
  known: { readonly steps?: readonly Migration[]; readonly current?: number } = {},
): Promise<Result<PresentTopology, Failure & { findings?: readonly Finding[] }>> {
  const outcome = migrate(bytes.toString('utf8'), known.steps ?? migrations, known.current);
  switch (outcome.kind) {
    case 'as-it-is':
      return succeed({ bytes, findings: [] });
    case 'newer':
      return refuse(
        'newer-schema',
        `the file was written by a newer Gatehouse (schema ${outcome.schema})`,
        'Open the workspace with that version, or a newer one. Nothing has been changed.',
      );
    case 'unknown':
      return refuse(
        'unknown-schema',
        outcome.schema === null
          ? 'the file does not say which schema it has'
          : `no Gatehouse ever wrote schema ${outcome.schema}`,
        'Add "schema": 1 when the file was written by hand for this version. Nothing has been changed.',
      );
  }
  const lock = await acquireLock(paths.lock, 'gatehouse (upgrading the workspace)');
  if (!lock.ok) return lock;
  try {
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    const kept = `gatehouse.schema-${outcome.from}.${digest}.json`;
    await writeFileAtomic(join(paths.history, kept), bytes, 0o600);
    await writeFileAtomic(paths.topology, outcome.text, 0o644);
    return succeed({
      bytes: Buffer.from(outcome.text),
      findings: [
        {
          code: 'workspace.upgraded',
          level: 'info',
          file: 'gatehouse.json',
          line: 1,
          column: 1,
          message: `upgraded from schema ${outcome.from}: ${outcome.steps.join('; ')}`,
          remedy: `The file as it was is .gatehouse/history/${kept}.`,
        },
      ],
    });
  } finally {
    await lock.value.release();
  }
}

function refuse(code: string, message: string, remedy: string): Result<never, Failure & { findings: Finding[] }> {
  return fail({
    code: `workspace.${code}`,
    summary: `gatehouse.json: ${message}. ${remedy}`,
    findings: [
      { code: `workspace.${code}`, level: 'error', file: 'gatehouse.json', line: 1, column: 1, message, remedy },
    ],
  });
}
