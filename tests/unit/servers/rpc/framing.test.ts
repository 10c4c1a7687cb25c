import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frameMessage } from '../../../../src-main/servers/rpc/framing';
import { GrpcStatusError } from '../../../../src-main/servers/rpc';

const runs = Number(process.env['FUZZ_RUNS'] ?? 10_000);

describe('frameMessage', () => {
  it('puts a flag and a length before the message', () => {
    expect(frameMessage(Buffer.from('abc'), 3, 'server').toString('hex')).toBe('0000000003616263');
    expect(frameMessage(Buffer.alloc(0), 0, 'client').toString('hex')).toBe('0000000000');
  });

  it('refuses what is longer than the limit', () => {
    expect(() => frameMessage(Buffer.alloc(4), 3, 'server')).toThrow(
      new GrpcStatusError(8, 'grpc: trying to send message larger than max (4 vs. 3)'),
    );
    expect(() => frameMessage(Buffer.alloc(4), 3, 'client')).toThrow(
      'trying to send message larger than max (4 vs. 3)',
    );
  });
});

describe('FrameReader', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
        (messages, cuts) => {
          const wire = Buffer.concat(messages.map((message) => frameMessage(message, 100, 'client')));
          const reader = new FrameReader(100);
          const got: Buffer[] = [];
          let at = 0;
          for (const cut of cuts) {
            got.push(...reader.push(wire.subarray(at, at + cut)).map((message) => Buffer.from(message)));
            at += cut;
          }
          got.push(...reader.push(wire.subarray(at)));
          expect(got.map((message) => message.toString('hex'))).toEqual(
            messages.map((message) => Buffer.from(message).toString('hex')),
          );
          expect(reader.atBoundary).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  });

  it('survives any bytes: messages within the limit, or a status', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 6 }), (chunks) => {
        const reader = new FrameReader(50);
        try {
          for (const chunk of chunks)
            for (const message of reader.push(Buffer.from(chunk))) expect(message.length).toBeLessThanOrEqual(50);
        } catch (error) {
          expect(error).toBeInstanceOf(GrpcStatusError);
          expect([8, 12, 13]).toContain((error as GrpcStatusError).code);
        }
      }),
      { numRuns: runs },
    );
  });

  it('knows an unfinished message', () => {
    const reader = new FrameReader(10);
    expect(reader.atBoundary).toBe(true);
    expect(reader.push(Buffer.from('00000000', 'hex'))).toEqual([]);
    expect(reader.atBoundary).toBe(false);
    expect(reader.push(Buffer.from('0161', 'hex')).map(String)).toEqual(['a']);
    expect(reader.atBoundary).toBe(true);
  });

  it.each([
    ['0000000b', '', null],
    ['000000000b', '', 'grpc: received message larger than max (11 vs. 10)'],
    ['0100000000', '', 'grpc: compressed flag set with identity or empty encoding'],
    ['0100000000', 'identity', 'grpc: compressed flag set with identity or empty encoding'],
    ['0100000000', 'snappy', 'grpc: Decompressor is not installed for grpc-encoding "snappy"'],
    ['0700000000', '', 'grpc: received unexpected payload format 7'],
  ])('%s with encoding %j: %s', (hex, encoding, text) => {
    const push = (): unknown => new FrameReader(10, encoding).push(Buffer.from(hex, 'hex'));
    if (text === null) expect(push()).toEqual([]);
    else expect(push).toThrow(text);
  });
});
