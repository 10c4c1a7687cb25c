/** MySQL's type numbers (MySQL source documentation, enum_field_types). */
export const fieldType = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newdate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  vector: 242,
  json: 245,
  newdecimal: 246,
  enum: 247,
  set: 248,
  tinyBlob: 249,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

/** Column and parameter flags that change how a value is read. */
export const unsignedFlag = 32;
export const unsignedParameterFlag = 0x80;

const vitessNumbers = new Map<number, readonly [number, number]>([
  [fieldType.decimal, [18, 18]],
  [fieldType.tiny, [257, 770]],
  [fieldType.short, [259, 772]],
  [fieldType.long, [263, 776]],
  [fieldType.float, [1035, 1035]],
  [fieldType.double, [1036, 1036]],
  [fieldType.null, [0, 0]],
  [fieldType.timestamp, [2061, 2061]],
  [fieldType.longlong, [265, 778]],
  [fieldType.int24, [261, 774]],
  [fieldType.date, [2062, 2062]],
  [fieldType.time, [2063, 2063]],
  [fieldType.datetime, [2064, 2064]],
  [fieldType.year, [785, 785]],
  [fieldType.newdate, [2062, 2062]],
  [fieldType.varchar, [6165, 6165]],
  [fieldType.bit, [2073, 2073]],
  [fieldType.timestamp2, [2061, 2061]],
  [fieldType.datetime2, [2064, 2064]],
  [fieldType.time2, [2063, 2063]],
  [fieldType.json, [2078, 2078]],
  [fieldType.newdecimal, [18, 18]],
  [fieldType.enum, [2074, 2074]],
  [fieldType.set, [2075, 2075]],
  [fieldType.tinyBlob, [6163, 6163]],
  [fieldType.mediumBlob, [6163, 6163]],
  [fieldType.longBlob, [6163, 6163]],
  [fieldType.blob, [6163, 6163]],
  [fieldType.varString, [6165, 6165]],
  [fieldType.string, [6167, 6167]],
  [fieldType.geometry, [2077, 2077]],
]);

/** The number that Vitess gives a parameter type (query.Type in proto/query.proto), as its error texts print it. */
export const vitessTypeNumber = (type: number, unsigned: boolean): number =>
  vitessNumbers.get(type)?.[unsigned ? 1 : 0] ?? 0;

/** Whether parameters and columns of this type exist in the binary protocol. */
export const isKnownType = (type: number): boolean => vitessNumbers.has(type) || type === fieldType.vector;
