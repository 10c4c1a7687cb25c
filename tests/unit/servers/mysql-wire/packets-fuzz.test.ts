import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramingError, PacketReader } from '../../../../src-main/servers/mysql-wire/packet-reader';
import { readBinaryRow } from '../../../../src-main/servers/mysql-wire/packets/binary-row';
import { readColumnDefinition } from '../../../../src-main/servers/mysql-wire/packets/column-definition';
import { readCommandText } from '../../../../src-main/servers/mysql-wire/packets/command-text';
import {
  readClientFlags,
  readHandshakeResponse,
} from '../../../../src-main/servers/mysql-wire/packets/handshake-response';
import { readOk } from '../../../../src-main/servers/mysql-wire/packets/ok';
import { readSetOption } from '../../../../src-main/servers/mysql-wire/packets/set-option';
import { readExecutedStatementId, readStmtExecute } from '../../../../src-main/servers/mysql-wire/packets/stmt-execute';
import { readStatementId } from '../../../../src-main/servers/mysql-wire/packets/stmt-id';
import { readLongData } from '../../../../src-main/servers/mysql-wire/packets/stmt-send-long-data';
import { readTextRow } from '../../../../src-main/servers/mysql-wire/packets/text-row';
import { parameterDefinition } from '../../../../src-main/servers/mysql-wire/packets/column-definition';
import { MalformedPacketError } from '../../../../src-main/servers/mysql-wire/payload-reader';
import { MysqlError } from '../../../../src-main/servers/mysql-wire';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);

/** Real packets to begin from: what a client sends, one of each kind. */
const seeds = [
  'cff3ba0800000000e00000000000000000000000000000000000000000000000616c6963650014d2623b54172b04ad70e2d3292ffa46b3289c7425636f6d6d65726365006d7973716c5f6e61746976655f70617373776f726400310c5f636c69656e745f6e616d650c4e6f64652d4d7953514c2d320f5f636c69656e745f76657273696f6e06332e32342e36',
  '0fa23b01000000012d0000000000000000000000000000000000000000000000',
  '1707000000000100000002010300fd000880ffffffffffffffffffffffff',
  '17010000000001000000000105000b000a000c000000000000000000080100000000010203 04e807021d 0be807021d0c223801000000',
  '18010000000200616263',
  '1901000000',
  '1b0000',
  '0373656c65637420312066726f6d206475616c',
  '0364656608636f6d6d6572636505747970657305747970657308635f626967696e7408635f626967696e740c3f0014000000080080000000',
].map((text) => Buffer.from(text.replace(/ /g, ''), 'hex'));

const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat({ max: 300 }),
    fc.uint8Array({ maxLength: 12 }),
  )
  .map(([seed, changes, length, tail]) => {
    const bytes = Buffer.from(seed);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return Buffer.concat([bytes.subarray(0, length > 200 ? bytes.length : length % (bytes.length + 1)), tail]);
  });
const anyBytes = fc.oneof(
  mutated,
  fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
);

const columns = [3, 8, 4, 10, 11, 12, 253, 13].map((type) => ({ ...parameterDefinition, type }));
const statement = {
  parameterCount: 3,
  types: [
    { type: 3, unsigned: false },
    { type: 253, unsigned: false },
    { type: 12, unsigned: false },
  ],
  longData: new Map<number, Buffer>(),
};

const parsers: readonly (readonly [string, (payload: Buffer) => unknown])[] = [
  ['login packet', readHandshakeResponse],
  ['SSLRequest', readClientFlags],
  ['text command', readCommandText],
  ['COM_SET_OPTION', readSetOption],
  ['statement number', readStatementId],
  ['long data', readLongData],
  ['COM_STMT_EXECUTE', (payload) => [readExecutedStatementId(payload), readStmtExecute(payload, statement)]],
  ['column definition', readColumnDefinition],
  ['OK', readOk],
  ['text row', (payload) => readTextRow(payload, 4)],
  ['binary row', (payload) => readBinaryRow(payload, columns)],
];

describe('parsers of hostile payloads', () => {
  it.each(parsers)('%s: reads or says what is wrong, and never anything else', (_name, parse) => {
    fc.assert(
      fc.property(anyBytes, (payload) => {
        try {
          parse(payload);
        } catch (error) {
          expect(error instanceof MalformedPacketError || error instanceof MysqlError).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it('framing: hands out packets or ends, and keeps no more than it was given', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 6 }), (chunks) => {
        const reader = new PacketReader(1 << 16);
        let given = 0;
        try {
          for (const chunk of chunks) {
            reader.push(chunk);
            given += chunk.length;
            while (reader.next() !== null);
            expect(reader.bufferedBytes).toBeLessThanOrEqual(given);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FramingError);
        }
      }),
      { numRuns },
    );
  });
});
