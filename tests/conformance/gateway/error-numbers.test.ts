import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vtCodes, type VtCode } from '../../../src-main/domain/kernel';
import { fromTabletStatus, mysqlState, targetPrefix } from '../../../src-main/servers/gateway/vitess-error';

/** For statements that a real vtgate forwarded: from the tablet's own status to what the MySQL client read. */
interface Case {
  readonly id: string;
  readonly mysql?: { readonly err?: { readonly errno: number; readonly sqlstate: string; readonly message: string } };
  readonly tablet?: { readonly code?: string; readonly codeNumber?: number; readonly message?: string };
}
const recording = JSON.parse(readFileSync(new URL('../recorded/errors.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};
const prefix = targetPrefix('commerce', '0', 'primary');
const rpcError = /^target: commerce\.0\.primary: vttablet: rpc error: code = (\S+(?: \d+\))?) desc = ([\s\S]*)$/;

const forwarded = recording.cases.filter(
  ({ mysql }) => typeof mysql?.err?.message === 'string' && rpcError.test(mysql.err.message),
);

describe('errors of forwarded statements', () => {
  it('are there', () => expect(forwarded.length).toBeGreaterThan(20));

  it.each(forwarded)('$id', ({ mysql, tablet }) => {
    const err = mysql?.err;
    if (err === undefined) return;
    const [, spelled = '', desc = ''] = rpcError.exec(err.message) ?? [];
    // The code is the tablet's where it was recorded, else the one in the text.
    const named = Object.keys(vtCodes).find(
      (code) => code.toLowerCase().replaceAll('_', '') === spelled.toLowerCase(),
    ) as VtCode;
    const error = fromTabletStatus(
      prefix,
      tablet?.code === named ? (tablet.codeNumber ?? vtCodes[named]) : vtCodes[named],
      desc,
    );
    expect(error.message).toBe(err.message);
    expect(mysqlState(error.code, error.message, error.state)).toEqual({ errno: err.errno, sqlState: err.sqlstate });
  });
});
