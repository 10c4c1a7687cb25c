import type { query } from '../rpc';
import type { WireColumn } from './field-types';

/** What one statement without rows, or the end of one with rows, brought. */
export interface CommandOutcome {
  readonly affectedRows: bigint;
  readonly insertId: bigint;
  readonly info: string;
  readonly warnings: number;
}

/** Where rows go while they arrive. */
export interface RowSink {
  columns(columns: readonly WireColumn[]): void;
  /** False: more rows are not wanted for now; `resume` of the connection continues. */
  row(row: query.IRow): boolean;
}

/** What a command uses of a packet of mysql2: its bytes, and its reading of an ERR packet. */
interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
  asError(encoding: string): Error;
}

/** What a command uses of a connection of mysql2. */
export interface CommandConnection {
  readonly clientEncoding: string;
  readonly _mariadbExtendedMetadata?: boolean;
  /** The server's greeting. */
  readonly _handshakePacket: { readonly capabilityFlags: number };
  _resetSequenceId(): void;
  _bumpSequenceId(count: number): void;
  write(bytes: Buffer): void;
  addCommand(command: TextCommand): void;
}

const COM_QUERY = 3;
const LARGEST_PAYLOAD = 0xff_ffff;
const MORE_RESULTS = 8;
const NULL_VALUE = 0xfb;
/** CLIENT_SESSION_TRACK, which mysql2 asks for wherever a server has it: the text of an OK packet has a length then. */
const SESSION_TRACK = 0x0080_0000;

const nothing: CommandOutcome = { affectedRows: 0n, insertId: 0n, info: '', warnings: 0 };

/** COM_QUERY as packets, cut at 16 MiB - 1 (MySQL manual: Sending More Than 16Mb); the last has the sequence number before `packets`. */
function queryPackets(sql: string): { readonly bytes: Buffer; readonly packets: number } {
  const length = 1 + Buffer.byteLength(sql);
  const packets = Math.floor(length / LARGEST_PAYLOAD) + 1;
  const payload = Buffer.allocUnsafe(4 + length);
  payload[4] = COM_QUERY;
  payload.write(sql, 5, 'utf8');
  if (packets === 1) {
    payload.writeUInt32LE(length, 0);
    return { bytes: payload, packets };
  }
  const parts: Buffer[] = [];
  for (let number = 0; number < packets; number += 1) {
    const from = number * LARGEST_PAYLOAD;
    const part = payload.subarray(4 + from, 4 + Math.min(length, from + LARGEST_PAYLOAD));
    const head = Buffer.alloc(4);
    head.writeUIntLE(part.length, 0, 3);
    head[3] = number;
    parts.push(head, part);
  }
  return { bytes: Buffer.concat(parts), packets };
}

/** Reads a packet's payload from the front. Throws RangeError beyond its end. */
class Cursor {
  constructor(
    readonly bytes: Buffer,
    public at: number,
    readonly end: number,
  ) {}

  u16(): number {
    this.#demand(2);
    this.at += 2;
    return this.bytes.readUInt16LE(this.at - 2);
  }

  /** A length-encoded integer. */
  integer(): bigint | number {
    this.#demand(1);
    const first = this.bytes[this.at++]!;
    if (first < NULL_VALUE) return first;
    const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
    if (size === 0) throw new RangeError('no length');
    this.#demand(size);
    this.at += size;
    return size === 8 ? this.bytes.readBigUInt64LE(this.at - 8) : this.bytes.readUIntLE(this.at - size, size);
  }

  text(): string {
    const length = Number(this.integer());
    this.#demand(length);
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  rest(): string {
    return this.bytes.toString('utf8', this.at, this.end);
  }

  #demand(bytes: number): void {
    if (this.at + bytes > this.end) throw new RangeError('a packet of MySQL is too short');
  }
}

const knownColumns = new Map<string, WireColumn>();
const COLUMNS_KEPT = 2_000;
const LONGEST_COLUMN = 1_024;

/** Protocol::ColumnDefinition41; the same bytes give the same object, since most statements are asked again and again. */
function readColumn(packet: Packet, extended: boolean): WireColumn {
  const { buffer, offset, end } = packet;
  const kept = !extended && end - offset <= LONGEST_COLUMN;
  const key = kept ? buffer.toString('latin1', offset, end) : '';
  const known = kept ? knownColumns.get(key) : undefined;
  if (known !== undefined) return known;
  const cursor = new Cursor(buffer, offset, end);
  cursor.text();
  const schema = cursor.text();
  const table = cursor.text();
  const orgTable = cursor.text();
  const name = cursor.text();
  const orgName = cursor.text();
  if (extended) cursor.text();
  cursor.integer();
  const characterSet = cursor.u16();
  const columnLength = cursor.u16() + cursor.u16() * 0x1_0000;
  const columnType = cursor.u16();
  cursor.at -= 1;
  const flags = cursor.u16();
  const decimals = buffer[cursor.at] ?? 0;
  const column: WireColumn = {
    ...{ schema, table, orgTable, name, orgName, characterSet, columnLength },
    ...{ columnType: columnType & 0xff, flags, decimals },
  };
  if (kept) {
    if (knownColumns.size >= COLUMNS_KEPT) knownColumns.clear();
    knownColumns.set(key, column);
  }
  return column;
}

/** A row in text form as query.Row carries it: lengths (-1 for NULL) and the values one after the other. */
function readRow({ buffer, offset, end }: Packet, columns: number): query.IRow {
  const lengths = new Array<number>(columns);
  const starts = new Array<number>(columns);
  const cursor = new Cursor(buffer, offset, end);
  let total = 0;
  for (let column = 0; column < columns; column += 1) {
    if (buffer[cursor.at] === NULL_VALUE && cursor.at < end) {
      cursor.at += 1;
      lengths[column] = -1;
      continue;
    }
    const length = Number(cursor.integer());
    if (cursor.at + length > end) throw new RangeError('a packet of MySQL is too short');
    lengths[column] = length;
    starts[column] = cursor.at;
    cursor.at += length;
    total += length;
  }
  if (columns === 1) return { lengths, values: buffer.subarray(end - total, end) };
  const values = Buffer.allocUnsafe(total);
  let at = 0;
  for (let column = 0; column < columns; column += 1) {
    const length = lengths[column]!;
    if (length > 0) at += buffer.copy(values, at, starts[column]!, starts[column]! + length);
  }
  return { lengths, values };
}

type Stage = 'start' | 'header' | 'columns' | 'columns-end' | 'rows';

/**
 * COM_QUERY on a connection of mysql2, whose own command makes objects of every column and row that nobody here looks at.
 * mysql2 keeps login, TLS and packets; this reads lengths and values only. Rows of the first result go to `sink`.
 */
export class TextCommand {
  #stage: Stage = 'start';
  #results = 0;
  #outcome = nothing;
  #left = 0;
  #columns: WireColumn[] = [];

  constructor(
    private readonly sql: string,
    private readonly sink: RowSink | null,
    private readonly events: {
      /** The sink has taken enough for now. */
      pause(): void;
      done(outcome: CommandOutcome & { readonly results: number }): void;
      failed(error: unknown): void;
    },
  ) {}

  /** Called by mysql2 when the connection is lost. */
  onResult(error: unknown): void {
    this.events.failed(error);
  }

  /** Called by mysql2 for each packet, first without one; true when the command is over. Throws RangeError. */
  execute(packet: Packet | undefined, connection: CommandConnection): boolean {
    if (packet === undefined || this.#stage === 'start') {
      connection._resetSequenceId();
      const { bytes, packets } = queryPackets(this.sql);
      connection._bumpSequenceId(packets);
      connection.write(bytes);
      this.#stage = 'header';
      return false;
    }
    const first = packet.buffer[packet.offset]!;
    if (first === 0xff) {
      this.events.failed(packet.asError(connection.clientEncoding));
      return true;
    }
    const endMark = first === 0xfe && packet.end - packet.offset < 9;
    switch (this.#stage) {
      case 'header':
        return this.#header(packet, first, (connection._handshakePacket.capabilityFlags & SESSION_TRACK) !== 0);
      case 'columns':
        this.#columns.push(readColumn(packet, connection._mariadbExtendedMetadata === true));
        this.#left -= 1;
        if (this.#left === 0) this.#stage = 'columns-end';
        return false;
      case 'columns-end':
        if (!endMark) throw new RangeError('MySQL did not end its columns');
        this.#results += 1;
        if (this.#results === 1) this.sink?.columns(this.#columns);
        this.#stage = 'rows';
        return false;
      case 'rows':
        if (endMark) return this.#end(packet.buffer.readUInt16LE(packet.offset + 3));
        if (this.#results === 1 && this.sink !== null && !this.sink.row(readRow(packet, this.#columns.length)))
          this.events.pause();
        return false;
    }
  }

  #header(packet: Packet, first: number, tracked: boolean): boolean {
    const cursor = new Cursor(packet.buffer, packet.offset, packet.end);
    if (first !== 0) {
      if (first === NULL_VALUE) throw new RangeError('MySQL asks for a file, which is never allowed');
      this.#left = Number(cursor.integer());
      this.#columns = [];
      this.#stage = 'columns';
      return false;
    }
    cursor.at += 1;
    const affectedRows = BigInt(cursor.integer());
    const insertId = BigInt(cursor.integer());
    const status = cursor.u16();
    const warnings = cursor.u16();
    const info = cursor.at >= cursor.end ? '' : tracked ? cursor.text() : cursor.rest();
    if (this.#results === 0) this.#outcome = { affectedRows, insertId, info, warnings };
    return this.#end(status);
  }

  #end(status: number): boolean {
    if ((status & MORE_RESULTS) !== 0) {
      this.#stage = 'header';
      return false;
    }
    this.events.done({ ...this.#outcome, results: this.#results });
    return true;
  }
}
