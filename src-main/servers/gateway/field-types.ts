import type { query } from '../rpc';
import type { BoundParameter, ColumnDefinition } from '../mysql-wire/types';

/** query.Type to MySQL's enum_field_types (go/mysql/... sqltypes; MySQL manual, field_types.h). */
const mysqlTypes: ReadonlyMap<number, number> = new Map([
  [0, 6], // NULL_TYPE
  [257, 1], // INT8
  [770, 1], // UINT8
  [259, 2], // INT16
  [772, 2], // UINT16
  [261, 9], // INT24
  [774, 9], // UINT24
  [263, 3], // INT32
  [776, 3], // UINT32
  [265, 8], // INT64
  [778, 8], // UINT64
  [1035, 4], // FLOAT32
  [1036, 5], // FLOAT64
  [2061, 7], // TIMESTAMP
  [2062, 10], // DATE
  [2063, 11], // TIME
  [2064, 12], // DATETIME
  [785, 13], // YEAR
  [18, 246], // DECIMAL
  [6163, 252], // TEXT
  [10260, 252], // BLOB
  [6165, 253], // VARCHAR
  [10262, 253], // VARBINARY
  [6167, 254], // CHAR
  [10264, 254], // BINARY
  [2073, 16], // BIT
  [2074, 254], // ENUM
  [2075, 254], // SET
  [2077, 255], // GEOMETRY
  [2078, 245], // JSON
  [2083, 242], // VECTOR
  [4128, 253], // HEXNUM
  [4129, 253], // HEXVAL
  [4130, 253], // BITNUM
]);

/** A column as a client of the MySQL protocol sees it. */
export function columnDefinition(field: query.Field): ColumnDefinition {
  return {
    schema: field.database,
    table: field.table,
    orgTable: field.orgTable,
    name: field.name,
    orgName: field.orgName,
    charset: field.charset,
    columnLength: field.columnLength,
    type: mysqlTypes.get(field.type) ?? 253,
    flags: field.flags,
    decimals: field.decimals,
  };
}

/** MySQL type number of a parameter to query.Type, signed and unsigned (go/mysql/query.go, parseStmtArgs). */
const signedTypes: ReadonlyMap<number, number> = new Map([
  [1, 257],
  [2, 259],
  [3, 263],
  [8, 265],
  [9, 261],
  [13, 785],
  [4, 1035],
  [5, 1036],
  [0, 18],
  [246, 18],
  [6, 0],
  [7, 2061],
  [10, 2062],
  [11, 2063],
  [12, 2064],
  [16, 2073],
  [245, 2078],
  [249, 6163],
  [250, 6163],
  [251, 6163],
  [252, 10260],
  [15, 6165],
  [253, 6165],
  [254, 6165],
  [247, 10264],
  [248, 10264],
  [255, 2077],
]);
const unsignedTypes: ReadonlyMap<number, number> = new Map([
  [1, 770],
  [2, 772],
  [3, 776],
  [8, 778],
  [9, 774],
]);

/** A parameter of COM_STMT_EXECUTE as a bind variable. */
export function bindVariable(parameter: BoundParameter): query.IBindVariable {
  if (parameter.value === null) return { type: 0 };
  const unsigned = parameter.unsigned ? unsignedTypes.get(parameter.type) : undefined;
  return { type: unsigned ?? signedTypes.get(parameter.type) ?? 6165, value: parameter.value };
}
