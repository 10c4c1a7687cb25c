import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable, writeTable, type ClientRow } from '../support/clients/client-table';
import { startGround, type Ground } from '../support/clients/ground';
import type { ClientAnswer, ClientError, ClientEvents, ClientReport } from '../support/clients/plan';
import { makeTrustStore, testClients, type Play, type TestClient } from '../support/clients/test-clients';
import { installedPrograms } from '../wire/backend/backend-fixture';

/**
 * Foreign clients, each driven by a program of its own language: every transport and method, and over one of them
 * everything else that its users do. What was seen is the table in README.md (UPDATE_CLIENT_TABLE=1 writes it).
 */
const programs = await installedPrograms();
const program = programs.find(({ vendor }) => vendor === 'MySQL') ?? programs[0];
const looked: { client: TestClient; index: number; play: Play | null; missing: string }[] = [];
for (const [index, client] of testClients.entries()) {
  const found = await client.find();
  const missing = program === undefined ? 'no MySQL here' : 'missing' in found ? found.missing : '';
  looked.push({ client, index, play: 'missing' in found ? null : found, missing });
  if (missing !== '') console.warn(`not run: ${client.name}: ${missing}`);
}
const here = looked.flatMap(({ client, index, play }) =>
  play === null || program === undefined ? [] : [{ name: client.name, client, index, play }],
);

/** Columns of the table: a transport and a method, and the modes in which both are offered. */
const columns = [
  { transport: 'plain', method: 'mysql_native_password', modes: ['vitess', 'hardened'] },
  { transport: 'TLS', method: 'mysql_native_password', modes: ['vitess'] },
  { transport: 'TLS', method: 'caching_sha2_password', modes: ['hardened'] },
  { transport: 'mutual TLS', method: 'mysql_native_password', modes: ['vitess'] },
  { transport: 'mutual TLS', method: 'caching_sha2_password', modes: ['hardened'] },
  { transport: 'mutual TLS', method: 'mysql_clear_password', modes: ['vitess', 'hardened'] },
  { transport: 'socket', method: 'mysql_native_password', modes: ['vitess'] },
  { transport: 'socket', method: 'caching_sha2_password', modes: ['hardened'] },
] as const;
const heads = [
  ...columns.map(({ transport, method }) => `${transport}, ${method.replace(/_password$/, '')}`),
  'statements, values, errors, cancel, reconnect',
];
const checked = ['text', 'parameters', 'prepared', 'types', 'types, prepared', 'errors', 'big', 'cancel', 'reconnect'];

const grounds: Partial<Record<'vitess' | 'hardened', Ground>> = {};
const rows: ClientRow[] = looked
  .filter(({ missing }) => missing !== '')
  .map(({ client, missing }) => ({ name: client.name, cells: heads.map(() => `not run (${missing})`) }));

const short = (error: ClientError): string => `${error.errno} ${error.message.split('\n')[0]!.slice(0, 60)}`.trim();
const brief = ({ errno, sqlState }: ClientError) => ({ errno, ...(sqlState === null ? {} : { sqlState }) });

describe.runIf(program !== undefined)('clients', () => {
  beforeAll(async () => {
    for (const mode of ['vitess', 'hardened'] as const)
      grounds[mode] = await startGround(mode, program!, makeTrustStore);
  }, 120_000);
  afterAll(async () => {
    for (const ground of Object.values(grounds)) await ground.stop();
  }, 60_000);

  describe.each(here)('$name', ({ client, index, play }) => {
    const methods = new Map<string, string | null>();
    let report: ClientReport;
    beforeAll(async () => {
      const { vitess, hardened } = grounds as Record<'vitess' | 'hardened', Ground>;
      const events: ClientEvents = {
        login: (way) => methods.set(way, (way.startsWith('vitess') ? vitess : hardened).method()),
        sleeping: hardened.kill,
        cut: hardened.cut,
      };
      report = await play({ ways: [...vitess.ways, ...hardened.ways], checks: hardened.checks(index) }, events);
    }, 150_000);

    const cell = (name: string, transport: string, method: string): string => {
      const lack = client.lacks?.[transport] ?? client.lacks?.[method];
      const answer = report.logins.get(name)!;
      if ('cannot' in answer) return `client cannot (${lack ?? answer.cannot})`;
      if ('error' in answer) return lack === undefined ? `refused (${short(answer.error)})` : `client cannot (${lack})`;
      const used = methods.get(name);
      return used === method ? 'yes' : `client cannot (takes ${used})`;
    };

    it.each(columns)('logs in over $transport with $method, or it is known why not', ({ transport, method, modes }) => {
      const lack = client.lacks?.[transport] ?? client.lacks?.[method];
      for (const mode of modes)
        expect(cell(`${mode} ${transport} ${method}`, transport, method)).toBe(
          lack === undefined ? 'yes' : `client cannot (${lack})`,
        );
    });

    const answer = (name: string): ClientAnswer | undefined => report.checks.get(name);
    /** What a check gave, or undefined where the client has no such thing. */
    const got = <T>(name: string): T | undefined => {
      const found = answer(name);
      if (found === undefined || 'cannot' in found) return undefined;
      if ('error' in found) throw new Error(`${name}: ${JSON.stringify(found.error)}`);
      return found.got as T;
    };

    it('reads text and NULL', () => {
      expect([undefined, ['1', 'ü 🐬', null, '1']]).toContainEqual(got('text'));
    });
    it.each(['parameters', 'prepared'])('writes and reads values: %s', (name) => {
      expect([undefined, ["täxt 'quoted' \\", null, '']]).toContainEqual(got(name));
    });
    it.each(['types', 'types, prepared'])('reads every column type as from MySQL itself: %s', (name) => {
      expect(got(name) ?? []).toEqual([]);
    });
    it('sees number and SQLSTATE of errors, and goes on', () => {
      const seen = got<(ClientError | string)[]>('errors');
      if (seen === undefined) return;
      const expected = [
        { errno: 1146, sqlState: '42S02' },
        { errno: 1105, sqlState: 'HY000' },
        { errno: 1062, sqlState: '23000' },
        { errno: 1045, sqlState: '28000' },
      ];
      expect(seen.at(-1)).toBe('1');
      for (const [at, one] of (seen.slice(0, -1) as ClientError[]).entries())
        expect(expected[at]).toMatchObject(brief(one));
      expect((seen[3] as ClientError).message).toContain("Select command denied to user 'alice' for table 'guarded'");
    });
    it('sends and reads values of nearly 16 MiB, and hears of larger ones', () => {
      const seen = got<{ same: boolean; overPacket: ClientError; tooBig: ClientError }>('big');
      if (seen === undefined) return;
      expect(seen.same).toBe(true);
      expect(brief(seen.overPacket)).toMatchObject({ errno: 1203 });
      expect(brief(seen.tooBig)).toMatchObject({ errno: 1153 });
    });
    it('hears that KILL is not permitted, as it is in Vitess by default', () => {
      const seen = got<ClientError>('cancel');
      if (seen !== undefined) expect(brief(seen)).toMatchObject({ errno: 1095 });
    });
    it('notices a connection that is gone, whose statement has ended at MySQL, and comes back', () => {
      const seen = got<{ lost: ClientError | null; after: string }>('reconnect');
      if (seen === undefined) return;
      expect(seen.lost).not.toBeNull();
      expect(seen.after).toBe('1');
    });

    it('is a row of the table', () => {
      const cells = columns.map(({ transport, method, modes }) =>
        cell(`${modes[0]} ${transport} ${method}`, transport, method),
      );
      const missing = checked.filter((name) => answer(name) === undefined || 'cannot' in answer(name)!);
      const rest = missing.length === 0 ? 'yes' : `yes; client cannot: ${missing.join('; ')}`;
      rows.push({ name: client.name, cells: [...cells, rest] });
      expect(cells.every((text) => text !== '')).toBe(true);
    });
  });
});

it('the table in README.md says what was seen', async () => {
  const order = testClients.map(({ name }) => name);
  const made = [...rows].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  if (process.env['UPDATE_CLIENT_TABLE'] === '1') await writeTable(heads, made);
  const written = await readTable();
  expect(written.map(({ name }) => name)).toEqual(order);
  for (const { name, cells } of written) {
    expect([name, cells.length, cells.filter((text) => text === '')]).toEqual([name, heads.length, []]);
    const seen = made.find((row) => row.name === name);
    if (seen !== undefined && !seen.cells[0]!.startsWith('not run')) expect([name, cells]).toEqual([name, seen.cells]);
  }
});
