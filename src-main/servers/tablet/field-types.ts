import type { query } from '../rpc';

/** What MySQL says of a column (Protocol::ColumnDefinition41), as mysql2 hands it over. */
export interface WireColumn {
  readonly schema: string;
  readonly table: string;
  readonly orgTable: string;
  readonly name: string;
  readonly orgName: string;
  readonly characterSet: number;
  readonly columnLength: number;
  readonly columnType: number;
  readonly flags: number;
  readonly decimals: number;
}

const UNSIGNED = 32;
const BINARY = 128;
const ENUM = 256;
const SET = 2048;

/** enum_field_types to query.Type (go/vt/sqlgen query.Type; go/sqltypes/type.go, mysqlToType). */
const types: ReadonlyMap<number, number> = new Map([
  [0, 18], // DECIMAL
  [1, 257], // INT8
  [2, 259], // INT16
  [3, 263], // INT32
  [4, 1035], // FLOAT32
  [5, 1036], // FLOAT64
  [6, 0], // NULL_TYPE
  [7, 2061], // TIMESTAMP
  [8, 265], // INT64
  [9, 261], // INT24
  [10, 2062], // DATE
  [11, 2063], // TIME
  [12, 2064], // DATETIME
  [13, 785], // YEAR
  [14, 2062], // NEWDATE
  [15, 6165], // VARCHAR
  [16, 2073], // BIT
  [17, 2061], // TIMESTAMP2
  [18, 2064], // DATETIME2
  [19, 2063], // TIME2
  [242, 2083], // VECTOR
  [245, 2078], // JSON
  [246, 18], // NEWDECIMAL
  [247, 2074], // ENUM
  [248, 2075], // SET
  [249, 6163], // TINY_BLOB
  [250, 6163], // MEDIUM_BLOB
  [251, 6163], // LONG_BLOB
  [252, 6163], // BLOB
  [253, 6165], // VAR_STRING
  [254, 6167], // STRING
  [255, 2077], // GEOMETRY
]);

const unsigned: ReadonlyMap<number, number> = new Map([
  [257, 770],
  [259, 772],
  [261, 774],
  [263, 776],
  [265, 778],
]);
const binary: ReadonlyMap<number, number> = new Map([
  [6163, 10260],
  [6165, 10262],
  [6167, 10264],
]);

/** The query.Type of a column: MySQL's type number, refined by its flags (go/sqltypes/type.go, modifyType). */
export function typeOf(column: Pick<WireColumn, 'columnType' | 'flags'>): number {
  const plain = types.get(column.columnType) ?? 6165;
  if ((column.flags & UNSIGNED) !== 0) return unsigned.get(plain) ?? plain;
  if ((column.flags & BINARY) !== 0 && binary.has(plain)) return binary.get(plain) ?? plain;
  if (plain === 6167 && (column.flags & ENUM) !== 0) return 2074;
  if (plain === 6167 && (column.flags & SET) !== 0) return 2075;
  return plain;
}

/** How much of a column travels (query.ExecuteOptions.included_fields). */
export type IncludedFields = 0 | 1 | 2;

const NUM = 32_768;

/** MySQL types to which Vitess, as MySQL's own client library, adds NUM_FLAG (go/mysql/constants.go, IsNum). */
const isNumeric = (columnType: number): boolean =>
  (columnType <= 9 && columnType !== 7) || columnType === 13 || columnType === 246;

/**
 * A column as query.Field; `included` is TYPE_AND_NAME (0), TYPE_ONLY (1) or ALL (2). `schema` is the name shown for the
 * column's database.
 */
export function fieldOf(column: WireColumn, included: number, schema: string = column.schema): query.IField {
  const type = typeOf(column);
  const charset = column.characterSet;
  if (included === 1) return { type, charset };
  if (included === 0) return { name: column.name, type, charset };
  return {
    name: column.name,
    type,
    table: column.table,
    orgTable: column.orgTable,
    database: schema,
    orgName: column.orgName,
    columnLength: column.columnLength,
    charset,
    decimals: column.decimals,
    flags: isNumeric(column.columnType) ? column.flags | NUM : column.flags,
  };
}
