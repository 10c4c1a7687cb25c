import type { ColumnDefinition, TextRow } from '../../../src-main/servers/mysql-wire';
import { readBinaryRow } from '../../../src-main/servers/mysql-wire/packets/binary-row';
import { columnFlagBits, typeNumbers } from './recorded-names';

type RecordedColumn =
  | readonly [string, string, string, string, string, string, number, number, readonly string[], number]
  | {
      readonly db: string;
      readonly table: string;
      readonly orgTable: string;
      readonly name: string;
      readonly orgName: string;
      readonly charset: number;
      readonly length: number;
      readonly type: string;
      readonly flags: readonly string[];
      readonly decimals: number;
      readonly packetHex?: string;
    };

type RecordedValue = string | null | { readonly hex?: string; readonly any?: boolean; readonly length?: number };
export type RecordedRow =
  readonly RecordedValue[] | { readonly valuesHex: readonly (string | null)[] } | { readonly packetHex: string };

interface RecordedOk {
  readonly affectedRows?: number;
  readonly insertId?: number | string;
  readonly status: readonly string[];
  readonly warnings: number;
  readonly info?: string;
}

interface RecordedError {
  readonly errno: number;
  readonly sqlstate: string;
  readonly message: string;
}

export interface Got {
  readonly ok?: RecordedOk;
  readonly err?: RecordedError;
  readonly prepared?: { readonly statementId: number; readonly columns: number; readonly params: number };
  readonly paramDefs?: readonly RecordedColumn[];
  readonly columnDefs?: readonly RecordedColumn[];
  readonly columns?: readonly RecordedColumn[];
  readonly rows?: readonly RecordedRow[] | { readonly any: true };
  readonly end?: RecordedOk;
  readonly endAs?: string;
  readonly eofAfterColumns?: RecordedOk;
  readonly eofAfterParams?: RecordedOk;
  readonly results?: readonly Got[];
  readonly extraPackets?: readonly { readonly err?: RecordedError; readonly connectionClosed?: boolean }[];
  readonly connectionClosed?: boolean;
  readonly noReply?: boolean;
  readonly skipped?: string;
  readonly ping?: string;
}

export type Text =
  | string
  | { readonly hex: string }
  | { readonly before: string; readonly repeat: string; readonly times: number; readonly after: string };

export interface Step {
  readonly do: readonly [string, ...unknown[]];
  readonly got: Got;
}

export interface RecordedCase {
  readonly id: string;
  readonly group: string;
  readonly connect?: {
    readonly user?: string;
    readonly password?: string;
    readonly database?: string | null;
    readonly via?: 'tcp' | 'tls' | 'unix';
    readonly charset?: number;
    readonly addCapabilities?: readonly string[];
    readonly dropCapabilities?: readonly string[];
    readonly plugin?: string;
    readonly authHex?: string;
  };
  readonly login?: { readonly ok?: RecordedOk; readonly err?: RecordedError; readonly connectionClosed?: boolean };
  readonly steps?: readonly Step[];
  readonly pingAfter?: string;
}

export const textOf = (text: Text): Buffer => {
  if (typeof text === 'string') return Buffer.from(text);
  if ('hex' in text) return Buffer.from(text.hex, 'hex');
  return Buffer.from(text.before + text.repeat.repeat(text.times) + text.after);
};

export function columnOf(recorded: RecordedColumn): ColumnDefinition {
  if (!('db' in recorded)) {
    const [schema, table, orgTable, name, orgName, type, charset, columnLength, flags, decimals] = recorded;
    const numbers = { type: typeNumbers[type]!, flags: columnFlagBits(flags) };
    return { schema, table, orgTable, name, orgName, charset, columnLength, decimals, ...numbers };
  }
  const { db, table, orgTable, name, orgName, charset, length, type, flags, decimals } = recorded;
  const numbers = { type: typeNumbers[type]!, flags: columnFlagBits(flags) };
  return { schema: db, table, orgTable, name, orgName, charset, columnLength: length, decimals, ...numbers };
}

/** A recorded row as a session hands it over; values that were left out of the recording become a placeholder. */
export function rowOf(recorded: RecordedRow, columns: readonly ColumnDefinition[]): TextRow {
  if ('packetHex' in recorded) return readBinaryRow(Buffer.from(recorded.packetHex, 'hex'), columns);
  const values =
    'valuesHex' in recorded
      ? recorded.valuesHex.map((hex) => (hex === null ? null : Buffer.from(hex, 'hex')))
      : recorded.map((value) => {
          if (value === null) return null;
          if (typeof value === 'string') return Buffer.from(value);
          return value.hex === undefined ? Buffer.from('any') : Buffer.from(value.hex, 'hex');
        });
  return {
    lengths: values.map((value) => value?.length ?? -1),
    values: Buffer.concat(values.filter((value) => value !== null)),
  };
}

/** The rows that were recorded; none where they differ from run to run. */
export const rowsOf = ({ rows = [] }: Got): readonly RecordedRow[] => ('any' in rows ? [] : rows);
