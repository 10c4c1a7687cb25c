import { describe, expect, it } from 'vitest';
import { readGreeting, writeGreeting } from '../../../../../src-main/servers/mysql-wire/packets/greeting';
import { offeredCapabilities } from '../../../../../src-main/servers/mysql-wire/capabilities';
import { hex, payloadOf } from './built';

const greeting = {
  serverVersion: '8.4.6-Vitess',
  connectionId: 7,
  salt: Buffer.from('abcdefghijklmnopqrst'),
  capabilities: offeredCapabilities(false),
  charset: 255,
  status: 2,
  plugin: 'mysql_native_password',
};

describe('greeting', () => {
  it('is what vtgate sends', () => {
    const expected = hex(`
      0a 382e342e362d56697465737300 07000000 6162636465666768 00 0fa2 ff 0200 3b01 15 00000000000000000000
      696a6b6c6d6e6f7071727374 00 6d7973716c5f6e61746976655f70617373776f726400`);
    expect(payloadOf((out) => writeGreeting(out, greeting))).toEqual(expected);
  });

  it('offers TLS with one bit more', () => {
    expect(offeredCapabilities(true) ^ offeredCapabilities(false)).toBe(0x800);
    expect(offeredCapabilities(true)).toBe(0x013baa0f);
  });

  it('reads back', () => {
    expect(readGreeting(payloadOf((out) => writeGreeting(out, greeting)))).toEqual(greeting);
    expect(() => readGreeting(hex('09'))).toThrow("can't read protocol version");
  });
});
