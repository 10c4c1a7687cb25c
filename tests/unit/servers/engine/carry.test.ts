import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAclFile } from '../../../../src-main/domain/acl';
import { GatehouseError, Secret } from '../../../../src-main/domain/kernel';
import { pack, unpack } from '../../../../src-main/servers/engine/carry';
import { arrivedError, carryError } from '../../../../src-main/servers/engine/protocol';
import { hardenedMode } from '../../../support/gateway-fixture';

/** As a thread gets it. */
const across = <T>(value: T): T => unpack<T>(structuredClone(pack(value)));

describe('what crosses between threads', () => {
  it('is the same on the other side, secrets and buffers too', () => {
    const users = new Map([
      ['web', [{ password: new Secret('geheim'), groups: ['a'], none: null, absent: undefined }]],
    ]);
    const there = across({ users, bytes: Buffer.from([0, 1, 255]), big: 2n ** 63n, names: new Set(['x']) });
    const [entry] = there.users.get('web')!;
    expect(entry!.password).toBeInstanceOf(Secret);
    expect(entry!.password.reveal()).toBe('geheim');
    expect(entry).toMatchObject({ groups: ['a'], none: null });
    expect(Buffer.isBuffer(there.bytes) && there.bytes.equals(Buffer.from([0, 1, 255]))).toBe(true);
    expect([there.big, there.names]).toEqual([2n ** 63n, new Set(['x'])]);
    expect(inspect(there, { depth: 9 })).not.toContain('geheim');
  });

  it('keeps one object one object: an ACL decides by identity', () => {
    const text = JSON.stringify({
      table_groups: [{ name: 'g', table_names_or_prefixes: ['t', 'x%'], readers: ['r'], writers: [], admins: [] }],
    });
    const { acl } = parseAclFile(Buffer.from(text), { file: 'acl.json', fidelity: hardenedMode });
    const there = across(acl!);
    expect(there).toEqual(acl);
    expect(there.index.exact.get('t')!.group).toBe(there.groups[0]);
    expect(there.index.prefixMatches[0]!.entry).toBe(there.groups[0]!.entries[1]);
  });

  it('refuses what would arrive as something else', () => {
    class Own {
      readonly value = 1;
    }
    for (const value of [() => 1, new Own(), { deep: [new Own()] }, new Map([['a', Symbol('b')]]), /x/])
      expect(() => pack(value)).toThrow(TypeError);
  });

  it('leaves data alone that looks packed, or refuses it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(across(value)).toEqual(structuredClone(value));
      }),
    );
    for (const packed of ['secret', 'buffer', 'other'])
      expect(() => pack({ users: { packed, value: 'x' } })).toThrow(TypeError);
  });

  it('gives errors their codes back', () => {
    const taken = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 3306 });
    const failure = { code: 'tls.load', summary: 'The key does not fit.' };
    const there = arrivedError(structuredClone(carryError(new GatehouseError(failure, { cause: taken }))));
    expect(there).toBeInstanceOf(GatehouseError);
    expect((there as GatehouseError).failure).toEqual(failure);
    expect(there.cause).toMatchObject({ message: 'listen EADDRINUSE', code: 'EADDRINUSE', port: 3306 });
    expect(arrivedError(structuredClone(carryError('odd'))).message).toBe('odd');
  });
});
