import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGrpcTimeout, encodeGrpcTimeout } from '../../../../src-main/servers/rpc/grpc-timeout';
import { readMetadata, sentMetadata } from '../../../../src-main/servers/rpc/metadata';
import { decodeGrpcMessage, encodeGrpcMessage } from '../../../../src-main/servers/rpc/percent-coding';
import { fitStatusMessage, statusOfHttp, statusOfReset } from '../../../../src-main/servers/rpc/status';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);

describe('grpc-message', () => {
  it.each([
    ['', ''],
    ['plain, with "quotes"', 'plain, with "quotes"'],
    ['100%', '100%25'],
    ['a\nb\tc', 'a%0Ab%09c'],
    ['Zoë ☃', 'Zo%C3%AB %E2%98%83'],
    [' edge ', '%20edge%20'],
    [' ', '%20'],
    ['~\x7f', '~%7F'],
  ])('%j is %j', (message, wire) => {
    expect(encodeGrpcMessage(message)).toBe(wire);
    expect(decodeGrpcMessage(wire)).toBe(message);
  });

  it('comes back as it was, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (message) => {
        const wire = encodeGrpcMessage(message);
        expect(wire).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
        expect(decodeGrpcMessage(wire)).toBe(Buffer.from(message).toString());
      }),
      { numRuns: runs },
    );
  });

  it('is read with what other implementations leave in it', () => {
    expect(decodeGrpcMessage('50% of %zz and %4')).toBe('50% of %zz and %4');
    expect(decodeGrpcMessage('%41%c3%AB%')).toBe('Aë%');
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(typeof decodeGrpcMessage(text)).toBe('string');
      }),
      { numRuns: runs },
    );
  });
});

describe('grpc-timeout', () => {
  it.each([
    [0, '0n'],
    [-5, '0n'],
    [0.0005, '1u'],
    [1, '1000u'],
    [2500.5, '2500500u'],
    [99_999, '99999000u'],
    [100_000, '100000m'],
    [100_000_000, '100000S'],
    [1e12, '16666667M'],
    [1e18, '99999999H'],
  ])('%d ms is %s', (ms, wire) => {
    expect(encodeGrpcTimeout(ms)).toBe(wire);
  });

  it('is at most eight digits, and never shorter than asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 3.5e14, noNaN: true }), (ms) => {
        const wire = encodeGrpcTimeout(ms);
        expect(wire).toMatch(/^\d{1,8}[HMSmun]$/);
        const read = decodeGrpcTimeout(wire);
        expect('ms' in read && read.ms >= ms * (1 - 1e-9)).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['4m', 4],
    ['5u', 0.005],
    ['6n', 0.000006],
    ['99999999m', 99_999_999],
    ['00S', 0],
  ])('%s is %d ms', (wire, ms) => {
    const read = decodeGrpcTimeout(wire);
    expect('ms' in read && read.ms).toBeCloseTo(ms, 9);
  });

  it.each(['', '1', 'S', '1x', '123456789S', '-1S', '+1S', '1.5S', ' 1S', '1 S', '0x1S'])('%j is malformed', (wire) => {
    expect(decodeGrpcTimeout(wire)).toHaveProperty('fault');
  });
});

describe('metadata', () => {
  it('leaves out what belongs to the protocol and keeps the order of values', () => {
    const raw = [
      ':path',
      '/a',
      'Content-Type',
      'application/grpc',
      'grpc-timeout',
      '1S',
      'te',
      'trailers',
      'user-agent',
      'x',
    ];
    const metadata = readMetadata([
      ...raw,
      'username',
      'first',
      'x-bin',
      'AAE',
      'username',
      'second',
      'x-bin',
      'Ag==,Aw',
    ]);
    expect([...metadata]).toEqual([
      ['username', ['first', 'second']],
      ['x-bin', [Buffer.from([0, 1]), Buffer.from([2]), Buffer.from([3])]],
    ]);
  });

  it('comes back as it was', () => {
    const value = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.uint8Array(), (values, bytes) => {
        const sent = sentMetadata(
          new Map<string, (string | Buffer)[]>([
            ['x-text', values],
            ['y-bin', [Buffer.from(bytes)]],
          ]),
          'plain',
        );
        const read = readMetadata(sent.flatMap((field) => [field.name, field.value]));
        expect(read.get('x-text')).toEqual(values);
        expect(Buffer.concat((read.get('y-bin') as Buffer[]) ?? [])).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([':path', 'grpc-status', 'content-type', 'X-Upper', 'with space', 'line\nbreak', ''])(
    'refuses the key %j',
    (key) => {
      expect(() => sentMetadata(new Map([[key, ['v']]]), 'plain')).toThrow('cannot be a metadata key');
    },
  );

  it('refuses values that would be header injection, without showing them', () => {
    expect(() => sentMetadata(new Map([['password', ['se\r\ncret']]]), 'secret')).toThrow(
      'the value of "password" holds control characters',
    );
  });
});

describe('status', () => {
  it('is cut at 7,680 bytes', () => {
    expect(fitStatusMessage('x'.repeat(7680))).toHaveLength(7680);
    expect(fitStatusMessage('x'.repeat(7681))).toMatch(
      /^x{7680} \[\.\.\.\] \[remainder of the error is truncated because/,
    );
    expect(fitStatusMessage('é'.repeat(3840))).toHaveLength(3840);
    expect(fitStatusMessage('é'.repeat(3841)).startsWith('é'.repeat(3840) + ' [...]')).toBe(true);
  });

  it.each([
    [0, 13, 'NO_ERROR'],
    [7, 14, 'REFUSED_STREAM'],
    [8, 1, 'CANCEL'],
    [11, 8, 'ENHANCE_YOUR_CALM'],
    [12, 7, 'INADEQUATE_SECURITY'],
    [2, 13, 'INTERNAL_ERROR'],
    [99, 13, '99'],
  ])('of reset %d is %d', (reset, code, name) => {
    expect(statusOfReset(reset)).toEqual({ code, message: `stream terminated by RST_STREAM with error code: ${name}` });
  });

  it.each([
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [500, 2],
    [502, 14],
    [503, 14],
    [504, 14],
    [301, 2],
  ])('of HTTP %d is %d', (http, code) => {
    expect(statusOfHttp(http).code).toBe(code);
  });
});
