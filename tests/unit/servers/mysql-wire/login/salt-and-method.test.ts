import { describe, expect, it } from 'vitest';
import { checkedReply, isAuthMethod, switchData } from '../../../../../src-main/servers/mysql-wire/login/method';
import { makeSalt } from '../../../../../src-main/servers/mysql-wire/login/salt';

describe('salt', () => {
  it('has 20 bytes of seven bits, none of them NUL or $', () => {
    const seen = new Set<number>();
    for (let turn = 0; turn < 500; turn += 1) {
      const salt = makeSalt();
      expect(salt.length).toBe(20);
      for (const byte of salt) seen.add(byte);
    }
    expect(seen.has(0)).toBe(false);
    expect(seen.has(0x24)).toBe(false);
    expect(Math.max(...seen)).toBeLessThan(0x80);
    expect(seen.size).toBe(126);
  });
});

describe('methods', () => {
  const salt = Buffer.alloc(20, 0x41);

  it('switch with their data', () => {
    expect(switchData('mysql_native_password', salt)).toEqual(Buffer.concat([salt, Buffer.of(0)]));
    expect(switchData('caching_sha2_password', salt).length).toBe(21);
    expect(switchData('mysql_clear_password', salt).length).toBe(0);
    expect(switchData('dialog', salt).toString('latin1')).toBe('\x04Enter password: \0');
  });

  it('lose the last byte of a password', () => {
    expect(checkedReply('mysql_clear_password', Buffer.from('pw\0'))).toEqual(Buffer.from('pw'));
    expect(checkedReply('dialog', Buffer.from('p'))).toEqual(Buffer.from(''));
    expect(checkedReply('dialog', Buffer.alloc(0))).toBeNull();
    expect(checkedReply('mysql_native_password', Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  it('are four', () => {
    expect(isAuthMethod('dialog')).toBe(true);
    expect(isAuthMethod('MYSQL_NATIVE_PASSWORD')).toBe(false);
    expect(isAuthMethod('constructor')).toBe(false);
  });
});
