import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Fidelity } from '../../../src-main/domain/fidelity';
import { parseGrpcUsersFile, parseUsersFile, type UserEntry } from '../../../src-main/domain/users';

/**
 * What Go's encoding/json (Go 1.26.8) made of odd documents: with vtgate's types and DisallowUnknownFields (`format`,
 * `users`, or `error` of the legacy attempt), and as a list of gRPC users (`grpc`: users, or json.Unmarshal's error).
 * Entry = [MysqlNativePassword, CachingSha2Password, Password, UserData, SourceHost, Groups], null = a nil pointer.
 */
interface Vector {
  readonly text?: string;
  readonly hex?: string;
  readonly format?: 'list' | 'legacy';
  readonly users?: Record<string, (readonly [string, string, string, string, string, readonly string[]] | null)[]>;
  readonly error?: string;
  readonly grpc: readonly (readonly [string, string])[] | string;
}

const vectors = JSON.parse(
  readFileSync(
    process.env['GO_DECODER_VECTORS'] ?? new URL('../../fixtures/users/go-decoder.json', import.meta.url),
    'utf8',
  ),
) as Vector[];
const fidelity: Fidelity = { mode: 'vitess', version: '24.0-recorded' };
const bytesOf = ({ text, hex }: Vector): Buffer =>
  hex === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(hex, 'hex');

const plain = (entry: UserEntry): unknown =>
  entry.isNull
    ? null
    : [
        entry.mysqlNativePassword?.reveal() ?? '',
        entry.cachingSha2Password?.reveal() ?? '',
        entry.password?.reveal() ?? '',
        entry.userData ?? '',
        entry.sourceHost,
        entry.groups,
      ];

/** What vtgate's validation adds to the decoder: nil entries and SourceHost are looked at in lists only. */
function validation({ format, users = {} }: Vector): 'crash' | 'source-host' | null {
  if (format !== 'list') return null;
  for (const entry of Object.values(users).flat()) {
    if (entry === null) return 'crash';
    if (entry[4] !== '' && entry[4] !== 'localhost') return 'source-host';
  }
  return null;
}

describe('users files beside Go’s encoding/json', () => {
  it(`reads ${vectors.length} documents alike`, () => {
    for (const vector of vectors) {
      const about = vector.text ?? vector.hex ?? '';
      const { users, vitess, findings } = parseUsersFile(bytesOf(vector), { file: 'f', fidelity });
      const fault = validation(vector);
      if (vector.error !== undefined) {
        expect(vitess.message, about).toBe(`Error parsing auth server config: ${vector.error}`);
        expect(users, about).toBeNull();
      } else if (fault === null) {
        const read = Object.fromEntries([...(users?.users ?? [])].map(([name, list]) => [name, list.map(plain)]));
        expect(read, about).toEqual(vector.users);
        if (Object.keys(read).length > 0) expect(users?.format, about).toBe(vector.format);
      } else if (
        Object.values(vector.users ?? {})
          .flat()
          .includes(null)
      ) {
        // Go looks at the users in random order, so a document with both faults may show either.
        expect(vitess.accepted, about).toBe(false);
      } else expect(vitess.message, about).toContain('invalid SourceHost found');
      if (!vitess.accepted)
        expect(
          findings.some(({ level }) => level === 'error'),
          about,
        ).toBe(true);
    }
  });

  it('reads them alike as gRPC users', () => {
    for (const vector of vectors) {
      const about = vector.text ?? vector.hex ?? '';
      const { users, vitess } = parseGrpcUsersFile(bytesOf(vector), { file: 'f', fidelity });
      if (typeof vector.grpc === 'string')
        expect(vitess.message, about).toBe(
          `Failed to load auth plugin: fail to load static auth plugin: ${vector.grpc}`,
        );
      else
        expect(
          users?.users.map(({ username, password }) => [username, password?.reveal() ?? '']),
          about,
        ).toEqual(vector.grpc);
    }
  });
});
