import protobuf from 'protobufjs/minimal.js';

/** A tablet as the topology knows it. */
export interface TopologyTablet {
  readonly cell: string;
  readonly uid: number;
  readonly keyspace: string;
  readonly shard: string;
  /** Where others reach it. */
  readonly host: string;
  readonly grpcPort: number;
}

export interface TopologyPlan {
  readonly cell: string;
  /** Address of the topology server, which is the cell's too. */
  readonly server: string;
  readonly keyspaces: readonly { readonly name: string; readonly shards: readonly string[] }[];
  /** The primary of each shard. */
  readonly primaries: readonly TopologyTablet[];
  /**
   * Whether the primaries have a record: vttablet writes its own and becomes primary because the shard names it; a tablet
   * that writes none needs one.
   */
  readonly withTablets: boolean;
  /** When the primaries began to be that. */
  readonly since: Date;
}

/** One record: a key of the topology server and its value, a protobuf message. */
export interface TopologyRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Folder of the global topology; that of a cell lies beside it. */
export const GLOBAL_ROOT = '/vitess/global';
const cellRoot = (cell: string): string => `/vitess/${cell}`;

const PRIMARY = 1;
const REPLICA = 2;
const RDONLY = 3;

/** Writes fields in the order given; what is empty is left out, as proto3 does. */
type Field =
  | readonly [number, string]
  | readonly [number, Uint8Array]
  | readonly [number, { readonly varint: number }]
  /** Written even when it is empty. */
  | readonly [number, { readonly message: Uint8Array }];

function message(...fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [number, value] of fields) {
    if (typeof value === 'string') {
      if (value !== '') writer.uint32((number << 3) | 2).string(value);
    } else if (value instanceof Uint8Array) {
      if (value.length > 0) writer.uint32((number << 3) | 2).bytes(value);
    } else if ('message' in value) writer.uint32((number << 3) | 2).bytes(value.message);
    else if (value.varint !== 0) writer.uint32(number << 3).int64(value.varint);
  }
  return writer.finish();
}

const alias = ({ cell, uid }: TopologyTablet): Uint8Array => message([1, cell], [2, { varint: uid }]);

/** A key range in the shard's own name: `-80`, `80-`, `40-80`; every other name has none. */
function keyRange(shard: string): Uint8Array {
  const parts = /^([0-9a-f]*)-([0-9a-f]*)$/.exec(shard);
  if (parts === null) return new Uint8Array();
  return message([1, Buffer.from(parts[1] ?? '', 'hex')], [2, Buffer.from(parts[2] ?? '', 'hex')]);
}

const srvKeyspace = (shards: readonly string[]): Uint8Array =>
  message(
    ...[PRIMARY, REPLICA, RDONLY].map((type): Field => [
      1,
      {
        message: message(
          [1, { varint: type }],
          ...shards.map((shard): Field => [2, { message: message([1, shard], [2, keyRange(shard)]) }]),
        ),
      },
    ]),
  );

/** topodata.Tablet of a primary. */
const tabletRecord = (tablet: TopologyTablet, since: Uint8Array): Uint8Array =>
  message(
    [1, alias(tablet)],
    [2, tablet.host],
    [4, { message: message([1, 'grpc'], [2, { varint: tablet.grpcPort }]) }],
    [5, tablet.keyspace],
    [6, tablet.shard],
    [7, keyRange(tablet.shard)],
    [8, { varint: PRIMARY }],
    [14, since],
  );

/**
 * The records that vtgate and vttablet need of a topology server to serve unsharded and sharded keyspaces with one primary
 * a shard and no VSchema of its own: cell, keyspaces, shards, what each cell serves, an empty VSchema (messages and keys as
 * measured, healthstream.json; field numbers of Vitess's topodata.proto and vschema.proto).
 */
export function topologyRecords(plan: TopologyPlan): TopologyRecord[] {
  const { cell, keyspaces, primaries } = plan;
  const local = cellRoot(cell);
  const since = message([1, { varint: Math.floor(plan.since.getTime() / 1000) }]);
  const records: TopologyRecord[] = [
    { key: `${GLOBAL_ROOT}/cells/${cell}/CellInfo`, value: message([1, plan.server], [2, local]) },
  ];
  for (const { name, shards } of keyspaces) {
    records.push({ key: `${GLOBAL_ROOT}/keyspaces/${name}/Keyspace`, value: message([8, 'none'], [10, '_vt']) });
    for (const shard of shards) {
      const primary = primaries.find((tablet) => tablet.keyspace === name && tablet.shard === shard);
      const named: Field[] = primary === undefined ? [] : [[1, { message: alias(primary) }]];
      records.push({
        key: `${GLOBAL_ROOT}/keyspaces/${name}/shards/${shard}/Shard`,
        value: message(...named, [2, keyRange(shard)], [7, { varint: 1 }], [8, since]),
      });
    }
    records.push(
      { key: `${local}/keyspaces/${name}/SrvKeyspace`, value: srvKeyspace(shards) },
      { key: `${GLOBAL_ROOT}/keyspaces/${name}/VSchema`, value: message([1, { varint: shards.length > 1 ? 1 : 0 }]) },
    );
  }
  if (plan.withTablets)
    for (const tablet of primaries)
      records.push({
        key: `${local}/tablets/${tablet.cell}-${String(tablet.uid).padStart(10, '0')}/Tablet`,
        value: tabletRecord(tablet, since),
      });
  const served = keyspaces.map(({ name, shards }): Field => {
    const keyspace = message([1, { varint: shards.length > 1 ? 1 : 0 }]);
    return [1, { message: message([1, name], [2, { message: keyspace }]) }];
  });
  records.push({ key: `${local}/SrvVSchema`, value: message(...served) });
  return records;
}
