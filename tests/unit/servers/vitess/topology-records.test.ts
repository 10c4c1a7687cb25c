import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { emulationOf } from '../../../../src-main/domain/exports';
import { topologyRecords, type TopologyPlan } from '../../../../src-main/servers/vitess';

/** The messages as Vitess's topodata.proto and vschema.proto number their fields, as far as the records use them. */
const { root } = protobuf.parse(
  `
  syntax = "proto3"; package t;
  message Alias { string cell = 1; uint32 uid = 2; }
  message Range { bytes start = 1; bytes end = 2; }
  message Time { int64 seconds = 1; }
  message CellInfo { string server_address = 1; string root = 2; }
  message Keyspace { string durability_policy = 8; string sidecar_db_name = 10; }
  message Shard { Alias primary_alias = 1; Range key_range = 2; bool is_primary_serving = 7; Time primary_term_start_time = 8; }
  message Tablet { Alias alias = 1; string hostname = 2; map<string, int32> port_map = 4; string keyspace = 5; string shard = 6;
    Range key_range = 7; int32 type = 8; Time primary_term_start_time = 14; }
  message Ref { string name = 1; Range key_range = 2; }
  message Partition { int32 served_type = 1; repeated Ref shard_references = 2; }
  message SrvKeyspace { repeated Partition partitions = 1; }
  message VKeyspace { bool sharded = 1; }
  message SrvVSchema { map<string, VKeyspace> keyspaces = 1; }`,
  { keepCase: true },
);

const plan: TopologyPlan = {
  cell: 'zone1',
  server: '127.0.0.1:2379',
  keyspaces: [
    { name: 'commerce', shards: ['0'] },
    { name: 'split', shards: ['-80', '80-'] },
  ],
  primaries: [{ cell: 'zone1', uid: 100, keyspace: 'commerce', shard: '0', host: '127.0.0.1', grpcPort: 16100 }],
  withTablets: true,
  since: new Date('2026-01-01T00:00:00Z'),
};

const read = (records: ReturnType<typeof topologyRecords>, key: string, type: string): unknown => {
  const message = root.lookupType(`t.${type}`);
  const value = records.find((record) => record.key === key)?.value;
  if (value === undefined) throw new Error(`no ${key}`);
  return message.toObject(message.decode(value), { longs: Number, bytes: String });
};

describe('the records of a topology server', () => {
  const records = topologyRecords(plan);

  it('are those that vtgate and vttablet look for', () => {
    expect(read(records, '/vitess/global/cells/zone1/CellInfo', 'CellInfo')).toEqual({
      server_address: '127.0.0.1:2379',
      root: '/vitess/zone1',
    });
    expect(read(records, '/vitess/global/keyspaces/commerce/shards/0/Shard', 'Shard')).toEqual({
      primary_alias: { cell: 'zone1', uid: 100 },
      is_primary_serving: true,
      primary_term_start_time: { seconds: 1767225600 },
    });
    expect(read(records, '/vitess/zone1/tablets/zone1-0000000100/Tablet', 'Tablet')).toEqual({
      alias: { cell: 'zone1', uid: 100 },
      hostname: '127.0.0.1',
      port_map: { grpc: 16100 },
      keyspace: 'commerce',
      shard: '0',
      type: 1,
      primary_term_start_time: { seconds: 1767225600 },
    });
    expect(read(records, '/vitess/zone1/keyspaces/commerce/SrvKeyspace', 'SrvKeyspace')).toEqual({
      partitions: [1, 2, 3].map((served_type) => ({ served_type, shard_references: [{ name: '0' }] })),
    });
    expect(read(records, '/vitess/zone1/SrvVSchema', 'SrvVSchema')).toEqual({
      keyspaces: { commerce: {}, split: { sharded: true } },
    });
  });

  it('give each shard its range, and no primary to one that has none', () => {
    const low = read(records, '/vitess/global/keyspaces/split/shards/-80/Shard', 'Shard');
    expect(low).toMatchObject({ key_range: { end: 'gA==' } });
    expect(low).not.toHaveProperty('primary_alias');
    expect(read(records, '/vitess/global/keyspaces/split/shards/80-/Shard', 'Shard')).toMatchObject({
      key_range: { start: 'gA==' },
    });
  });

  it('leave tablets out that write their own', () => {
    const keys = topologyRecords({ ...plan, withTablets: false }).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith('/Tablet'))).toEqual([]);
  });
});

it.each([
  ['24.0.0', '24', '24.0-recorded'],
  ['24.0.0-SNAPSHOT', '24', '24.0-recorded'],
  ['24.0.3', '24', '24.0-recorded'],
  ['24.0.4', '24', '24.0.4'],
  ['24.1.0', '24', '24.0.4'],
  ['25.0.0-SNAPSHOT', '24', '24.0.4'],
  ['23.0.6', '23', '24.0-recorded'],
  ['23.0.7', '23', '24.0.4'],
  ['22.0.9', '22', '24.0-recorded'],
])('Vitess %s is exported for as %s and behaves as %s', (release, version, emulated) => {
  expect(emulationOf(release)).toEqual({ version, emulated });
});
it('a release before 22 is not known', () => expect(emulationOf('21.0.4')).toBeNull());
