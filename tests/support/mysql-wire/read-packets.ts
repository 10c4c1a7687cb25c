import { columnFlagNames, statusNames, typeName } from './recorded-names';

/** Reads packets of answers off the wire, in the words of mysql-protocol.json; shares no code with the server. */
export class Cursor {
  at = 0;
  constructor(readonly payload: Buffer) {}

  u8 = (): number => this.payload[this.at++]!;
  u16 = (): number => this.#le(2);
  u32 = (): number => this.#le(4);

  #le(bytes: number): number {
    const value = this.payload.readUIntLE(this.at, bytes);
    this.at += bytes;
    return value;
  }

  /** A length-encoded number; null for 0xfb. */
  int(): number | string | null {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfb) return null;
    if (first === 0xfc) return this.u16();
    if (first === 0xfd) return this.#le(3);
    const value = this.payload.readBigUInt64LE(this.at);
    this.at += 8;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  }

  bytes(): Buffer | null {
    const length = this.int();
    if (length === null) return null;
    this.at += Number(length);
    return this.payload.subarray(this.at - Number(length), this.at);
  }

  text = (): string => this.bytes()?.toString('utf8') ?? '';
}

export interface SeenOk {
  readonly affectedRows?: number | string | null;
  readonly insertId?: number | string | null;
  readonly status: readonly string[];
  readonly warnings: number;
  readonly info?: string;
}

export function readOk(payload: Buffer): SeenOk {
  const cursor = new Cursor(payload);
  cursor.u8();
  const affectedRows = cursor.int();
  const insertId = cursor.int();
  const status = statusNames(cursor.u16());
  const warnings = cursor.u16();
  const rest = payload.subarray(cursor.at);
  const info = rest.length === 0 ? {} : { info: rest.toString('utf8') };
  return { affectedRows, insertId, status, warnings, ...info };
}

export function readEof(payload: Buffer): SeenOk {
  if (payload.length !== 5) throw new Error(`an EOF packet of ${payload.length} bytes`);
  return { status: statusNames(payload.readUInt16LE(3)), warnings: payload.readUInt16LE(1) };
}

export interface SeenColumn {
  readonly db: string;
  readonly table: string;
  readonly orgTable: string;
  readonly name: string;
  readonly orgName: string;
  readonly type: string;
  readonly charset: number;
  readonly length: number;
  readonly flags: readonly string[];
  readonly decimals: number;
  readonly packetHex: string;
}

export function readColumn(payload: Buffer): SeenColumn {
  const cursor = new Cursor(payload);
  if (cursor.text() !== 'def') throw new Error('a column definition without its catalog');
  const [db, table, orgTable, name, orgName] = [
    cursor.text(),
    cursor.text(),
    cursor.text(),
    cursor.text(),
    cursor.text(),
  ];
  cursor.u8();
  const charset = cursor.u16();
  const length = cursor.u32();
  const type = typeName(cursor.u8());
  const flags = columnFlagNames(cursor.u16());
  const decimals = cursor.u8();
  return {
    db,
    table,
    orgTable,
    name,
    orgName,
    type,
    charset,
    length,
    flags,
    decimals,
    packetHex: payload.toString('hex'),
  };
}
