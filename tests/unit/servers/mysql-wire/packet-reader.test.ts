import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramingError, maxFramePayload, PacketReader } from '../../../../src-main/servers/mysql-wire/packet-reader';

const frame = (sequence: number, payload: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
};

describe('PacketReader', () => {
  it('gives packets however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 }),
        (payloads, cuts) => {
          const stream = Buffer.concat(payloads.map((payload, index) => frame(index, Buffer.from(payload))));
          const reader = new PacketReader(1000);
          const got: Buffer[] = [];
          let at = 0;
          for (let turn = 0; at < stream.length; turn += 1) {
            const end = Math.min(stream.length, at + cuts[turn % cuts.length]!);
            reader.push(Buffer.from(stream.subarray(at, end)));
            at = end;
            for (let packet = reader.next(); packet !== null; packet = reader.next()) got.push(packet);
          }
          expect(got.map((packet) => packet.toString('hex'))).toEqual(
            payloads.map((payload) => Buffer.from(payload).toString('hex')),
          );
          expect(reader.bufferedBytes).toBe(0);
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
  });

  it('keeps payloads that it handed out as they are while more comes in', () => {
    const reader = new PacketReader(1 << 20);
    reader.push(frame(0, Buffer.alloc(10, 1)).subarray(0, 3));
    reader.push(Buffer.concat([frame(0, Buffer.alloc(10, 1)).subarray(3), frame(1, Buffer.alloc(5000, 2))]));
    const first = reader.next()!;
    const second = reader.next()!;
    for (let index = 2; index < 50; index += 1) {
      const bytes = frame(index, Buffer.alloc(3000, 7));
      reader.push(bytes.subarray(0, 100));
      reader.push(bytes.subarray(100));
      reader.next();
    }
    expect(first.equals(Buffer.alloc(10, 1))).toBe(true);
    expect(second.equals(Buffer.alloc(5000, 2))).toBe(true);
  });

  it('joins payloads of 16 MiB - 1 bytes and more', () => {
    for (const length of [maxFramePayload, maxFramePayload + 1, 2 * maxFramePayload]) {
      const payload = Buffer.alloc(length, 0x61);
      payload[length - 1] = 0x62;
      const reader = new PacketReader(64 << 20);
      for (let part = 0; part * maxFramePayload <= length; part += 1) {
        reader.push(frame(part, payload.subarray(part * maxFramePayload, (part + 1) * maxFramePayload)));
      }
      expect(reader.next()!.equals(payload)).toBe(true);
      expect(reader.sequence).toBe(Math.floor(length / maxFramePayload) + 1);
      expect(reader.next()).toBeNull();
    }
  });

  it('refuses a wrong sequence number, in the first frame and in a later one', () => {
    const reader = new PacketReader(1000);
    reader.push(frame(5, Buffer.from('x')));
    expect(() => reader.next()).toThrow(new FramingError('sequence', 'invalid sequence, expected 0 got 5'));
    const joined = new PacketReader(64 << 20);
    joined.push(frame(0, Buffer.alloc(maxFramePayload)));
    joined.push(frame(2, Buffer.from('x')));
    expect(() => joined.next()).toThrow('expected 1 got 2');
  });

  it('refuses what is too large as soon as the header says so', () => {
    const reader = new PacketReader(1000);
    reader.push(frame(0, Buffer.alloc(1001)).subarray(0, 4));
    expect(() => reader.next()).toThrow(FramingError);
    const sum = new PacketReader(maxFramePayload + 10);
    sum.push(frame(0, Buffer.alloc(maxFramePayload)));
    sum.push(frame(1, Buffer.alloc(11)).subarray(0, 4));
    expect(() => sum.next()).toThrow('packet larger than');
  });

  it('does not reserve what a header announces', () => {
    const reader = new PacketReader(64 << 20);
    const before = process.memoryUsage().arrayBuffers;
    const header = Buffer.from([0xfe, 0xff, 0xff, 0]);
    const readers = Array.from({ length: 50 }, () => {
      const one = new PacketReader(64 << 20);
      one.push(Buffer.from(header));
      one.push(Buffer.from('abc'));
      expect(one.next()).toBeNull();
      return one;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
    expect(readers.length + reader.bufferedBytes).toBe(50);
  });

  it('gives up what was not read', () => {
    const reader = new PacketReader(1000);
    reader.push(Buffer.concat([frame(0, Buffer.from('one')), Buffer.from('rest')]));
    reader.next();
    expect(reader.takeRest().toString()).toBe('rest');
    expect(reader.bufferedBytes).toBe(0);
  });
});
