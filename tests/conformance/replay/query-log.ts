import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAclFile } from '../../../src-main/domain/acl';
import type { QueryLogFilter } from '../../../src-main/domain/kernel';
import { queryLogJson, queryLogText } from '../../../src-main/servers/gateway';
import { logIn } from './mysql/login';
import { playStep, type PlayState, type RecordedStep } from './mysql/play';
import { World, type Servers, type Setup } from './mysql/world';
import type { CaseOutcome, Difference, Replay, Tier } from './outcome';

type Statement = string | readonly [kind: string, text: string, parameters?: readonly unknown[]];
interface RecordedCase {
  readonly id: string;
  readonly vtgateFlags?: string;
  readonly vttabletFlags?: string;
  readonly client: {
    readonly transport: string;
    readonly user?: string;
    readonly database?: string | null;
    readonly statements: readonly Statement[];
  };
  readonly log: readonly { readonly vtgate?: string; readonly vttablet?: string }[];
}
interface Recording {
  readonly acl: unknown;
  readonly cases: readonly RecordedCase[];
}

/** Keyspace, tables and users are those of mysql-protocol.json, which lies beside or else in our own copy. */
function setupOf(folder: string): Setup {
  const beside = join(folder, 'mysql-protocol.json');
  const own = fileURLToPath(new URL('../recorded/mysql-protocol.json', import.meta.url));
  return JSON.parse(readFileSync(existsSync(beside) ? beside : own, 'utf8')) as Setup;
}

/** query-log.json: the lines of both programs for what a MySQL client did, flags of the log included. */
export const replayQueryLog: Replay = async function* (recording, { folder, fidelity, only }) {
  const { acl, cases } = recording as Recording;
  const wanted = cases.filter(({ id }) => only === undefined || only(id));
  if (wanted.length === 0) return;
  const world = await World.start(setupOf(folder), fidelity);
  const table = parseAclFile(Buffer.from(JSON.stringify(acl)), { file: 'acl.json', fidelity }).acl;
  try {
    for (const one of wanted) {
      await world.rebuild(null);
      const gate = logOptions(one.vtgateFlags ?? '');
      const servers = await world.serve({
        gateway: {
          queryLog: gate,
          ...(one.vtgateFlags?.includes('--vtgate-config-terse-errors') === true ? { terseErrors: true } : {}),
        },
        tablet: {
          acl: table,
          aclFileGiven: true,
          aclSettings: { strict: true, dryRun: false, exempt: '' },
          queryLog: logOptions(one.vttabletFlags ?? ''),
          terseErrors: one.vttabletFlags?.includes('--queryserver-config-terse-errors') === true,
        },
      });
      try {
        yield await play(one, servers, gate);
      } finally {
        await servers.stop();
      }
    }
  } finally {
    await world.stop();
  }
};

function logOptions(flags: string): QueryLogFilter & { format: 'text' | 'json'; redact: boolean } {
  const value = (name: string): string | undefined => new RegExp(`--${name}[ =](\\S+)`).exec(flags)?.[1];
  const threshold = /^(\d+)(ms|s)$/.exec(value('querylog-time-threshold') ?? '');
  return {
    format: value('querylog-format') === 'json' ? 'json' : 'text',
    redact: flags.includes('--redact-debug-ui-queries'),
    mode: value('querylog-mode') === 'error' ? 'error' : 'all',
    filterTag: value('querylog-filter-tag'),
    rowThreshold: Number(value('querylog-row-threshold') ?? 0),
    timeThresholdMs: threshold === null ? 0 : Number(threshold[1]) * (threshold[2] === 's' ? 1000 : 1),
    sampleRate: Number(value('querylog-sample-rate') ?? 0),
    anyCondition: flags.includes('--querylog-emit-on-any-condition-met'),
  };
}

const stepsOf = (statement: Statement): RecordedStep['do'][] => {
  if (typeof statement === 'string') return [['query', statement]];
  const [kind, text, parameters] = statement;
  if (kind === 'init') return [['init', text]];
  const prepare: RecordedStep['do'] = ['prepare', text];
  return kind === 'prep' ? [prepare, ['execute', parameters ?? []]] : [prepare];
};

async function play(
  one: RecordedCase,
  { entrance, gateway, tablet, quiet }: Servers,
  gate: ReturnType<typeof logOptions>,
): Promise<CaseOutcome> {
  const { client, log } = one;
  if (client.transport !== 'mysql') {
    const difference = { tier: 'a', at: 'client.transport', expected: client.transport, seen: 'not played' } as const;
    return { id: one.id, compared: ['a'], differences: [difference], recorded: one };
  }
  const { user = 'alice', database = null } = client;
  const connected = await logIn(entrance, { user, database });
  const state: PlayState = { statementId: 0 };
  for (const step of client.statements.flatMap(stepsOf))
    await playStep({ do: step, got: {} }, connected, state).catch(() => undefined);
  connected.raw.close();
  await quiet();
  const form = gate.format === 'json' ? queryLogJson : queryLogText;
  const differences: Difference[] = [];
  const hold = (name: 'vtgate' | 'vttablet', seen: readonly string[]): void => {
    const expected = log.flatMap((line) => line[name] ?? []);
    if (expected.length !== seen.length)
      differences.push({ tier: 'a', at: `${name}.length`, expected: expected.length, seen: seen.length });
    expected.forEach((line, at) => {
      if (seen[at] !== undefined) differences.push(...lineDifferences(`${name}[${at}]`, line, seen[at]));
    });
  };
  hold(
    'vtgate',
    gateway.queryLog.map((record) => form(record, gate.redact)),
  );
  hold('vttablet', tablet.queryLogLines());
  return { id: one.id, compared: ['a', 'b'], differences, recorded: one };
}

const wildcards: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/g, '{time}'],
  [/(?<=[\t ])\d+\.\d{6}(?=[\t,}])/g, '{seconds}'],
  [/(?:127\.0\.0\.1|\[::1\]|::1|localhost):\d+/g, '{addr}'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{uuid}'],
  [/\b\d{19}\b/g, '{id}'],
  [/y{3000}/g, '{y*3000}'],
];

/** Fields of a line; of a JSON line, members as written. */
const fieldsOf = (line: string): string[] =>
  line.startsWith('{"Method"') ? line.split(/, (?="[A-Z][A-Za-z ]*": )/) : line.split('\t');

/** Fields that show SQL or its values, by their place: SQL and BindVars; OriginalSQL, BindVars and RewrittenSQL. */
const printed = { vtgate: new Set([12, 13, 16]), vttablet: new Set([9, 10, 12, 19]) };

function lineDifferences(at: string, expected: string, seen: string): Difference[] {
  const shown = wildcards.reduce((text, [pattern, name]) => text.replace(pattern, name), seen);
  const wanted = fieldsOf(expected);
  const got = fieldsOf(shown);
  if (wanted.length !== got.length) return [{ tier: 'a', at, expected, seen: shown }];
  const isPrinted = printed[at.startsWith('vtgate') ? 'vtgate' : 'vttablet'];
  return wanted.flatMap((field, index) => {
    if (field === got[index]) return [];
    const tier: Tier = isPrinted.has(index) ? 'b' : 'a';
    return [{ tier, at: `${at}.${index}`, expected: field, seen: got[index] }];
  });
}
