import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { fidelityRules, type Fidelity } from '../../../src-main/domain/fidelity';
import { MysqlError } from '../../../src-main/servers/mysql-wire';
import { parseError } from '../../support/mysql-wire/raw-client';
import { loggedInClient, query, startServer, type RunningServer } from '../../support/mysql-wire/start-server';
import { column, textRow } from '../../support/mysql-wire/stub-session';

let running: RunningServer | undefined;
afterEach(() => running?.stop());

const hardened: Fidelity = { mode: 'hardened', version: '24.0.4' };
const vitess: Fidelity = { mode: 'vitess', version: '24.0.4' };
const recorded: Fidelity = { mode: 'vitess', version: '24.0-recorded' };

/** What comes back for `commands`, up to the answer to a ping behind them, or to the end of the connection. */
async function answers(fidelity: Fidelity, ...commands: Buffer[]): Promise<string[]> {
  await running?.stop();
  running = await startServer({
    fidelity,
    on: {
      query: async (_sql, out) => {
        await out.columns([column('a')]);
        await out.rows([textRow('1')]);
        throw new MysqlError(1317, '70100', 'interrupted');
      },
    },
  });
  const client = await loggedInClient({ port: running.port });
  for (const command of commands) client.send(0, command);
  client.send(0, Buffer.of(0x0e));
  const seen: string[] = [];
  for (;;) {
    const packet = await client.read();
    if (packet === null) return [...seen, 'closed'];
    const { payload } = packet;
    if (payload[0] === 0x00 && payload.length === 7) break;
    if (payload[0] === 0xff) seen.push(`${parseError(payload).errno} ${parseError(payload).message}`);
    else if (payload[0] === 0xfe) seen.push('end');
  }
  client.close();
  return [...seen, 'open'];
}

const setOption = Buffer.from([0x1b, 2, 0]);
const longData = Buffer.from([0x18, 9, 0, 0, 0, 0, 0, 0x61]);
const reset = Buffer.from([0x1a, 9, 0, 0, 0]);

describe('rules of the MySQL listener', () => {
  it('are named, each with a test that exists', () => {
    const rules = fidelityRules.filter(({ id }) => id.startsWith('mysql-wire-'));
    expect(rules.length).toBe(6);
    for (const { test } of rules) expect(existsSync(new URL(`../../../${test}`, import.meta.url))).toBe(true);
  });

  it('mysql-wire-set-option-one-answer', async () => {
    const error = '1047 error handling packet: [27 2 0]';
    expect(await answers(vitess, setOption)).toEqual([error, 'end', 'open']);
    expect(await answers(hardened, setOption)).toEqual([error, 'open']);
    expect(await answers(vitess, setOption.subarray(0, 2))).toEqual(['1047 error handling packet: [27 2]', 'open']);
    expect(await answers(hardened, Buffer.from([0x1b, 0, 0]))).toEqual(['end', 'open']);
    expect(running!.sessions[0]!.multiStatements).toBe(true);
    expect(await answers(hardened, Buffer.from([0x1b, 1, 0]))).toEqual(['end', 'open']);
    expect(running!.sessions[0]!.calls).toContain('setMultiStatements false');
  });

  it('mysql-wire-long-data-silent', async () => {
    expect(await answers(vitess, longData)).toEqual([
      '1105 unknown error: got wrong statement id from client 1, statement ID(9) is not found from record',
      'open',
    ]);
    expect(await answers(hardened, longData)).toEqual(['open']);
  });

  it('mysql-wire-stmt-reset-stays-open', async () => {
    expect(await answers(vitess, reset)).toEqual([
      '2014 commands were executed in an improper order: [26 9 0 0 0]',
      'closed',
    ]);
    expect(await answers(hardened, reset)).toEqual([
      '1243 Unknown prepared statement handler (9) given to mysqld_stmt_reset',
      'open',
    ]);
  });

  it('mysql-wire-error-among-rows', async () => {
    expect(await answers(recorded, query('x'))).toEqual(['closed']);
    expect(await answers(vitess, query('x'))).toEqual(['1317 interrupted', 'open']);
    expect(await answers(hardened, query('x'))).toEqual(['1317 interrupted', 'open']);
  });
});
