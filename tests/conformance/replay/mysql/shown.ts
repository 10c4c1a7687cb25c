import { splitErrorText } from './error-text';
import type { SeenColumn } from '../../../support/mysql-wire/read-packets';
import { shownValue, textValues, type SeenAnswer, type SeenPrepared } from './wire-reader';

/**
 * Answers in the words of the recordings, the recorded one and the one that was seen brought to the same form, so that
 * they can be compared key by key.
 */

type Recorded = Readonly<Record<string, unknown>>;

const columnKeys = ['db', 'table', 'orgTable', 'name', 'orgName', 'type', 'charset', 'length', 'flags', 'decimals'];

const errorOf = (err: unknown): unknown => {
  const { message, ...rest } = err as { message: unknown };
  return typeof message === 'string' ? { ...rest, message: splitErrorText(message) } : err;
};

function columnOf(column: unknown): unknown {
  if (Array.isArray(column)) return Object.fromEntries(column.map((value, index) => [columnKeys[index]!, value]));
  const { catalog: _def, ...facts } = column as Recorded;
  return facts;
}

const listOf = (list: unknown, each: (one: unknown) => unknown): unknown =>
  Array.isArray(list) ? list.map(each) : list;

const reply = new Set(['columns', 'paramDefs', 'columnDefs', 'err', 'errInRows', 'results', 'extraPackets']);

/** A recorded answer with columns as objects and errors in parts. */
export function expectedAnswer(got: unknown): unknown {
  if (typeof got !== 'object' || got === null || Array.isArray(got)) return got;
  const { noReply: _none, ...shown } = got as Recorded;
  return Object.fromEntries(
    Object.entries(shown).map(([key, value]) => {
      if (!reply.has(key)) return [key, value];
      if (key === 'err' || key === 'errInRows') return [key, errorOf(value)];
      if (key === 'results' || key === 'extraPackets') return [key, listOf(value, expectedAnswer)];
      return [key, listOf(value, columnOf)];
    }),
  );
}

function shownColumn(column: SeenColumn, expected: unknown): unknown {
  const { packetHex, ...facts } = column;
  const wanted = expected as Recorded | undefined;
  if (wanted === undefined || typeof wanted !== 'object') return facts;
  return 'packetHex' in wanted ? { ...facts, packetHex } : facts;
}

const shownColumns = (columns: readonly SeenColumn[], expected: unknown): unknown =>
  columns.map((column, index) => shownColumn(column, Array.isArray(expected) ? expected[index] : undefined));

function shownRow(payload: Buffer, binary: boolean, asHex: boolean): unknown {
  if (binary) return { packetHex: payload.toString('hex') };
  const values = textValues(payload);
  return asHex ? { valuesHex: values.map((value) => value?.toString('hex') ?? null) } : values.map(shownValue);
}

/** What was seen of one result, in the form of `expected`. */
export function shownAnswer(seen: SeenAnswer | SeenPrepared, expected: unknown, binary: boolean): unknown {
  const wanted = (typeof expected === 'object' && expected !== null ? expected : {}) as Recorded;
  if ('prepared' in seen) {
    const { prepared, paramDefs, columnDefs, ...eofs } = seen;
    return {
      prepared,
      ...eofs,
      ...(paramDefs.length > 0 ? { paramDefs: shownColumns(paramDefs, wanted['paramDefs']) } : {}),
      ...(columnDefs.length > 0 ? { columnDefs: shownColumns(columnDefs, wanted['columnDefs']) } : {}),
    };
  }
  const { columns, rows, err, errInRows, ...rest } = seen;
  if (err !== undefined) return { err: errorOf(err) };
  if (columns === undefined || rows === undefined) return rest;
  const recorded = wanted['rows'];
  const listed = Array.isArray(recorded) ? recorded : null;
  const asHex = listed !== null && listed.length > 0 && 'valuesHex' in (listed[0] as object);
  const counted = 'rowCount' in wanted;
  const shown = (counted && listed !== null ? rows.slice(0, listed.length) : rows).map((row) =>
    shownRow(row, binary, asHex),
  );
  return {
    ...rest,
    columns: shownColumns(columns, wanted['columns']),
    rows: shown,
    ...(counted ? { rowCount: rows.length } : {}),
    ...(errInRows === undefined ? {} : { errInRows: errorOf(errInRows) }),
  };
}
