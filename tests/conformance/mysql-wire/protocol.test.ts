import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTlsAcceptor } from '../../../src-main/servers/tls';
import { createPki } from '../../support/tls-identities';
import {
  RawClient,
  defaultFlags,
  flagNumbers,
  flagsPart,
  loginPacket,
  parseError,
  parseGreeting,
} from '../../support/mysql-wire/raw-client';
import { typeNumbers } from '../../support/mysql-wire/recorded-names';
import {
  columnOf,
  okOf,
  playResult,
  rowsOf,
  textOf,
  throwRecorded,
  type Got,
  type RecordedCase,
  type RecordedRow,
  type Step,
  type Text,
} from '../../support/mysql-wire/recorded-protocol';
import { nativeReply } from '../../support/mysql-wire/scramble';
import {
  readPrepared,
  readResult,
  readResults,
  type seenColumn,
  seenOk,
  type Seen,
} from '../../support/mysql-wire/seen-result';
import { startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { staticPolicy, type Users } from '../../support/mysql-wire/stub-policy';
import { autocommit, type StubAnswers } from '../../support/mysql-wire/stub-session';

/**
 * Plays the recorded sessions through the wire layer: a session that answers as vtgate did behind it, a client that reads
 * packets by code of its own before it.
 */

const recording = JSON.parse(readFileSync(new URL('../recorded/mysql-protocol.json', import.meta.url), 'utf8')) as {
  readonly users: Users;
  readonly cases: readonly RecordedCase[];
};

/** Errors that the wire layer gives by itself, without asking the session. */
const ownErrors = /^(command handling|statement ID is not found|decoding parameter value failed)/;

let current: Step | null = null;
let seenSql = '';
let sessionCalls = 0;

/** vtgate writes VECTOR values of binary rows without their length, which no client can read; lengths are written here. */
const isUnreadable = (step: Step): boolean =>
  step.do[0] === 'execute' && (step.got.columns ?? []).some((column) => 'db' in column && column.type === 'VECTOR');

const answers: StubAnswers = {
  query: async (sql, out) => {
    seenSql = sql;
    sessionCalls += 1;
    await playResult(current!.got, out);
  },
  execute: async (sql, _parameters, out) => {
    seenSql = sql;
    sessionCalls += 1;
    await playResult(current!.got, out);
  },
  prepare: async (sql) => {
    seenSql = sql;
    const { err, prepared, columnDefs = [] } = current!.got;
    if (err !== undefined) throwRecorded(err);
    return { parameterCount: prepared!.params, columns: columnDefs.map(columnOf) };
  },
  initDb: async (database) => {
    if (current?.got.err !== undefined) throwRecorded(current.got.err);
    if (current === null && /^(nosuch|COMMERCE)$/.test(database)) {
      throwRecorded({ errno: 1049, sqlstate: '42000', message: `VT05003: unknown database '${database}' in vschema` });
    }
    return current?.got.ok === undefined ? autocommit : okOf(current.got.ok);
  },
};

const fidelity = { mode: 'vitess', version: '24.0-recorded' } as const;
let servers: Record<'tcp' | 'unix', RunningServer>;
beforeAll(async () => {
  const pki = createPki();
  const { cert, key } = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
  const options = { login: staticPolicy(recording.users).policy, fidelity, on: answers };
  servers = {
    tcp: await startServer({ ...options, tls: createTlsAcceptor({ cert, key }) }),
    unix: await startServer({ ...options, unix: true }),
  };
});
afterAll(() => Promise.all([servers.tcp.stop(), servers.unix.stop()]));

interface Client {
  readonly raw: RawClient;
  readonly connectionId: number;
  readonly deprecateEof: boolean;
  readonly login: Seen;
}

async function logIn({ connect = {} }: RecordedCase): Promise<Client> {
  const via = connect.via ?? 'tcp';
  const raw = await RawClient.connect(via === 'unix' ? { path: servers.unix.socketPath } : { port: servers.tcp.port });
  const greeting = parseGreeting((await raw.expect()).payload);
  const database = connect.database === undefined ? 'commerce' : connect.database;
  let flags = defaultFlags | (database === null ? 0 : flagNumbers['CONNECT_WITH_DB']!);
  if (via === 'tls') flags |= flagNumbers['SSL']!;
  for (const name of connect.addCapabilities ?? []) flags |= flagNumbers[name]!;
  for (const name of connect.dropCapabilities ?? []) flags &= ~flagNumbers[name]!;
  let sequence = 1;
  if (via === 'tls') {
    raw.send(sequence++, flagsPart(flags));
    await raw.startTls();
  }
  const password = connect.password ?? 'pw1';
  const reply =
    connect.authHex === undefined ? nativeReply(password, greeting.salt) : Buffer.from(connect.authHex, 'hex');
  const { charset = 45, user = 'alice', plugin = 'mysql_native_password' } = connect;
  raw.send(sequence, loginPacket({ flags, charset, user, reply, plugin, database: database ?? '' }));
  const deprecateEof = (flags & flagNumbers['DEPRECATE_EOF']!) !== 0;
  const done = (login: Seen): Client => ({ raw, connectionId: greeting.connectionId, deprecateEof, login });
  for (;;) {
    const answer = await raw.read();
    if (answer === null) return done({ closed: true });
    if (answer.payload[0] === 0xff) return done({ err: parseError(answer.payload) });
    if (answer.payload[0] === 0x00) return done({ ok: seenOk(answer.payload) });
    const end = answer.payload.indexOf(0, 1);
    expect(answer.payload.toString('latin1', 1, end)).toBe('mysql_native_password');
    raw.send(answer.sequence + 1, nativeReply(password, answer.payload.subarray(end + 1, end + 21)));
  }
}

type Param = readonly [string, (string | number | { readonly hex: string })?, string?];

function encodeParam([name, value]: Param): Buffer {
  const number = Number(value);
  const buffer = Buffer.alloc(8);
  switch (name) {
    case 'LONG':
    case 'INT24':
      buffer.writeInt32LE(number);
      return buffer.subarray(0, 4);
    case 'LONGLONG':
      buffer.writeBigInt64LE(BigInt(number));
      return buffer;
    case 'DOUBLE':
      buffer.writeDoubleLE(number);
      return buffer;
    default: {
      const bytes = typeof value === 'object' ? Buffer.from(value.hex, 'hex') : Buffer.from(String(value));
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }
  }
}

function executePayload(id: number, params: readonly Param[], options: { sendTypes?: boolean; long?: number[] } = {}) {
  const head = Buffer.alloc(10);
  head[0] = 0x17;
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(1, 6);
  if (params.length === 0) return head;
  const nulls = Buffer.alloc((params.length + 7) >> 3);
  params.forEach(([name], index) => {
    if (name === 'NULL') nulls[index >> 3]! |= 1 << (index & 7);
  });
  const types = params.flatMap(([name, , sign]) => [typeNumbers[name]!, sign === 'UNSIGNED' ? 0x80 : 0]);
  const values = params.map((param, index) =>
    param[0] === 'NULL' || options.long?.includes(index) ? Buffer.alloc(0) : encodeParam(param),
  );
  const bound = options.sendTypes === false ? Buffer.of(0) : Buffer.from([1, ...types]);
  return Buffer.concat([head, nulls, bound, ...values]);
}

const command = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer => Buffer.concat([Buffer.of(code), rest]);
const u32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
};

const recordedColumns = (columns: Got['columns']) =>
  (columns ?? []).map((column) => {
    const { schema, table, orgTable, name, orgName, charset, columnLength } = columnOf(column);
    const list = 'db' in column ? [column.type, column.flags] : [column[5], column[8]];
    const decimals = columnOf(column).decimals;
    const flags = [...(list[1] as readonly string[])].sort();
    return [schema, table, orgTable, name, orgName, list[0], charset, columnLength, flags, decimals];
  });

const packetHexes = (columns: Got['columns']) =>
  (columns ?? []).map((column) => ('db' in column ? column.packetHex : undefined));

function sameColumns(seen: readonly ReturnType<typeof seenColumn>[], recorded: Got['columns']): void {
  expect(seen.map((column) => column.seen)).toEqual(recordedColumns(recorded));
  packetHexes(recorded).forEach((hex, index) => {
    if (hex !== undefined) expect(seen[index]!.hex).toBe(hex);
  });
}

const sameOk = (seen: object, recorded: NonNullable<Got['ok']>, more: boolean): void => {
  const insertId = 'insertId' in seen ? { insertId: BigInt(recorded.insertId ?? 0) } : {};
  expect(recorded.status.includes('MORE_RESULTS_EXISTS')).toBe(more);
  expect({ ...seen, status: [...(seen as { status: string[] }).status].sort() }).toEqual({
    ...recorded,
    ...insertId,
    status: [...recorded.status].sort(),
  });
};

function sameResult(seen: Seen, got: Got, client: Client, more: boolean): void {
  if (got.connectionClosed === true) return void expect(seen).toEqual({ closed: true });
  if (got.err !== undefined) {
    const message = got.err.message.replace('{id}', String(client.connectionId));
    return void expect(seen).toEqual({ err: { ...got.err, message } });
  }
  if (got.ok !== undefined) return sameOk((seen as { ok: object }).ok, got.ok, more);
  if (!('rows' in seen)) throw new Error(`no result set: ${JSON.stringify(seen)}`);
  sameColumns(seen.columns, got.columns);
  expect(seen.endAs).toBe(got.endAs);
  sameOk(seen.end, got.end!, more);
  if (got.eofAfterColumns !== undefined) sameOk(seen.eofAfterColumns!, got.eofAfterColumns, false);
  const rows = rowsOf(got);
  expect(seen.rows.length).toBe(rows.length);
  rows.forEach((row, index) => {
    if ('packetHex' in row) expect(seen.rows[index]!.toString('hex')).toBe(row.packetHex);
    else expect(seen.rows[index]!.toString('hex')).toBe(textRowHex(row));
  });
}

/** A text row of the recording as bytes, by hand. */
function textRowHex(row: Exclude<RecordedRow, { packetHex: string }>): string {
  const values =
    'valuesHex' in row
      ? row.valuesHex.map((hex) => (hex === null ? null : Buffer.from(hex, 'hex')))
      : row.map((value) => {
          if (value === null || typeof value === 'string') return value === null ? null : Buffer.from(value);
          return value.hex === undefined ? Buffer.from('any') : Buffer.from(value.hex, 'hex');
        });
  return values
    .map((value) => {
      if (value === null) return 'fb';
      const length = Buffer.alloc(9);
      length.writeUInt32LE(value.length, 1);
      if (value.length < 251) return Buffer.of(value.length).toString('hex') + value.toString('hex');
      length[0] = 0xfc;
      return length.subarray(0, 3).toString('hex') + value.toString('hex');
    })
    .join('');
}

async function playStep(step: Step, client: Client, state: { statement: number }): Promise<void> {
  const [operation, argument, more] = step.do;
  const { raw, deprecateEof } = client;
  const { got } = step;
  current = step;
  const callsBefore = sessionCalls;
  const compareAll = async (): Promise<void> => {
    const expected = got.results ?? [got];
    const seen = await readResults(raw, deprecateEof);
    expect(seen.length).toBe(expected.length);
    seen.forEach((one, index) => sameResult(one, expected[index]!, client, index < seen.length - 1));
  };
  switch (operation) {
    case 'query': {
      const sql = textOf(argument as Text);
      sendLong(raw, command(3, sql));
      await compareAll();
      expect(Buffer.byteLength(seenSql)).toBe(sql.length);
      break;
    }
    case 'init':
      raw.send(0, command(2, textOf(argument as Text)));
      await compareAll();
      break;
    case 'com':
      raw.send(0, command(argument as number, more === undefined ? undefined : textOf(more as Text)));
      sameResult(await readResult(raw, deprecateEof), got, client, false);
      break;
    case 'com-noreply':
      raw.send(0, command(argument as number, textOf(more as Text)));
      break;
    case 'change-user':
      raw.send(0, command(0x11, Buffer.from('alice\0')));
      await compareAll();
      break;
    case 'reset-connection':
      raw.send(0, command(0x1f));
      await compareAll();
      break;
    case 'ping':
      raw.send(0, command(0x0e));
      expect(await readResult(raw, deprecateEof)).toMatchObject({ ok: { status: ['AUTOCOMMIT'] } });
      break;
    case 'prepare': {
      raw.send(0, command(0x16, textOf(argument as Text)));
      const seen = await readPrepared(raw, deprecateEof);
      state.statement = 0;
      if (!('statementId' in seen)) {
        sameResult(seen, got, client, false);
        break;
      }
      expect({ id: seen.statementId, params: seen.params, columns: seen.columns }).toEqual({
        id: got.prepared!.statementId,
        params: got.prepared!.params,
        columns: got.prepared!.columns,
      });
      sameColumns(seen.paramDefs, got.paramDefs);
      sameColumns(seen.columnDefs, got.columnDefs);
      expect(seen.eofs).toBe([got.eofAfterParams, got.eofAfterColumns].filter((eof) => eof !== undefined).length);
      state.statement = seen.statementId;
      break;
    }
    case 'execute':
      if (got.skipped !== undefined || isUnreadable(step)) break;
      raw.send(0, executePayload(state.statement, argument as readonly Param[], more ?? {}));
      await compareAll();
      break;
    case 'execute-id':
      raw.send(0, executePayload(argument as number, []));
      await compareAll();
      break;
    case 'longdata': {
      const parameter = Buffer.alloc(2);
      parameter.writeUInt16LE(argument as number);
      const data = textOf(more as Text);
      raw.send(0, command(0x18, Buffer.concat([u32(state.statement), parameter, data])));
      break;
    }
    case 'reset-stmt':
      raw.send(0, command(0x1a, u32(state.statement)));
      await compareAll();
      break;
    case 'close-stmt':
      raw.send(0, command(0x19, u32(state.statement)));
      break;
    default:
      throw new Error(`unknown step ${operation}`);
  }
  if (ownErrors.test(got.err?.message ?? '')) expect(sessionCalls).toBe(callsBefore);
  for (const extra of got.extraPackets ?? []) {
    if (extra.connectionClosed === true) expect(await raw.read()).toBeNull();
    else sameResult(await readResult(raw, deprecateEof), { err: extra.err! }, client, false);
  }
}

/** Payloads of 16 MiB - 1 and more go in several frames. */
function sendLong(raw: RawClient, payload: Buffer): void {
  const most = 0xffffff;
  for (let sequence = 0; ; sequence += 1) {
    const part = payload.subarray(sequence * most, (sequence + 1) * most);
    raw.send(sequence & 0xff, part);
    if (part.length < most) return;
  }
}

const groups = [...new Set(recording.cases.map(({ group }) => group))];

describe.each(groups)('recorded sessions: %s', (group) => {
  const cases = recording.cases.filter((one) => one.group === group);
  it.each(cases.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    current = null;
    const client = await logIn(one);
    try {
      sameResult(
        client.login,
        one.login ?? { ok: { affectedRows: 0, insertId: 0, status: ['AUTOCOMMIT'], warnings: 0 } },
        client,
        false,
      );
      const state = { statement: 0 };
      for (const step of one.steps ?? []) {
        await playStep(step, client, state);
        if (step.got.connectionClosed === true) return;
      }
      if (one.pingAfter === undefined) return;
      client.raw.send(0, command(0x0e));
      const pong = await readResult(client.raw, client.deprecateEof);
      expect('ok' in pong ? 'ok' : 'closed').toBe(one.pingAfter);
    } finally {
      client.raw.close();
    }
  });
});
