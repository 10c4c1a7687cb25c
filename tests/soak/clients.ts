import fc from 'fast-check';
import { createConnection } from 'mysql2/promise';
import { createGrpcClient, queryMethods, vitessMethods } from '../../src-main/servers/rpc';
import { gatewayCalls, tabletCalls } from '../support/fuzz/calls';
import { conversationBytes, conversations, playConversation } from '../support/fuzz/http2-session';
import {
  mutatedSession,
  packetMutation,
  playSession,
  recordSession,
  withReply,
  type SentPacket,
} from '../support/fuzz/mysql-session';
import { password } from '../support/fuzz/target';

/** Where the soaked process listens. */
export interface Ports {
  readonly mysql: readonly [number, number];
  readonly gateway: number;
  readonly tablet: number;
}

/** One thing that a client does, over and over; throws when a good client is not served. */
export interface SoakClient {
  readonly name: string;
  readonly play: () => Promise<void>;
}

const right = [
  ['username', 'alice'],
  ['password', password],
] as const;
const metadata = new Map(right.map(([name, value]) => [name, [value]]));
const one = <Value>(values: fc.Arbitrary<Value>): Value => fc.sample(values, 1)[0]!;
const demand = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

/** Good and hostile clients of every listener. */
export async function soakClients(ports: Ports): Promise<SoakClient[]> {
  const login = { host: '127.0.0.1', user: 'alice', password, database: 'commerce' };
  const port = (): number => ports.mysql[Math.random() < 0.5 ? 0 : 1];
  const session: SentPacket[] = await recordSession(ports.mysql[0], 'alice', password, ['select id, name from goods']);
  const mutations = fc.array(fc.tuple(fc.nat(30), packetMutation), { minLength: 1, maxLength: 4 });
  const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 });
  const stays = await createConnection({ ...login, port: ports.mysql[1] });
  const calls = createGrpcClient({ host: '127.0.0.1', port: ports.tablet });
  const asks = createGrpcClient({ host: '127.0.0.1', port: ports.gateway });
  const target = { keyspace: 'commerce', shard: '0', tabletType: 1 };

  const hostileGrpc = (port: number, made: typeof tabletCalls) => {
    const [known, unknown] = [made(right, false), made([], true)];
    return async () => {
      const conversation = one(conversations);
      const bytes = conversationBytes(conversation.right ? known : unknown, conversation);
      await playConversation(port, bytes, conversation.pieces, 20_000);
    };
  };

  return [
    {
      name: 'comes, asks and goes',
      play: async () => {
        const connection = await createConnection({ ...login, port: port() });
        const [rows] = await connection.execute('select name from goods where id = ?', [2]);
        demand(JSON.stringify(rows) === '[{"name":"plate"}]', 'a new client got the wrong rows');
        await connection.end();
      },
    },
    {
      name: 'stays and asks',
      play: async () => {
        const text = `select name, ${Math.floor(Math.random() * 1e9)} as n from goods where id = 1`;
        demand(((await stays.query(text))[0] as unknown[]).length === 1, 'a client that stays got the wrong rows');
        // Hostile callers with a password begin transactions and leave, as many as the pool holds; so it is in Vitess too.
        await stays.query('begin');
        await stays.query(`update goods set name = 'cup' where id = 1`).catch((error: Error) => {
          if (!error.message.includes('transaction pool connection limit exceeded')) throw error;
        });
        await stays.query('rollback');
        await stays.query(`nonsense`).catch(() => undefined);
      },
    },
    {
      name: 'leaves while it is served',
      play: async () => {
        const connection = await createConnection({ ...login, port: port() });
        connection.on('error', () => undefined);
        const asked = connection.query('select sleep(5) from goods').catch(() => undefined);
        connection.destroy();
        await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 50))]);
      },
    },
    {
      name: 'has the wrong password',
      play: async () => {
        const refused = await createConnection({ ...login, password: 'wrong', port: port() }).then(
          () => false,
          () => true,
        );
        demand(refused, 'a wrong password was let in');
      },
    },
    {
      name: 'sends changed packets',
      play: async () => {
        const [changed, parts] = [one(mutations), one(pieces)];
        const make = (salt: Buffer): Buffer => {
          const [first, ...rest] = session;
          return mutatedSession([{ ...first!, payload: withReply(first!.payload, password, salt) }, ...rest], changed);
        };
        await playSession(port(), make, parts, 20_000);
      },
    },
    {
      name: 'calls the tablet',
      play: async () => {
        const query = { sql: 'select id from goods' };
        const { result } = await calls.unary(queryMethods.Execute, { target, query }, { metadata });
        demand(result?.rows?.length === 3, 'a call to the tablet got the wrong rows');
      },
    },
    {
      name: 'calls the gateway',
      play: async () => {
        const query = { sql: 'select id from goods' };
        const asked = { session: { autocommit: true, targetString: 'commerce' }, query };
        const { result, error } = await asks.unary(vitessMethods.Execute, asked, { metadata });
        demand(result?.rows?.length === 3, `a call to the gateway got no rows: ${error?.message}`);
      },
    },
    { name: 'sends changed calls to the tablet', play: hostileGrpc(ports.tablet, tabletCalls) },
    { name: 'sends changed calls to the gateway', play: hostileGrpc(ports.gateway, gatewayCalls) },
  ];
}
