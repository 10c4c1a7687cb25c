import type { TraceSource, VerifiedCell } from '../services/verify/verify-service';
import type { Terminal } from './terminal';
import { transportName } from './verdict-table';

interface ShownStep {
  readonly name: string;
  readonly outcome: string;
  readonly atMicros: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One hop and the steps its own part recorded; null: that part recorded nothing. */
export interface Hop {
  readonly part: 'client' | 'gateway' | 'link' | 'tablet' | 'mysql';
  /** False: an earlier hop ended the run, so that there was nothing to record. */
  readonly reached: boolean;
  readonly steps: readonly ShownStep[] | null;
}

const PARTS = ['client', 'gateway', 'link', 'tablet', 'mysql'] as const;
/** The last part that a run came to, by where it was stopped. */
const LAST: Readonly<Record<string, Hop['part']>> = {
  connect: 'gateway',
  tls: 'gateway',
  login: 'gateway',
  gateway: 'gateway',
  link: 'link',
  tablet: 'tablet',
};
const TITLES: Record<Hop['part'], string> = {
  client: 'Client',
  gateway: 'Gateway',
  link: 'Gateway → tablet',
  tablet: 'Tablet',
  mysql: 'MySQL',
};

/** The hops of a cell: the client's own steps and what the servers recorded of the same connection. */
export async function traceOf(result: VerifiedCell, traces: TraceSource): Promise<Hop[]> {
  const connection = result.attempt.steps.find((step) => step.name === 'mysql.greeting')?.data['connectionId'];
  const found = await traces.find(
    result.cell.caller.gateway,
    result.cell.transport.startsWith('mysql-') ? 'mysql' : 'grpc',
    result.attempt.localAddress,
    typeof connection === 'number' ? connection : null,
  );
  const last = PARTS.indexOf(LAST[result.actual.stoppedAt ?? ''] ?? 'mysql');
  return PARTS.map((part, index) => {
    const steps: readonly ShownStep[] =
      part === 'client' ? result.attempt.steps : (found?.steps ?? []).filter((step) => step.part === part);
    return { part, reached: index <= last || steps.length > 0, steps: steps.length === 0 ? null : steps };
  });
}

/** Prints one cell hop by hop, with times relative to the client's first step. */
export function printTrace(result: VerifiedCell, hops: readonly Hop[], terminal: Terminal): void {
  const { colors } = terminal;
  const { cell, actual } = result;
  const start = Math.min(...hops.flatMap((hop) => hop.steps?.map((step) => step.atMicros) ?? []));
  terminal.line(colors.bold(`\n${cell.id}`));
  terminal.line(`  ${cell.caller.name} over ${transportName(cell.transport)}: ${cell.sql}`);
  const marks: Record<string, string> = {
    ok: colors.green('✓'),
    info: colors.dim('·'),
    refused: colors.red('✗'),
    failed: colors.red('!'),
  };
  for (const hop of hops) {
    terminal.line(`\n  ${colors.bold(TITLES[hop.part])}`);
    if (hop.steps === null) terminal.line(colors.dim(hop.reached ? '    not recorded' : '    not reached'));
    for (const step of hop.steps ?? []) {
      const data = Object.entries(step.data)
        .filter(([, value]) => value !== null && value !== '')
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value.trim() : JSON.stringify(value)}`)
        .join('  ');
      terminal.line(
        `    ${colors.dim(`${((step.atMicros - start) / 1000).toFixed(2).padStart(8)} ms`)} ${marks[step.outcome] ?? ' '} ${step.name}${data === '' ? '' : `  ${colors.dim(data)}`}`,
      );
    }
  }
  terminal.line(
    `\n  ${actual.verdict === 'allow' ? colors.green('allowed') : colors.red(`${actual.verdict} at ${actual.stoppedAt ?? '?'}`)}${actual.message === null ? '' : `: ${actual.message.trim()}`}`,
  );
}
