import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { companion } from './companion';
import { parseAclFile } from '../../../src-main/domain/acl';
import type { QueryLogFilter } from '../../../src-main/domain/kernel';
import { queryLogJson, queryLogText } from '../../../src-main/servers/gateway';
import { query, vitessMethods, type vtgate, type vtrpc } from '../../../src-main/servers/rpc';
import { GrpcCaller } from './grpc/caller';
import { createPki } from '../../support/tls-identities';
import { logIn } from './mysql/login';
import { playStep, type PlayState, type RecordedStep } from './mysql/play';
import { World, type Servers, type Setup } from './mysql/world';
import type { CaseOutcome, Difference, Replay, Tier } from './outcome';
import { Ground } from './vtgate/ground';

type Bound = { readonly sql: string; readonly bindVars?: { readonly [name: string]: readonly [string, string] } };
type Statement = string | readonly [kind: string, text: string, parameters?: readonly unknown[]] | Bound;
interface RecordedCase {
  readonly id: string;
  readonly vtgateFlags?: string;
  readonly vttabletFlags?: string;
  readonly client: {
    readonly transport: string;
    /** Of gRPC: common name of the client's certificate, the RPC, and whom the request names. */
    readonly certificateCN?: string;
    readonly rpc?: string;
    readonly callerId?: Partial<vtrpc.CallerID> | null;
    readonly target?: string;
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
const setupOf = (folder: string): Setup => companion<Setup>(folder, 'mysql-protocol');

/** Passwords of the recording's users, as its users file has them in plain text. */
const passwordOf = (setup: Setup, user: string): string | undefined =>
  (setup.users as { readonly [name: string]: readonly { readonly Password?: string }[] })[user]?.[0]?.Password;

/**
 * Certificates of the gRPC cases. The recording tells a client's common name alone; its certificates are of the kind that
 * Vitess's own tool for tests issues, which has `localhost` and the common name for its names.
 */
const pki = createPki();
const server = pki.leaf({ name: 'vtgate', purposes: ['serverAuth'] });

function clientFiles(ground: Ground, commonName: string): string {
  const { cert, key } = pki.leaf({
    name: commonName,
    purposes: ['clientAuth'],
    dnsNames: ['localhost', commonName],
    ipAddresses: [],
  });
  mkdirSync(ground.certs, { recursive: true });
  writeFileSync(join(ground.certs, 'client.pem'), cert);
  writeFileSync(join(ground.certs, 'client-key.pem'), key);
  writeFileSync(join(ground.certs, 'authority.pem'), pki.root.pem);
  return 'client';
}

/** query-log.json: the lines of both programs for what a MySQL or gRPC client did, flags of the log included. */
export const replayQueryLog: Replay = async function* (recording, { folder, fidelity, only }) {
  const { acl, cases } = recording as Recording;
  const wanted = cases.filter(({ id }) => only === undefined || only(id));
  if (wanted.length === 0) return;
  const setup = setupOf(folder);
  const ground = await Ground.make(folder);
  const world = await World.start(setup, fidelity);
  const table = parseAclFile(Buffer.from(JSON.stringify(acl)), { file: 'acl.json', fidelity }).acl;
  try {
    for (const one of wanted) {
      await world.rebuild(null);
      const gate = logOptions(one.vtgateFlags ?? '');
      const servers = await world.serve({
        gateway: {
          queryLog: gate,
          ...(one.client.transport.startsWith('gRPC') ? { grpc: mutualTls() } : {}),
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
        yield await play(one, servers, gate, ground, setup);
      } finally {
        await servers.stop();
      }
    }
  } finally {
    await world.stop();
    ground.dispose();
  }
};

const mutualTls = () => ({
  listen: { host: '127.0.0.1', port: 0 },
  authMode: '' as const,
  tls: { cert: server.cert, key: server.key, clientCa: pki.root.pem, alpn: ['h2'] },
});

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
  if (typeof statement === 'string') return [['query', expanded(statement)]];
  if ('sql' in statement) return [];
  const [kind, text, parameters] = statement;
  if (kind === 'init') return [['init', text]];
  const prepare: RecordedStep['do'] = ['prepare', text];
  return kind === 'prep' ? [prepare, ['execute', parameters ?? []]] : [prepare];
};

/** Texts of recordings write long runs as `{y*3000}`. */
const expanded = (text: string): string =>
  text.replace(/\{(.)\*(\d+)\}/g, (_, letter: string, times: string) => letter.repeat(Number(times)));

async function playMysql({ client }: RecordedCase, { entrance, quiet }: Servers, setup: Setup): Promise<void> {
  const { user = 'alice', database = null } = client;
  const password = passwordOf(setup, user);
  const connected = await logIn(entrance, { user, database, ...(password === undefined ? {} : { password }) });
  const state: PlayState = { statementId: 0 };
  for (const step of client.statements.flatMap(stepsOf))
    await playStep({ do: step, got: {} }, connected, state).catch(() => undefined);
  connected.raw.close();
  await quiet();
}

const boundQuery = (statement: Statement): query.IBoundQuery => {
  if (typeof statement === 'string') return { sql: expanded(statement) };
  const { sql, bindVars = {} } = statement as Bound;
  const entries = Object.entries(bindVars).map(([name, [type, value]]) => [
    name,
    { type: query.Type[type as keyof typeof query.Type], value: Buffer.from(value) },
  ]);
  return { sql, bindVariables: Object.fromEntries(entries) as { [name: string]: query.IBindVariable } };
};

/** Calls one after the other, the session of an answer in the next request. */
async function playGrpc({ client }: RecordedCase, { gateway }: Servers, ground: Ground): Promise<void> {
  const { certificateCN = '', rpc, callerId, target = '', statements } = client;
  const tls = { ca: 'authority', cert: clientFiles(ground, certificateCN) };
  const caller = new GrpcCaller((gateway.grpc as { port: number }).port, tls, ground.certs);
  let session: vtgate.ISession = { autocommit: true, targetString: target };
  const head = () => ({ ...(callerId == null ? {} : { callerId }), session });
  try {
    if (rpc === 'ExecuteBatch') {
      await caller.call(vitessMethods.ExecuteBatch, { ...head(), queries: statements.map(boundQuery) });
      return;
    }
    for (const bound of statements.map(boundQuery)) {
      const method = rpc === 'StreamExecute' ? vitessMethods.StreamExecute : vitessMethods.Execute;
      const { responses } = await caller.call(method as typeof vitessMethods.Execute, { ...head(), query: bound });
      session = responses.findLast((response) => response.session !== null)?.session ?? session;
    }
  } finally {
    caller.close();
  }
}

async function play(
  one: RecordedCase,
  servers: Servers,
  gate: ReturnType<typeof logOptions>,
  ground: Ground,
  setup: Setup,
): Promise<CaseOutcome> {
  const { gateway, tablet } = servers;
  const { log } = one;
  if (one.client.transport === 'mysql') await playMysql(one, servers, setup);
  else await playGrpc(one, servers, ground);
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

/**
 * What is tier b, by its place in a line: how SQL is printed and what values stand beside it - SQL and BindVars of
 * vtgate; OriginalSQL, BindVars and RewrittenSQL of vttablet - and behind an error's own text the statement it quotes.
 * `Cached Plan` is no part of either: whether a plan was already cached depends on what the recorded server had answered
 * before, and on when its cache took the plan in. Everything else is tier a: which lines are written at all and in which
 * order, Method, CallInfo, callers, StmtType and PlanType, numbers of queries, rows and bytes, QuerySources, errors,
 * tablet type, SessionUUID, TablesUsed, ActiveKeyspace and EmitReason.
 */
const printed = { vtgate: new Set([12, 13]), vttablet: new Set([9, 10, 12]) };
const errors = { vtgate: 16, vttablet: 19 };
const cachedPlan = 19;

/** An error up to the statement that it quotes. */
const ownText = (error: string): string => error.replace(/: Sql: \\"[\s\S]*$/, '');

function lineDifferences(at: string, expected: string, seen: string): Difference[] {
  const shown = wildcards.reduce((text, [pattern, name]) => text.replace(pattern, name), seen);
  const wanted = fieldsOf(expected);
  const got = fieldsOf(shown);
  if (wanted.length !== got.length) return [{ tier: 'a', at, expected, seen: shown }];
  const of = at.startsWith('vtgate') ? 'vtgate' : 'vttablet';
  return wanted.flatMap((field, index) => {
    const found = got[index] ?? '';
    if (field === found || (of === 'vtgate' && index === cachedPlan)) return [];
    const quotes = index === errors[of] && ownText(field) === ownText(found);
    const tier: Tier = printed[of].has(index) || quotes ? 'b' : 'a';
    return [{ tier, at: `${at}.${index}`, expected: field, seen: found }];
  });
}
