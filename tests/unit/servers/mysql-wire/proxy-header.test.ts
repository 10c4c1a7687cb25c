import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from '../../../../src-main/servers/mysql-wire/proxy-protocol/header';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** A header of version 2. */
const binary = (command: number, transport: number, payload: Buffer, length = payload.length): Buffer =>
  Buffer.concat([signature, Buffer.of(command, transport, length >> 8, length & 0xff), payload]);

const inet = Buffer.from('0a0102047f00000108ae0cea', 'hex');
const inet6 = Buffer.concat([
  Buffer.from('fd000000000000000000000000000001', 'hex'),
  Buffer.from('00000000000000000000000000000001', 'hex'),
  Buffer.from('04570cea', 'hex'),
]);
const unix = Buffer.concat([Buffer.from('/tmp/x'.padEnd(108, '\0')), Buffer.from('/tmp/y'.padEnd(108, '\0'))]);
const nobody = { kind: 'header', client: null };
const from = (address: string, unixSocket = false) => ({ kind: 'header', client: { address, unixSocket } });

describe('a PROXY header', () => {
  it.each([
    ['PROXY TCP4 10.1.2.3 127.0.0.1 1111 3306\r\n', from('10.1.2.3:1111')],
    ['PROXY TCP6 fd00::1 ::1 1111 3306\r\n', from('[fd00::1]:1111')],
    ['PROXY TCP6 fd00:0:0:0:0:0:0:1 ::1 0 65535\r\n', from('[fd00::1]:0')],
    ['PROXY TCP6 ::ffff:10.1.2.3 ::1 1111 3306\r\n', from('10.1.2.3:1111')],
    ['PROXY TCP6 fe80::1%eth0 ::1 1111 3306\r\n', from('[fe80::1]:1111')],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 1111 3306 more\r\n', from('10.1.2.3:1111')],
    ['PROXY UNKNOWN\r\n', nobody],
    ['PROXY UNKNOWN anything at all\r\n', nobody],
  ])('of version 1 names its client: %j', (line, expected) => {
    expect(readProxyHeader(Buffer.from(`${line}behind`))).toMatchObject({ ...expected, length: line.length });
  });

  it.each([
    ['PROXY nonsense\r\n', /family/],
    ['PROXY\r\n', /family/],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 1111 3306\n', /CR LF/],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 1111', /no end/],
    [`PROXY TCP4 ${'1'.repeat(200)}\r\n`, /too long/],
    ['PROXY TCP4 fd00::1 127.0.0.1 1111 3306\r\n', /address/],
    ['PROXY TCP6 10.1.2.3 ::1 1111 3306\r\n', /address/],
    ['PROXY TCP4 010.1.2.3 127.0.0.1 1111 3306\r\n', /address/],
    ['PROXY TCP4 10.1.2.3  1111 3306\r\n', /address/],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 65536 3306\r\n', /port/],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 -1 3306\r\n', /port/],
    ['PROXY TCP4 10.1.2.3 127.0.0.1 x 3306\r\n', /port/],
  ])('of version 1 that is broken is none: %j', (line, reason) => {
    expect(readProxyHeader(Buffer.from(line))).toEqual({ kind: 'broken', reason: expect.stringMatching(reason) });
  });

  it.each([
    ['TCP over IPv4', binary(0x21, 0x11, inet), from('10.1.2.4:2222')],
    ['UDP over IPv4', binary(0x21, 0x12, inet), from('10.1.2.4:2222')],
    ['TCP over IPv6', binary(0x21, 0x21, inet6), from('[fd00::1]:1111')],
    ['a Unix socket', binary(0x21, 0x31, unix), from('/tmp/x', true)],
    [
      'with more behind the addresses',
      binary(0x21, 0x11, Buffer.concat([inet, Buffer.alloc(9)])),
      from('10.1.2.4:2222'),
    ],
    ['the proxy itself', binary(0x20, 0x00, Buffer.alloc(0)), nobody],
    ['the proxy itself, with an address', binary(0x20, 0x11, inet), nobody],
  ])('of version 2 names its client: %s', (_what, bytes, expected) => {
    const read = readProxyHeader(Buffer.concat([bytes, Buffer.from('behind')]));
    expect(read).toMatchObject({ ...expected, length: bytes.length });
    for (let cut = 0; cut < bytes.length; cut += 1)
      expect(readProxyHeader(bytes.subarray(0, cut)), String(cut)).toEqual({ kind: 'more' });
  });

  it.each([
    ['an unknown version', binary(0x11, 0x11, inet), /command/],
    ['an unknown command', binary(0x22, 0x11, inet), /command/],
    ['no family', binary(0x21, 0x00, Buffer.alloc(0)), /family/],
    ['an unknown family', binary(0x21, 0x41, inet), /family/],
    ['neither stream nor datagram', binary(0x21, 0x13, inet), /nobody/],
    ['too short for IPv4', binary(0x21, 0x11, inet.subarray(1)), /length/],
    ['too short for IPv6', binary(0x21, 0x21, inet), /length/],
    ['longer than is taken', binary(0x21, 0x11, inet, 4097), /length/],
  ])('of version 2 that is broken is none: %s', (_what, bytes, reason) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: 'broken', reason: expect.stringMatching(reason) });
  });

  it('is not seen in what MySQL clients send', () => {
    expect(readProxyHeader(Buffer.from([0x20, 0, 0, 1]))).toEqual({ kind: 'none' });
    expect(readProxyHeader(Buffer.from('PRAXY TCP4 1.2.3.4'))).toEqual({ kind: 'none' });
    expect(readProxyHeader(Buffer.from('\r\n\r\n\0\r\nQUIT?'))).toEqual({ kind: 'none' });
  });

  it('never throws, never takes more than there is, and is decided by its first bytes alone', () => {
    const line = fc
      .tuple(fc.constantFrom('PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY UNKNOWN', 'PROXY '), fc.string())
      .map(([begin, rest]) => Buffer.from(`${begin}${rest}\r\n`, 'latin1'));
    const second = fc
      .tuple(fc.constantFrom(0x20, 0x21), fc.nat(255), fc.nat(300), fc.uint8Array({ maxLength: 300 }))
      .map(([command, transport, length, payload]) => binary(command, transport, Buffer.from(payload), length));
    const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(line, second, any), fc.uint8Array({ maxLength: 20 }), (bytes, behind) => {
        const read = readProxyHeader(bytes);
        if (read.kind !== 'header') return;
        expect(read.length).toBeLessThanOrEqual(bytes.length);
        expect(read.length).toBeGreaterThan(0);
        const longer = Buffer.concat([bytes.subarray(0, read.length), Buffer.from(behind)]);
        expect(readProxyHeader(longer)).toEqual(read);
      }),
      { numRuns: runs },
    );
  });
});
