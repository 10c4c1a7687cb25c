/** Names that mysql-protocol.json uses for numbers. */
export const typeNumbers: Readonly<Record<string, number>> = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  VARCHAR: 15,
  BIT: 16,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
};

const columnFlags: Readonly<Record<string, number>> = {
  NOT_NULL: 1,
  PRI_KEY: 2,
  UNIQUE_KEY: 4,
  MULTIPLE_KEY: 8,
  BLOB: 16,
  UNSIGNED: 32,
  ZEROFILL: 64,
  BINARY: 128,
  ENUM: 256,
  AUTO_INCREMENT: 512,
  TIMESTAMP: 1024,
  SET: 2048,
  NO_DEFAULT_VALUE: 4096,
  ON_UPDATE_NOW: 8192,
  PART_KEY: 16384,
  NUM: 32768,
};

const statusFlags: Readonly<Record<string, number>> = { IN_TRANS: 1, AUTOCOMMIT: 2, MORE_RESULTS_EXISTS: 8 };

const sum = (table: Readonly<Record<string, number>>, names: readonly string[]): number =>
  names.reduce((bits, name) => {
    const bit = table[name];
    if (bit === undefined) throw new Error(`unknown flag ${name}`);
    return bits | bit;
  }, 0);

const namesOf = (table: Readonly<Record<string, number>>, bits: number): string[] =>
  Object.keys(table).filter((name) => (bits & table[name]!) !== 0);

export const columnFlagBits = (names: readonly string[]): number => sum(columnFlags, names);
export const columnFlagNames = (bits: number): string[] => namesOf(columnFlags, bits);
export const statusNames = (bits: number): string[] => namesOf(statusFlags, bits);

export const typeName = (type: number): string =>
  Object.keys(typeNumbers).find((name) => typeNumbers[name] === type) ?? String(type);
