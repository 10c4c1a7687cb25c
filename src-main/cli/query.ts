import type { Command } from 'commander';
import { composePorts } from '../compose';
import { judge } from '../clients';
import { transports, type Cell, type ProbeCaller, type Transport } from '../domain/probes';
import { openCluster } from '../services/cluster/open-cluster';
import { requireSound, type Workspace } from '../services/workspace/load-workspace';
import { ProbeRunner } from '../services/verify/probe-runner';
import { CommandExit, exitCode } from './exit';
import { interruptSignal } from './interrupt';
import { jsonOption, passphraseOption, unlockerFrom } from './shared-options';
import { printable } from './printable';
import { columns } from './table';
import type { Terminal } from './terminal';
import { requireWorkspace, type RunFlags } from './up';

interface QueryFlags extends RunFlags {
  readonly as: string;
  readonly over?: string;
  readonly rows?: string;
}

/** `gatehouse query DIR --as CALLER SQL`: one real connection as one caller of the workspace's tests. */
export function addQuery(program: Command, terminal: Terminal): void {
  program
    .command('query')
    .description('connect as a caller of the workspace and run one statement')
    .argument('<dir>', 'workspace')
    .argument('<sql>', 'statement')
    .requiredOption('--as <caller>', 'caller, as tests/*.json names it')
    .option('--over <transport>', `how to connect (${transports.join(', ')})`)
    .addOption(jsonOption())
    .addOption(passphraseOption())
    .action(async (dir: string, sql: string, flags: QueryFlags) => {
      const workspace = await requireWorkspace(dir, flags, terminal);
      const suite = workspace.suites.find((candidate) => candidate.callers.some((caller) => caller.name === flags.as));
      const caller = suite?.callers.find((candidate) => candidate.name === flags.as);
      if (suite === undefined || caller === undefined) {
        requireSound(workspace);
        const names = workspace.suites.flatMap((candidate) => candidate.callers.map((known) => known.name));
        throw new CommandExit(exitCode.usage, `no caller "${flags.as}". Callers: ${names.join(', ')}.`);
      }
      if (flags.over !== undefined && !(transports as readonly string[]).includes(flags.over))
        throw new CommandExit(exitCode.usage, `no transport "${flags.over}". Transports: ${transports.join(', ')}.`);
      const transport = (flags.over ?? caller.transports[0] ?? 'mysql-tls-verified') as Transport;
      const interrupt = interruptSignal(terminal, flags.json);
      const cluster = await openCluster({
        workspace,
        ports: composePorts(),
        program: 'gatehouse query',
        unlocker: unlockerFrom(flags.passphraseFd),
        signal: interrupt.signal,
      });
      try {
        const cell = queryCell(caller, transport, sql, suite.gatewayTrust, suite.gatewayName, suite.name);
        const attempt = await new ProbeRunner(workspace, cluster.addresses, cluster.secrets).run(
          cell,
          interrupt.signal,
          1_000,
        );
        const verdict = judge(attempt);
        // A refusal that comes from an ending cluster says nothing about the caller.
        if (verdict.verdict !== 'allow') await cluster.ensureRuns();
        if (flags.json === true)
          terminal.json({
            schema: 1,
            caller: caller.name,
            transport,
            sql,
            ...verdict,
            rows: attempt.rows,
            affected: attempt.affected ?? null,
            result: attempt.table,
          });
        else if (verdict.verdict === 'allow') {
          if (attempt.table !== null)
            for (const line of columns([
              attempt.table.columns.map(printable),
              ...attempt.table.rows.map((row) => row.map((value) => (value === null ? 'NULL' : printable(value)))),
            ]))
              terminal.line(line);
          const rows = attempt.affected ?? attempt.rows ?? 0;
          terminal.note(`${rows} row${rows === 1 ? '' : 's'}${attempt.affected == null ? '' : ' affected'}`);
        } else
          terminal.note(
            `${verdict.verdict} at ${verdict.stoppedAt ?? '?'}: ${printable(verdict.message?.trim() ?? 'the connection ended without a word')}`,
          );
        const missing = transport.startsWith('grpc-') ? missingGrpcUser(workspace, caller) : null;
        if (verdict.stoppedAt === 'login' && missing !== null && flags.json !== true) terminal.note(missing);
        if (verdict.verdict !== 'allow') throw new CommandExit(exitCode.differs);
      } finally {
        await cluster.close();
        interrupt.release();
      }
    });
}

/** Why a caller's gRPC password cannot be right: the gateway's file of gRPC users does not have it; else null. */
function missingGrpcUser({ topology, grpcUsers }: Workspace, { name, user, gateway }: ProbeCaller): string | null {
  const file = topology.gateways.find((candidate) => candidate.name === gateway)?.grpc?.usersFile ?? null;
  const known = file === null ? undefined : grpcUsers.get(file);
  if (known === undefined || known.users.some(({ username }) => username === user)) return null;
  return `The caller "${name}" has no gRPC password: ${file ?? ''} has no user "${user ?? ''}".`;
}

function queryCell(
  caller: ProbeCaller,
  transport: Transport,
  sql: string,
  trust: string | null,
  serverName: string,
  suite: string,
): Cell {
  const mutual = transport === 'mysql-mutual-tls' || transport === 'grpc-mutual-tls';
  return {
    id: `query/${caller.name}`,
    suite,
    caller,
    transport,
    password: 'right',
    certificate: mutual ? caller.certificate : null,
    trust,
    serverName,
    sql,
    table: null,
    role: null,
    expected: { verdict: 'allow', stoppedAt: null, code: null, sqlState: null, message: null },
  };
}
