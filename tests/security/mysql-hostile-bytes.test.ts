import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTlsAcceptor } from '../../src-main/servers/tls';
import { createPki } from '../support/tls-identities';
import {
  RawClient,
  defaultFlags,
  flagsPart,
  frame,
  loginPacket,
  parseGreeting,
} from '../support/mysql-wire/raw-client';
import { nativeReply } from '../support/mysql-wire/scramble';
import { readResult } from '../support/mysql-wire/seen-result';
import { loggedInClient, query, startServer, type RunningServer } from '../support/mysql-wire/start-server';
import { until } from '../support/mysql-wire/turns';

/** The attack: bytes that no client would send, on the port and inside a session. They may end their own connection only. */

const numRuns = Math.max(100, Math.round(Number(process.env['FUZZ_RUNS'] ?? 10_000) / 50));

let running: RunningServer;
let witness: RawClient;
beforeAll(async () => {
  const pki = createPki();
  const { cert, key } = pki.leaf({ name: 'gateway', purposes: ['serverAuth'] });
  running = await startServer({ tls: createTlsAcceptor({ cert, key }), handshakeTimeoutMs: 400 });
  witness = await loggedInClient({ port: running.port });
});
afterAll(async () => {
  witness.close();
  await running.stop();
});

/** A client that was there before and one that comes after are served. */
async function stillServes(): Promise<void> {
  witness.send(0, query("select 'still here'"));
  expect(await readResult(witness, true)).toMatchObject({ rows: [Buffer.from('\x0astill here')] });
  (await loggedInClient({ port: running.port })).close();
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
const changes = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 255 })), { maxLength: 5 });
const mutate = (seed: Buffer, edits: readonly (readonly [number, number])[]): Buffer => {
  const copy = Buffer.from(seed);
  for (const [at, byte] of edits) copy[at % copy.length] = byte;
  return copy;
};

describe('hostile bytes', () => {
  it('instead of a login', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (hostile) => {
        const client = await RawClient.connect({ port: running.port });
        client.socket.end(hostile);
        await client.readToEnd();
        client.close();
      }),
      { numRuns },
    );
    await stillServes();
  });

  it('in a login packet, an SSLRequest and what follows', async () => {
    const ssl = fc.boolean();
    await fc.assert(
      fc.asyncProperty(changes, changes, ssl, async (first, second, request) => {
        const client = await RawClient.connect({ port: running.port });
        const { salt } = parseGreeting((await client.expect()).payload);
        const login = loginPacket({
          flags: defaultFlags | 0x100008,
          user: 'alice',
          reply: nativeReply('pw1', salt),
          plugin: 'mysql_native_password',
          database: 'commerce',
          attributes: [['a', 'b']],
        });
        const opening = request ? frame(1, flagsPart(defaultFlags | 0x800)) : Buffer.alloc(0);
        const train = Buffer.concat([opening, frame(1, login), frame(0, query('select 1')), frame(0, Buffer.of(1))]);
        client.socket.end(mutate(mutate(train, first), second));
        await client.readToEnd();
        client.close();
      }),
      { numRuns },
    );
    await stillServes();
  });

  it('inside a session', async () => {
    const commands = [
      query('select 1'),
      Buffer.concat([Buffer.of(0x16), Buffer.from('select ?, ?')]),
      Buffer.from('1701000000000100000000010300fd000500000001 61'.replace(/ /g, ''), 'hex'),
      Buffer.from('18010000000000616263', 'hex'),
      Buffer.from('1a01000000', 'hex'),
      Buffer.from('1901000000', 'hex'),
      Buffer.from('1b0000', 'hex'),
      Buffer.from('02636f6d6d65726365', 'hex'),
    ];
    const train = fc
      .array(fc.tuple(fc.constantFrom(...commands), changes), { minLength: 1, maxLength: 6 })
      .map((list) => Buffer.concat(list.map(([command, edits]) => frame(0, mutate(command, edits)))));
    await fc.assert(
      fc.asyncProperty(fc.oneof(train, bytes), changes, async (hostile, edits) => {
        const client = await loggedInClient({ port: running.port });
        client.socket.end(hostile.length === 0 ? hostile : mutate(hostile, edits));
        await client.readToEnd();
        client.close();
      }),
      { numRuns },
    );
    await stillServes();
  });

  it('leave no connection and no session behind', async () => {
    await until(() => running.server.openConnections === 1);
    const left = running.sessions.filter(({ calls }) => calls.at(-1) !== 'close');
    expect(left.length).toBe(1);
  });
});
