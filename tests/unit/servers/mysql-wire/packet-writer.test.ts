import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxFramePayload, PacketReader } from '../../../../src-main/servers/mysql-wire/packet-reader';
import { PacketWriter } from '../../../../src-main/servers/mysql-wire/packet-writer';
import { PayloadReader } from '../../../../src-main/servers/mysql-wire/payload-reader';
import { hex, payloadOf } from './packets/built';

describe('PacketWriter', () => {
  it('writes integers little-endian', () => {
    const bytes = payloadOf((out) => {
      out.begin();
      out.u8(0x01);
      out.u16(0x0203);
      out.u24(0x040506);
      out.u32(0xfff1f2f3);
      out.u64(0x1112131415161718n);
      out.u64(-1n);
      out.end();
    });
    expect(bytes.toString('hex')).toBe('010302060504f3f2f1ff1817161514131211ffffffffffffffff');
  });

  it.each([
    [0, '00'],
    [250, 'fa'],
    [251, 'fcfb00'],
    [0xffff, 'fcffff'],
    [0x10000, 'fd000001'],
    [0xffffff, 'fdffffff'],
    [0x1000000, 'fe0000000100000000'],
    [0xffffffffffffffffn, 'feffffffffffffffff'],
  ])('writes %s as length-encoded integer', (value, expected) => {
    const bytes = payloadOf((out) => {
      out.begin();
      out.lenenc(value);
      out.end();
    });
    expect(bytes.toString('hex')).toBe(expected);
    expect(BigInt(new PayloadReader(bytes).lenencBig('x'))).toBe(BigInt(value));
  });

  it('writes text of any length and alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const bytes = payloadOf((out) => {
          out.begin();
          out.lenencText(text);
          out.end();
        });
        expect(new PayloadReader(bytes).lenencBytes('x').equals(Buffer.from(text))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts long payloads into frames, an empty one at the end where needed', () => {
    for (const length of [maxFramePayload - 1, maxFramePayload, maxFramePayload + 5, 2 * maxFramePayload + 3]) {
      const out = new PacketWriter();
      out.sequence = 254;
      const payload = Buffer.alloc(length);
      for (let at = 0; at < length; at += 4093) payload[at] = at & 0xff;
      out.begin();
      out.bytes(payload);
      out.end();
      const bytes = out.take();
      expect(bytes.length).toBe(length + 4 * (Math.floor(length / maxFramePayload) + 1));
      const reader = new PacketReader(64 << 20);
      reader.sequence = 254;
      reader.push(bytes);
      expect(reader.next()!.equals(payload)).toBe(true);
      expect(out.sequence).toBe(reader.sequence);
    }
  });

  it('never changes bytes that were taken', () => {
    const out = new PacketWriter();
    const taken: { bytes: Buffer; copy: Buffer }[] = [];
    for (let turn = 1; turn < 200; turn += 1) {
      out.begin();
      out.bytes(Buffer.alloc((turn * 97) % 9000, turn & 0xff));
      out.end();
      const bytes = out.take();
      taken.push({ bytes, copy: Buffer.from(bytes) });
    }
    for (const { bytes, copy } of taken) expect(bytes.equals(copy)).toBe(true);
  });

  it('forgets a discarded packet', () => {
    const out = new PacketWriter();
    out.begin();
    out.u8(1);
    out.end();
    out.begin();
    out.text('half a packet');
    out.discard();
    out.begin();
    out.u8(2);
    out.end();
    expect(out.take()).toEqual(hex('0100000001 0100000102'));
  });
});
