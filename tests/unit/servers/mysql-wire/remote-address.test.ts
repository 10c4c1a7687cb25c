import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { remoteAddressOf } from '../../../../src-main/servers/mysql-wire/remote-address';

const socket = (remoteAddress: string): Socket => ({ remoteAddress, remotePort: 40000 }) as Socket;

describe('remote address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:40000'],
    ['::ffff:10.1.2.3', '10.1.2.3:40000'],
    ['::1', '[::1]:40000'],
    ['fe80::1%eth0', '[fe80::1%eth0]:40000'],
  ])('%s is %s', (address, expected) => {
    expect(remoteAddressOf(socket(address), false)).toBe(expected);
  });

  it('is @ over a Unix socket', () => {
    expect(remoteAddressOf({} as Socket, true)).toBe('@');
  });
});
