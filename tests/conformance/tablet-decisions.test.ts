import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAclFile, type AclSettings } from '../../src-main/domain/acl';
import type { TabletConfig } from '../../src-main/servers/tablet';
import { grpcGoCodeName, vtCodeName } from '../../src-main/domain/kernel';
import { GrpcStatusError, queryMethods } from '../../src-main/servers/rpc';
import {
  asRoot,
  recordedFile,
  startBackend,
  startTablet,
  target,
  type Answer,
  type Backend,
  type Running,
} from '../wire/tablet/tablet-fixture';

interface Recorded {
  readonly callers: readonly string[];
  readonly ok?: boolean | string;
  readonly rows?: number;
  readonly affected?: number;
  readonly code?: string;
  readonly message?: string;
}
interface Case {
  readonly id: string;
  readonly cell: string;
  readonly sql: string;
  readonly transport?: string;
  readonly setup?: unknown;
  readonly tablet?: readonly Recorded[];
  readonly answers?: readonly Recorded[];
  readonly preQueries?: readonly string[];
}
interface Cell {
  readonly acl: unknown;
  readonly tabletFlags: readonly string[];
}
const recording = JSON.parse(readFileSync(recordedFile('decisions.json'), 'utf8')) as {
  schema: string[];
  data: string[];
  acl: unknown;
  callers: { name: string; login: string; user: string; groups: string[] }[];
  cells: Record<string, Cell>;
  cases: Case[];
};

/** Statements that change nothing, so that their answers may be compared one after the other. */
const readsOnly = /^\s*\(*\s*(?:select|with|explain|describe|desc|show)\b/i;
/** What depends on the server's version or its own state, or on parts of Vitess that are not in this tablet. */
const ownBusiness =
  /sleep|get_lock|outfile|dumpfile|next\b|information_schema|performance_schema|mysql\.|vitess|@|sys\.|rand\(|json_|lateral|explain|describe|^desc|show|analyze|for share|of orders|skip locked|intersect|except|values row|grouping|any_value|timestampadd|table_name/i;

/** Cases that end differently here, each with its reason; anything else is a failure. */
const exceptions = new Map([
  ['select-64', 'MariaDB takes a quoted `dual` for a table; Vitess sends it unquoted'],
  ['select-118', 'VALUES() outside ON DUPLICATE KEY UPDATE is a syntax error for MariaDB'],
  ['select-129', 'Vitess prints the statement anew without the second semicolon; the tablet sends what was checked'],
  ['cte-dml-01', 'MariaDB has no WITH before UPDATE and DELETE'],
  ['cte-dml-02', 'MariaDB has no WITH before UPDATE and DELETE'],
  ['cte-dml-04', 'MariaDB has no WITH before UPDATE and DELETE'],
  ['cte-dml-05', 'MariaDB has no WITH before UPDATE and DELETE'],
  ['vitess-38', 'there is no schema _vt behind this tablet'],
]);

/** Cells whose flags this tablet does not have. */
const cellsLeftOut = new Map([['passthrough', 'queryserver-config-passthrough-dmls is not among the settings']]);

let backend: Backend;
beforeAll(async () => {
  backend = await startBackend();
  await asRoot(backend, ...recording.schema, ...recording.data);
});
afterAll(() => backend.stop());

const flag = (cell: Cell, name: string): string | null => {
  const at = cell.tabletFlags.indexOf(name);
  return at < 0 ? null : (cell.tabletFlags[at + 1] ?? '');
};

function cellConfig(cell: Cell): Partial<TabletConfig> {
  const fileGiven = cell.tabletFlags.includes('--table-acl-config');
  const content =
    cell.acl === 'the acl above'
      ? JSON.stringify(recording.acl)
      : typeof cell.acl === 'string'
        ? cell.acl
        : JSON.stringify(cell.acl);
  const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
  const aclSettings: AclSettings = {
    strict: cell.tabletFlags.includes('--queryserver-config-strict-table-acl'),
    dryRun: cell.tabletFlags.includes('--queryserver-config-enable-table-acl-dry-run'),
    exempt: flag(cell, '--queryserver-config-acl-exempt-acl') ?? '',
  };
  return {
    fidelity,
    aclSettings,
    aclFileGiven: fileGiven,
    acl: fileGiven ? parseAclFile(Buffer.from(content), { file: 'acl.json', fidelity }).acl : null,
    terseErrors: cell.tabletFlags.includes('--queryserver-config-terse-errors'),
  };
}

const isDenial = (answer: Recorded): boolean => /\(ACL check error\)|missing caller id/.test(answer.message ?? '');

const mainCell: Cell = {
  acl: 'the acl above',
  tabletFlags: [
    '--table-acl-config',
    'f',
    '--queryserver-config-strict-table-acl',
    '--queryserver-config-acl-exempt-acl',
    'exempt',
  ],
};
const cells: readonly (readonly [string, Cell])[] = [['main', mainCell], ...Object.entries(recording.cells)];

describe.each(cells.filter(([name]) => !cellsLeftOut.has(name)))('cell %s', (name, cell) => {
  let running: Running;
  beforeAll(async () => {
    running = await startTablet(backend, cellConfig(cell));
  });
  afterAll(() => running.stop());

  const cases = recording.cases.filter(
    (one) =>
      one.cell === name &&
      !exceptions.has(one.id) &&
      one.tablet !== undefined &&
      one.transport === undefined &&
      one.setup === undefined,
  );

  test.runIf(cases.length > 0)('every denial, and every answer that depends on the statement alone', async () => {
    const differences: string[] = [];
    let compared = 0;
    const ask = async (one: Case, recorded: Recorded, callerName: string): Promise<void> => {
      const caller = recording.callers.find((candidate) => candidate.name === callerName);
      if (caller === undefined) return;
      const denied = isDenial(recorded);
      const allowed = recorded.ok === true && readsOnly.test(one.sql) && !ownBusiness.test(one.sql);
      if (!denied && !allowed) return;
      const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
      const answer: Answer = await running.client.execute(
        one.sql,
        callerName === 'none' ? null : { username: caller.user, groups: caller.groups },
      );
      compared += 1;
      const got =
        'code' in answer ? `${grpcGoCodeName(answer.code)} ${answer.message}` : `ok ${answer.rows.length} rows`;
      const message = (recorded.message ?? '').replaceAll('{user}', caller.user).replaceAll('{groups}', groups);
      const wanted = denied ? `${recorded.code ?? ''} ${message}` : `ok ${recorded.rows ?? 0} rows`;
      if (got !== wanted) differences.push(`${one.id} ${callerName} ${one.sql}\n  wanted ${wanted}\n  got    ${got}`);
    };
    const work = cases.flatMap((one) =>
      (one.tablet ?? []).flatMap((recorded) =>
        recorded.callers.map((callerName) => () => ask(one, recorded, callerName)),
      ),
    );
    let next = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let job = work[next]; job !== undefined; job = work[next]) {
          next += 1;
          await job();
        }
      }),
    );
    expect(compared).toBeGreaterThan(0);
    if (name === 'main') expect(compared).toBeGreaterThan(2000);
    expect(differences.join('\n')).toBe('');
  });
});

/** Asks as the recording did and returns the answer in its words. */
async function askOver(
  running: Running,
  transport: string,
  one: Case,
  caller: { user: string; groups: string[] } | null,
): Promise<string> {
  const message = {
    target,
    query: { sql: one.sql },
    options: {},
    ...(caller === null ? {} : { immediateCallerId: { username: caller.user, groups: caller.groups } }),
  };
  const { client } = running.client;
  const inBand = (error: { code: number; message: string } | null): string =>
    error === null ? 'ok' : `in-band ${vtCodeName(error.code)} ${error.message}`;
  try {
    if (transport === 'tablet-stream') {
      for await (const _answer of client.stream(queryMethods.StreamExecute, message));
      return 'ok';
    }
    if (transport === 'tablet-begin') {
      const { error, transactionId } = await client.unary(queryMethods.BeginExecute, message);
      await client.unary(queryMethods.Rollback, { ...message, transactionId });
      return inBand(error);
    }
    const { error, reservedId } = await client.unary(queryMethods.ReserveExecute, {
      ...message,
      preQueries: one.preQueries ?? [],
    });
    if (reservedId !== 0n) await client.unary(queryMethods.Release, { ...message, reservedId });
    return inBand(error);
  } catch (error) {
    if (!(error instanceof GrpcStatusError)) throw error;
    return `${grpcGoCodeName(vtCodeName(error.code))} ${error.message}`;
  }
}

test.each(['tablet-stream', 'tablet-begin', 'tablet-reserve'])('every refusal over %s', async (transport) => {
  const running = await startTablet(backend, cellConfig(mainCell));
  const differences: string[] = [];
  let compared = 0;
  for (const one of recording.cases.filter((candidate) => candidate.transport === transport))
    for (const recorded of one.answers ?? []) {
      if (!isDenial(recorded) && !/not allowed for streaming|\[BUG\]/.test(recorded.message ?? '')) continue;
      for (const name of recorded.callers) {
        const caller = recording.callers.find((candidate) => candidate.name === name);
        if (caller === undefined) continue;
        const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
        const text = (recorded.message ?? '').replaceAll('{user}', caller.user).replaceAll('{groups}', groups);
        const got = await askOver(running, transport, one, name === 'none' ? null : caller);
        compared += 1;
        if (got !== `${recorded.code ?? ''} ${text}`)
          differences.push(`${one.id} ${name} ${one.sql}\n  wanted ${recorded.code ?? ''} ${text}\n  got    ${got}`);
      }
    }
  await running.stop();
  expect(compared).toBeGreaterThan(60);
  expect(differences.join('\n')).toBe('');
});
