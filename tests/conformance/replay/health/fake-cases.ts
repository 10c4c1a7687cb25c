import { createGateway, type Gateway, type GatewayTablet } from '../../../../src-main/servers/gateway';
import { vtCodes } from '../../../../src-main/domain/kernel';
import { compare } from '../compare';
import { flagsOf } from '../grpc/flags';
import type { CaseOutcome, ReplaySettings } from '../outcome';
import { FakeTablet, type FakeAnswer, type FakeCall, type HealthLine } from './fake-tablet';
import type { Json } from './messages';
import { ReplayClient } from './mysql-client';

/** A case of the parts topology and fakeTablet. */
export interface FakeCase {
  readonly id: string;
  readonly part: 'topology' | 'fakeTablet';
  readonly about: string;
  readonly leftOut?: readonly string[];
  readonly changed?: {
    readonly tablet?: { readonly type?: number; readonly port_map?: { readonly grpc?: unknown } };
  };
  readonly streamHealth: readonly HealthLine[];
  readonly getSchema?: 'unimplemented' | { readonly [table: string]: string };
  readonly vtgateFlags?: readonly string[];
  readonly vtgateServes: boolean;
  readonly startSeconds?: number;
  readonly rpcsAtStart: readonly string[];
  readonly steps: readonly { readonly query: string; readonly got: unknown; readonly rpcs?: readonly string[] }[];
}

/**
 * Whether a case is about a record that only a topology server has. An embedded gateway is told its cell, its keyspaces and
 * its tablets, so it cannot be without a cell, nor without a keyspace that vtgate would have (it builds SrvKeyspace itself
 * when Keyspace, Shard and ShardReplication are there).
 */
export function needsTopologyServer({ leftOut = [] }: FakeCase): boolean {
  const without = (record: string): boolean => leftOut.includes(record);
  return (
    without('cell') ||
    (without('srvkeyspace') && (without('keyspace') || without('shard') || without('shardreplication')))
  );
}

const types: { readonly [number: number]: GatewayTablet['type'] } = { 1: 'primary', 2: 'replica', 3: 'rdonly' };

/** The tablet as the records of the case name it; none without a record or a port in it. */
function tabletsOf({ leftOut = [], changed }: FakeCase, fakePort: number): GatewayTablet[] {
  const ports = changed?.tablet?.port_map;
  if (leftOut.includes('tablet') || (ports !== undefined && ports.grpc === undefined)) return [];
  const type = types[changed?.tablet?.type ?? 1] ?? 'primary';
  // A case that names another port means one at which nobody listens.
  const port = ports === undefined ? fakePort : 1;
  return [{ alias: 'zone1-100', keyspace: 'commerce', shard: '0', type, host: 'localhost', port }];
}

const one: Json = { fields: [{ name: '1', type: 'INT64' }], rows: [{ lengths: ['1'], values: 'MQ==' }] };

/** What the case says the fake answers; only Execute and GetSchema are ever changed. */
function answers({ about, getSchema }: FakeCase): (call: FakeCall) => FakeAnswer {
  const status = /Execute with gRPC status (\w+), message (['"])([\s\S]*)\2$/.exec(about);
  const code = vtCodes[(status?.[1] ?? '').replace('CANCELLED', 'CANCELED') as keyof typeof vtCodes];
  return ({ rpc }) => {
    if (rpc === 'GetSchema') {
      if (getSchema === 'unimplemented')
        return { messages: [], status: { code: 12, message: 'unknown method GetSchema' } };
      return { messages: getSchema === undefined ? [] : [{ table_definition: getSchema }] };
    }
    if (rpc !== 'Execute') return { messages: [], status: { code: 12, message: `unknown method ${rpc}` } };
    if (status !== null) return { messages: [], status: { code, message: status[3] ?? '' } };
    return { messages: [/Execute\w*Response without result/.test(about) ? {} : { result: one }] };
  };
}

/** Waits until `condition` holds, at most `ms`. */
export async function until(condition: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Our gateway before a tablet that does what the case says. */
export async function playFakeCase(recorded: FakeCase, settings: ReplaySettings): Promise<CaseOutcome> {
  const fake = await new FakeTablet(recorded.streamHealth, answers(recorded)).start();
  const flags = flagsOf(recorded.vtgateFlags ?? []);
  const timeout = /^(\d+)s$/.exec(flags.get('healthcheck-timeout') ?? '')?.[1];
  const tablets = tabletsOf(recorded, fake.port);
  let gateway: Gateway | null = null;
  try {
    gateway = await createGateway({
      name: 'vtgate',
      cell: 'zone1',
      fidelity: settings.fidelity,
      keyspaces: [{ name: 'commerce', shards: ['0'] }],
      mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: { kind: 'none' } },
      grpc: null,
      tablets,
      initialTabletTimeoutMs: 1000,
      ...(timeout === undefined ? {} : { healthTimeoutMs: Number(timeout) * 1000 }),
    });
    await settled(recorded, fake, gateway);
    const rpcsAtStart = [...new Set(fake.taken().map(({ rpc }) => rpc))].sort();
    const steps: unknown[] = [];
    for (const { query } of recorded.steps) {
      const client = await ReplayClient.connect(gateway.mysql?.port ?? 0, 'u', false);
      const got = await client.query(query);
      client.end();
      steps.push({ query, got, rpcs: statementRpcs(fake.taken().map(({ rpc }) => rpc)) });
    }
    const expected = {
      vtgateServes: recorded.vtgateServes,
      rpcsAtStart: [...recorded.rpcsAtStart].sort(),
      steps: recorded.steps.map(({ query, got, rpcs = [] }) => ({ query, got, rpcs: statementRpcs(rpcs) })),
    };
    return {
      id: recorded.id,
      compared: ['a'],
      differences: compare(expected, { vtgateServes: true, rpcsAtStart, steps }, () => 'a'),
      recorded,
    };
  } finally {
    await gateway?.stop({ graceMs: 0 });
    await fake.stop();
  }
}

/** When a lost StreamHealth is asked again is a matter of time, not of the statement that was sent meanwhile. */
const statementRpcs = (rpcs: readonly string[]): readonly string[] =>
  rpcs.filter((rpc) => rpc !== 'StreamHealth' && rpc !== 'GetSchema');

/** What vtgate had heard and asked before the recording client came. */
async function settled(recorded: FakeCase, fake: FakeTablet, gateway: Gateway): Promise<void> {
  let passed = 0;
  const due = recorded.streamHealth.filter((line) => {
    if (typeof line === 'string') return false;
    passed += (line as { readonly afterSeconds?: number }).afterSeconds ?? 0;
    return passed <= (recorded.startSeconds ?? 0);
  }).length;
  await until(() => fake.told >= due && (gateway.tablets[0]?.heard ?? due) >= Math.min(due, 1), 12_000);
  // The gateway reads a message within this time; schema is asked for a second after the first one.
  await until(() => recorded.rpcsAtStart.every((rpc) => fake.calls.some((call) => call.rpc === rpc)), 3000);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
