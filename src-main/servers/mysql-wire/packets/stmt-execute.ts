import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';
import { MysqlError, type BoundParameter } from '../types';
import { fieldType, isKnownType, unsignedParameterFlag, vitessTypeNumber } from '../values/field-type';
import { readParameterValue } from '../values/parameter-value';
import { command } from './command';

/** Type and flag byte of one parameter, as last sent. */
export interface ParameterType {
  readonly type: number;
  readonly unsigned: boolean;
}

/** What COM_STMT_EXECUTE is read against. */
export interface ExecutedStatement {
  readonly parameterCount: number;
  /** Types of an earlier execution; a client may leave them out from the second on. */
  readonly types: readonly ParameterType[];
  /** Values that were sent ahead by COM_STMT_SEND_LONG_DATA; they are not in the packet. */
  readonly longData: ReadonlyMap<number, Buffer>;
}

export interface StmtExecute {
  readonly types: readonly ParameterType[];
  readonly parameters: readonly BoundParameter[];
}

/** CR_MALFORMED_PACKET, with vtgate's texts: the connection stays open. */
const malformed = (message: string): MysqlError => new MysqlError(2027, 'HY000', message);

const untyped: ParameterType = { type: fieldType.null, unsigned: false };

/** The id of the statement to execute. Throws MysqlError 2027. */
export function readExecutedStatementId(payload: Buffer): number {
  if (payload.length < 5) throw malformed('reading statement ID failed');
  return payload.readUInt32LE(1);
}

/**
 * The rest of COM_STMT_EXECUTE (MySQL manual: COM_STMT_EXECUTE). Cursors are not supported: the flag is read and every
 * row is sent at once, as vtgate does. Throws MysqlError 2027 with vtgate's text for what cannot be read.
 */
export function readStmtExecute(payload: Buffer, statement: ExecutedStatement): StmtExecute {
  const reader = new PayloadReader(payload, 5);
  const count = statement.parameterCount;
  required('reading cursor type flags failed', () => reader.u8(''));
  const iterations = required('reading iteration count failed', () => reader.u32(''));
  if (iterations !== 1) throw malformed('iteration count is not equal to 1');
  if (count === 0) return { types: [], parameters: [] };
  const nulls = required('reading NULL-bitmap failed', () => reader.bytes((count + 7) >>> 3, ''));
  const bound = reader.left > 0 && reader.u8('') === 1;
  const types = bound ? readTypes(reader, count) : statement.types;
  const parameters: BoundParameter[] = [];
  for (let index = 0; index < count; index += 1) {
    const { type, unsigned } = types[index] ?? untyped;
    const ahead = statement.longData.get(index);
    const isNull = (nulls[index >>> 3]! & (1 << (index & 7))) !== 0;
    if (ahead !== undefined) parameters.push({ type, unsigned, value: ahead });
    else if (isNull) parameters.push({ type, unsigned, value: null });
    else {
      const failed = `decoding parameter value failed: ${vitessTypeNumber(type, unsigned)}`;
      parameters.push({ type, unsigned, value: required(failed, () => readParameterValue(reader, type, unsigned)) });
    }
  }
  return { types, parameters };
}

function required<T>(message: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedPacketError ? malformed(message) : error;
  }
}

function readTypes(reader: PayloadReader, count: number): readonly ParameterType[] {
  const types: ParameterType[] = [];
  for (let index = 0; index < count; index += 1) {
    const type = required('reading parameter type failed', () => reader.u8(''));
    const flags = required('reading parameter flags failed', () => reader.u8(''));
    if (!isKnownType(type)) {
      throw malformed(`MySQLToType(${type},${flags}) failed: unsupported type: ${type}`);
    }
    types.push({ type, unsigned: (flags & unsignedParameterFlag) !== 0 });
  }
  return types;
}

/** An encoded parameter value; null is NULL. */
export interface EncodedParameter extends ParameterType {
  readonly encoded: Buffer | null;
}

/** Writes COM_STMT_EXECUTE with values that are encoded already. */
export function writeStmtExecute(
  out: PacketWriter,
  statementId: number,
  parameters: readonly EncodedParameter[],
  sendTypes = true,
): void {
  out.begin();
  out.u8(command.stmtExecute);
  out.u32(statementId);
  out.u8(0);
  out.u32(1);
  if (parameters.length > 0) {
    const nulls = Buffer.alloc((parameters.length + 7) >>> 3);
    parameters.forEach(({ encoded }, index) => {
      if (encoded === null) nulls[index >>> 3]! |= 1 << (index & 7);
    });
    out.bytes(nulls);
    out.u8(sendTypes ? 1 : 0);
    if (sendTypes) {
      for (const { type, unsigned } of parameters) {
        out.u8(type);
        out.u8(unsigned ? unsignedParameterFlag : 0);
      }
    }
    for (const { encoded } of parameters) if (encoded !== null) out.bytes(encoded);
  }
  out.end();
}
