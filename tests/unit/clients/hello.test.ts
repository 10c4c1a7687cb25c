import fc from 'fast-check';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientHello, readAnswer, sendFirst } from '../../../src-main/clients/hello';
import { listenTls } from '../../support/tls-server';
import '../../support/fuzz-seed';
import { createPki } from '../../support/tls-identities';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('a ClientHello written byte by byte', () => {
  it('has the lengths of RFC 2246 and the version asked for', () => {
    for (const [version, number] of [
      ['TLSv1', 0x0301],
      ['TLSv1.1', 0x0302],
      ['TLSv1.2', 0x0303],
    ] as const) {
      const hello = clientHello({ version, serverName: 'localhost', alpn: ['h2'] });
      expect(hello.readUInt16BE(3)).toBe(hello.length - 5);
      expect(hello.readUIntBE(6, 3)).toBe(hello.length - 9);
      expect(hello.readUInt16BE(9)).toBe(number);
      expect(hello.includes('localhost')).toBe(true);
    }
  });

  it('sends an address as no server name', () => {
    expect(clientHello({ version: 'TLSv1', serverName: '127.0.0.1', alpn: [] }).includes('127.0.0.1')).toBe(false);
  });

  it.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)('%s: understood by a server that takes it', async (version) => {
    const identity = createPki().leaf({ name: 'server' });
    const server = await listenTls({ cert: identity.cert, key: identity.key, minVersion: 'TLSv1' });
    const target = { host: '127.0.0.1', port: server.port };
    const { answer } = await sendFirst({
      ...{ target, protocol: 'tls' },
      bytes: clientHello({ version, serverName: 'localhost', alpn: [] }),
    });
    const number = { TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303 }[version];
    expect(answer).toMatchObject({ kind: 'server-hello', version: number });
    await server.close();
  });

  it('is answered with protocol_version by a server that does not', async () => {
    const identity = createPki().leaf({ name: 'server' });
    const server = await listenTls({ cert: identity.cert, key: identity.key, minVersion: 'TLSv1.3' });
    const { answer } = await sendFirst({
      ...{ target: { host: '127.0.0.1', port: server.port }, protocol: 'tls' },
      bytes: clientHello({ version: 'TLSv1.2', serverName: 'localhost', alpn: [] }),
    });
    expect(answer).toMatchObject({ kind: 'alert', level: 2, number: 70 });
    await server.close();
  });

  it('tells a server that only hangs up from one that answers', async () => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { answer, localAddress } = await sendFirst({
      ...{ target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, protocol: 'tls' },
      bytes: Buffer.from('x'),
    });
    expect(answer).toMatchObject({ kind: 'none' });
    expect(localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    server.close();
  });
});

describe('the first record of an answer', () => {
  it('reads an alert, a ServerHello, and other bytes', () => {
    expect(readAnswer(hex('15 0301 0002 02 46'))).toMatchObject({ kind: 'alert', level: 2, number: 70 });
    const hello = hex(`16 0301 002a 02 000026 0301 ${'11'.repeat(32)} 00 c009 00`);
    expect(readAnswer(hello)).toMatchObject({ kind: 'server-hello', version: 0x0301, cipher: 0xc009 });
    expect(readAnswer(hex('000012 04 00 00000000'))).toMatchObject({ kind: 'other' });
    expect(readAnswer(Buffer.from('HTTP/1.1 400'))).toMatchObject({ kind: 'other' });
  });

  it('waits for what is not whole', () => {
    expect(readAnswer(Buffer.alloc(0))).toBeNull();
    for (let length = 1; length < 7; length += 1)
      expect(readAnswer(hex('15 0301 0002 02 46').subarray(0, length))).toBeNull();
  });

  it('takes no session id that is longer than there is', () => {
    expect(readAnswer(hex(`16 0301 002a 02 000026 0301 ${'11'.repeat(32)} ff c009 00`))).toMatchObject({
      kind: 'other',
    });
  });

  it('never throws and never needs more than a record, whatever comes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc
        .tuple(fc.constantFrom(0x15, 0x16), fc.uint8Array({ maxLength: 120 }))
        .map(([type, rest]) => Uint8Array.from([type, 3, 3, ...rest])),
    );
    fc.assert(
      fc.property(bytes, (data) => {
        const whole = Buffer.from(data);
        const answer = readAnswer(whole);
        // What was decided stays decided when more bytes come.
        if (answer !== null) expect(readAnswer(Buffer.concat([whole, Buffer.alloc(50)]))?.kind).toBe(answer.kind);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
    expect(readAnswer(Buffer.alloc(20_000, 0x16))).toMatchObject({ kind: 'other' });
  });
});
