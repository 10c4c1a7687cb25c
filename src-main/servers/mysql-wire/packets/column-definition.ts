import type { PacketWriter } from '../packet-writer';
import { PayloadReader } from '../payload-reader';
import type { ColumnDefinition } from '../types';

/** One column of a result or one parameter of a statement (MySQL manual: Protocol::ColumnDefinition41). */
export function writeColumnDefinition(out: PacketWriter, column: ColumnDefinition): void {
  out.begin();
  out.lenencText('def');
  out.lenencText(column.schema);
  out.lenencText(column.table);
  out.lenencText(column.orgTable);
  out.lenencText(column.name);
  out.lenencText(column.orgName);
  out.u8(0x0c);
  out.u16(column.charset);
  out.u32(column.columnLength);
  out.u8(column.type);
  out.u16(column.flags);
  out.u8(column.decimals);
  out.u16(0);
  out.end();
}

/** Throws MalformedPacketError. */
export function readColumnDefinition(payload: Buffer): ColumnDefinition {
  const reader = new PayloadReader(payload);
  reader.lenencBytes('catalog');
  const schema = reader.lenencText('schema');
  const table = reader.lenencText('table');
  const orgTable = reader.lenencText('original table');
  const name = reader.lenencText('name');
  const orgName = reader.lenencText('original name');
  reader.u8('length of fixed fields');
  const charset = reader.u16('character set');
  const columnLength = reader.u32('column length');
  const type = reader.u8('type');
  const flags = reader.u16('flags');
  const decimals = reader.u8('decimals');
  return { schema, table, orgTable, name, orgName, charset, columnLength, type, flags, decimals };
}

/** How vtgate describes every parameter of a prepared statement, whatever its type (as recorded). */
export const parameterDefinition: ColumnDefinition = {
  schema: '',
  table: '',
  orgTable: '',
  name: '?',
  orgName: '',
  charset: 63,
  columnLength: 0,
  type: 253,
  flags: 128,
  decimals: 0,
};
