import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HpackDecoder } from '../../../../../src-main/servers/rpc/h2/hpack-decoder';
import { HpackEncoder, type SentField } from '../../../../../src-main/servers/rpc/h2/hpack-encoder';
import { decodeHuffman } from '../../../../../src-main/servers/rpc/h2/huffman';
import { Http2Error } from '../../../../../src-main/servers/rpc/h2/protocol';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const decoder = (maxListBytes = 64 * 1024): HpackDecoder => new HpackDecoder(maxListBytes);
const field = (name: string, value: string, how: SentField['how'] = 'indexed'): SentField => ({ name, value, how });

describe('the examples of RFC 7541, Appendix C', () => {
  it.each([
    [
      'C.3 requests without Huffman code',
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
    ],
    [
      'C.4 requests with Huffman code',
      [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
    ],
  ])('%s', (_name, blocks) => {
    const reader = decoder();
    const common = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
    expect(reader.decode(hex(blocks[0]!))).toEqual(common);
    expect(reader.decode(hex(blocks[1]!))).toEqual([...common, 'cache-control', 'no-cache']);
    expect(reader.decode(hex(blocks[2]!))).toEqual([
      ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com'],
      ...['custom-key', 'custom-value'],
    ]);
  });

  it('C.6.1, a date in Huffman code', () => {
    expect(decodeHuffman(hex('d07abe941054d444a8200595040b8166e082a62d1bff'), 0, 22)).toBe(
      'Mon, 21 Oct 2013 20:13:21 GMT',
    );
  });
});

describe('a decoder', () => {
  it.each([
    ['a field that the table does not have', 'be'],
    ['field 0', '80'],
    ['a text that is cut off', '400a6375'],
    ['a number that is cut off', 'ff'],
    ['a number beyond all bounds', 'ffffffffffff7f'],
    ['a table larger than allowed', '3fe2ff01'],
    ['a change of the table size behind fields', '8220'],
    ['padding of zeros', '4001610100'.replace('0100', '8100')],
    ['the end mark within a string', '40016184ffffffff'],
  ])('refuses %s', (_what, block) => {
    expect(() => decoder().decode(hex(block))).toThrow(Http2Error);
  });

  it('refuses a list that is larger than allowed, however short its block', () => {
    const reader = decoder(4096);
    const sender = new HpackEncoder(4096);
    const large = [field('x', 'y'.repeat(2000))];
    expect(reader.decode(sender.encode(large))).toHaveLength(2);
    expect(reader.decode(sender.encode([...large, field('y', 'kept'), ...large, ...large]))).toBeNull();
    // The table has what the refused list put into it.
    expect(reader.decode(sender.encode([field('y', 'kept')]))).toEqual(['y', 'kept']);
  });

  it('does not take a remembered block for what it meant under another table', () => {
    const reader = decoder();
    const insert = (name: string, value: string): void =>
      void reader.decode(new HpackEncoder(4096).encode([field(name, value)]));
    insert('one', '1');
    const latest = hex('be');
    expect(reader.decode(latest)).toEqual(['one', '1']);
    expect(reader.decode(latest)).toEqual(['one', '1']);
    insert('two', '2');
    expect(reader.decode(latest)).toEqual(['two', '2']);
    reader.decode(hex('20'));
    expect(() => reader.decode(latest)).toThrow(Http2Error);
  });

  it('fails with nothing but Http2Error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (blocks) => {
        const reader = decoder(4096);
        try {
          for (const block of blocks) reader.decode(Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(Http2Error);
        }
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});

describe('an encoder', () => {
  const fields = fc.array(
    fc.record({
      name: fc.constantFrom(':path', 'te', 'x-a', 'x-b', 'authorization', ':method'),
      value: fc.oneof(
        fc.constantFrom('', 'trailers', 'POST'),
        fc.string({ maxLength: 300 }).map((text) => text.replace(/[^\0-\xff]/g, '')),
      ),
      how: fc.constantFrom('indexed' as const, 'plain' as const, 'secret' as const),
    }),
    { maxLength: 8 },
  );

  it.each([4096, 65_536, 0, 100])('is understood by the decoder, table of %i bytes', (tableBytes) => {
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 30 }), (lists) => {
        const sender = new HpackEncoder(tableBytes);
        const reader = decoder();
        for (const list of [...lists, ...lists])
          expect(reader.decode(sender.encode(list))).toEqual(list.flatMap(({ name, value }) => [name, value]));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('sends what is the same in each call once', () => {
    const sender = new HpackEncoder(4096);
    const list = [field(':path', '/a/long/path'), field('user-agent', 'gatehouse')];
    expect(sender.encode(list).length).toBeGreaterThan(20);
    expect(sender.encode(list)).toHaveLength(2);
  });

  it('marks secrets so that nobody on the way keeps them', () => {
    const sender = new HpackEncoder(4096);
    const list = [field('password', 'p', 'secret')];
    expect(sender.encode(list)[0]).toBe(0x10);
    expect(sender.encode(list)[0]).toBe(0x10);
  });
});
