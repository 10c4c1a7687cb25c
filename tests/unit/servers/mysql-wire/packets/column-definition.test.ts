import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parameterDefinition,
  readColumnDefinition,
  writeColumnDefinition,
} from '../../../../../src-main/servers/mysql-wire/packets/column-definition';
import { payloadOf } from './built';

const recorded = readFileSync(new URL('../../../../conformance/recorded/mysql-protocol.json', import.meta.url), 'utf8');
const packets = [...new Set([...recorded.matchAll(/"packetHex": ?"(03646566[0-9a-f]+)"/g)].map((match) => match[1]!))];

describe('column definition', () => {
  it('is written as every recorded one was read', () => {
    expect(packets.length).toBeGreaterThan(60);
    for (const packet of packets) {
      const column = readColumnDefinition(Buffer.from(packet, 'hex'));
      expect(payloadOf((out) => writeColumnDefinition(out, column)).toString('hex')).toBe(packet);
    }
  });

  it('of a parameter is vtgate’s', () => {
    const packet = '03646566000000013f000c3f0000000000fd8000000000';
    expect(payloadOf((out) => writeColumnDefinition(out, parameterDefinition)).toString('hex')).toBe(packet);
  });

  it('takes names longer than the short form', () => {
    const column = { ...parameterDefinition, name: 'ü'.repeat(200), table: 't'.repeat(64) };
    expect(readColumnDefinition(payloadOf((out) => writeColumnDefinition(out, column)))).toEqual(column);
  });
});
