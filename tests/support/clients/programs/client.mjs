// A client of Node: `node client.mjs DRIVER`, driven over stdin and stdout as ../README.md says.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual, promisify } from 'node:util';

const driver = process.argv[2];
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);
const say = (fact) => process.stdout.write(`${JSON.stringify(fact)}\n`);

/** What this client has no way to do, in words for the table. */
class Cannot extends Error {}

const text = (path) => (path === null ? undefined : readFileSync(path, 'utf8'));
const basics = (way) => ({
  ...(way.socket === null ? { host: way.host, port: way.port } : { socketPath: way.socket }),
  user: way.user,
  password: way.password,
  database: way.database,
  ...(way.tls === null
    ? {}
    : {
        ssl: {
          ca: text(way.tls.ca),
          cert: text(way.tls.cert),
          key: text(way.tls.key),
          rejectUnauthorized: true,
          verifyIdentity: true,
        },
      }),
});
const exact = {
  charset: 'utf8mb4',
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  jsonStrings: true,
};

/** Each driver: connect(way) gives { rows(sql, parameters, prepared), id(), end() }; rows are lists of values. */
const drivers = {
  async mysql2() {
    const { default: mysql } = await import('mysql2/promise');
    return async (way) => {
      const connection = await mysql.createConnection({
        ...basics(way),
        ...exact,
        enableCleartextPlugin: way.method === 'mysql_clear_password',
      });
      connection.on('error', () => undefined);
      return {
        rows: async (sql, values, prepared) =>
          (await connection[prepared ? 'execute' : 'query']({ sql, rowsAsArray: true }, values))[0],
        end: () => connection.end(),
      };
    };
  },
  async mariadb() {
    const { default: mariadb } = await import('mariadb');
    return async (way) => {
      const connection = await mariadb.createConnection({
        ...basics(way),
        jsonStrings: true,
        bigIntAsNumber: false,
        decimalAsNumber: false,
        dateStrings: true,
        rowsAsArray: true,
        connectTimeout: 5000,
        maxAllowedPacket: 64 << 20,
        typeCast: (column, next) => (column.name() === 'c_point' ? column.buffer() : next()),
      });
      connection.on('error', () => undefined);
      return {
        rows: (sql, values, prepared) => connection[prepared ? 'execute' : 'query'](sql, values),
        end: () => connection.end(),
      };
    };
  },
  async mysql() {
    const { default: mysql } = await import('mysql');
    return async (way) => {
      // It has no caching_sha2_password: beside a server that knows nothing else, its successor speaks.
      if (way.method === 'caching_sha2_password' && way.direct) return (await drivers.mysql2())(way);
      const connection = mysql.createConnection({ ...basics(way), ...exact });
      connection.on('error', () => undefined);
      await promisify(connection.connect.bind(connection))();
      return {
        rows: async (sql, values, prepared) => {
          if (prepared) throw new Cannot('no prepared statements of the protocol in this driver');
          const rows = await promisify(connection.query.bind(connection))({ sql, values });
          return Array.isArray(rows) ? rows.map((row) => Object.values(row)) : rows;
        },
        end: () => promisify(connection.end.bind(connection))(),
      };
    };
  },
};
const connect = await drivers[driver]();

const told = ({ errno, sqlState, sqlMessage, message }) => ({
  errno: errno ?? 0,
  sqlState: sqlState ?? null,
  message: sqlMessage ?? message,
});
const plain = (value) => (value === null ? null : Buffer.isBuffer(value) ? value.toString() : String(value));
const failure = async (c, sql) => {
  try {
    await c.rows(sql);
    return null;
  } catch (error) {
    return told(error);
  }
};
const written = (value) =>
  Buffer.isBuffer(value)
    ? `buffer ${value.toString('hex')}`
    : `${typeof value} ${JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))}`;

async function parameters(c, { base, bodies }, prepared) {
  for (const [at, body] of bodies.entries())
    await c.rows('insert into notes (id, body) values (?, ?)', [base + at, body], prepared);
  const back = [];
  for (const at of bodies.keys())
    back.push(plain((await c.rows('select body from notes where id = ?', [base + at], prepared))[0][0]));
  return back;
}

async function types(c, plan, prepared) {
  const direct = await connect({ ...plan.direct, direct: true });
  const ours = await c.rows(plan.types, undefined, prepared);
  const theirs = await direct.rows(plan.types, undefined, prepared);
  // The old driver keeps the zeros of ZEROFILL, its successor does not; who asked MySQL itself may be the successor.
  if (driver === 'mysql')
    ours.forEach((row) => row.forEach((value, x) => (row[x] = /^0\d+$/.test(value) ? Number(value) : value)));
  await direct.end();
  if (ours.length !== theirs.length) return [`${ours.length} rows for ${theirs.length}`];
  return ours.flatMap((row, y) =>
    row.flatMap((value, x) =>
      isDeepStrictEqual(written(value), written(theirs[y][x]))
        ? []
        : [`${written(value).slice(0, 80)} for ${written(theirs[y][x]).slice(0, 80)}`],
    ),
  );
}

const checks = {
  text: async (c, plan) => (await c.rows(plan.text))[0].map(plain),
  parameters: (c, plan) => parameters(c, plan, false),
  prepared: (c, plan) => parameters(c, { ...plan, base: plan.base + 10 }, true),
  types: (c, plan) => types(c, plan, false),
  'types, prepared': (c, plan) => types(c, plan, true),
  errors: async (c, plan) => {
    const seen = [];
    for (const sql of plan.errors) seen.push(await failure(c, sql));
    return [...seen, plain((await c.rows('select 1'))[0][0])];
  },
  big: async (c, plan) => {
    const value = '0123456789abcdef'.repeat(plan.big / 16);
    await c.rows('insert into large (id, body) values (?, ?)', [plan.base, value]);
    const back = (await c.rows('select body from large where id = ?', [plan.base]))[0][0];
    const over = 'x'.repeat(plan.overPacket);
    return {
      same: plain(back) === value,
      overPacket: await failure(c, `insert into large (id, body) values (0, '${over}')`),
      tooBig: await failure(c, plan.tooBig),
    };
  },
  cancel: async (c, plan) => {
    const id = Number((await c.rows('select connection_id()'))[0][0]);
    if (plan.cancel === null) return failure(c, `kill query ${id}`);
    say({ event: 'sleeping', id });
    const seen = await failure(c, plan.cancel);
    return { seen, after: plain((await c.rows('select 1'))[0][0]) };
  },
  reconnect: async (c, plan) => {
    say({ event: 'cut' });
    const lost = await failure(c, plan.cut);
    await heard();
    const again = await connect(plan.way);
    const after = plain((await again.rows('select 1'))[0][0]);
    await again.end();
    return { lost, after };
  },
};

const plan = await heard();
const attempt = async (fact, work) => {
  try {
    say({ ...fact, got: await work() });
  } catch (error) {
    say({ ...fact, ...(error instanceof Cannot ? { cannot: error.message } : { error: told(error) }) });
  }
};
for (const way of plan.ways)
  await attempt({ login: way.name }, async () => {
    const c = await connect(way);
    const who = plain((await c.rows('select user()'))[0][0]);
    await c.end();
    return who;
  });
if (plan.checks !== null) {
  for (const [name, check] of Object.entries(checks))
    await attempt({ check: name }, async () => check(await connect(plan.checks.way), plan.checks));
}
process.exit(0);
