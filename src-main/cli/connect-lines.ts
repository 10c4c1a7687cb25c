import { relative } from 'node:path';
import { GatehouseError } from '../domain/kernel';
import { connectionLines, findClient, shellWord, type ConnectionLine } from '../services/callers/connection-lines';
import type { Cluster } from '../services/cluster/cluster';
import { ProbeRunner } from '../services/verify/probe-runner';
import { columns } from './table';
import type { Terminal } from './terminal';

/**
 * How to connect as each caller of a running cluster's suites; writes the option files that the lines name. A suite whose
 * callers' passwords are not known is left out, with its reason in `missing`.
 */
export async function connectLines(
  cluster: Cluster,
): Promise<{ readonly lines: readonly ConnectionLine[]; readonly missing: readonly string[] }> {
  const { workspace, addresses } = cluster;
  const runner = new ProbeRunner(workspace, addresses, cluster.secrets);
  const client = await findClient();
  const script = relative(process.cwd(), process.argv[1] ?? 'gatehouse');
  const program = script.endsWith('.mjs') ? `node ${shellWord(script)}` : 'gatehouse';
  const lines: ConnectionLine[] = [];
  const missing: string[] = [];
  for (const suite of workspace.suites)
    try {
      lines.push(...(await connectionLines({ workspace, suite, addresses, runner, client, program })));
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      missing.push(error.failure.summary);
    }
  return { lines, missing };
}

/** Prints the lines below their heading. */
export async function printConnectLines(cluster: Cluster, terminal: Terminal): Promise<void> {
  const { lines, missing } = await connectLines(cluster);
  if (lines.length > 0) terminal.line(terminal.colors.bold('\nConnect as each caller'));
  for (const line of columns(lines.map((item) => [item.caller, item.line]))) terminal.line(`  ${line}`);
  for (const reason of missing) terminal.note(reason);
}
