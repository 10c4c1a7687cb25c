import type { BoundValue, Turn } from '../../../clients';
import { labMark } from './lab-rules';
import type { Care, Context, HostileInput, InputNames } from './inputs';

/** The columns that the lab's application works with, quoted. */
export interface ApplicationNames extends InputNames {
  readonly A: string;
  /** A column of texts and the table's first column. */
  readonly text: string;
  readonly a: string;
}

type Part = string | Buffer;

/** What the application's statement looks like around its input. */
function joined(context: Context, { A, text, a }: ApplicationNames, input: Part, second: Part): Part[] {
  const head = `select ${text} from ${A} where `;
  const tail = ` order by ${text} desc limit 20`;
  switch (context) {
    case 'text':
      return [`${head}${text} = '`, input, `'${tail}`];
    case 'double':
      return [`${head}${text} = "`, input, `"${tail}`];
    case 'number':
      return [`${head}${a} = `, input, tail];
    case 'like':
      return [`${head}${text} like '`, input, `%'${tail}`];
    case 'two':
      return [`${head}${text} = '`, input, `' and ${text} = '`, second, `'${tail}`];
    case 'order':
      return [`(select ${text} from ${A} order by `, input, ' limit 1)'];
  }
}

/** The same with places for values. */
function withPlaces(context: Context, { A, text, a }: ApplicationNames): string {
  const head = `select ${text} from ${A} where `;
  const tail = ` order by ${text} desc limit 20`;
  switch (context) {
    case 'number':
      return `${head}${a} = ?${tail}`;
    case 'like':
      return `${head}${text} like concat(?, '%')${tail}`;
    case 'two':
      return `${head}${text} = ? and ${text} = ?${tail}`;
    case 'order':
      return `select ${text} from ${A} order by ? limit 1`;
    default:
      return `${head}${text} = ?${tail}`;
  }
}

const QUOTE = 0x27;
const special = new Set([QUOTE, 0x22, 0x5c]);

/** What the application takes for enough: doubled quotes, or a backslash before everything special, byte by byte. */
function careful(input: string | Buffer, care: Care): string | Buffer {
  if (care === 'none') return input;
  const out: number[] = [];
  for (const byte of Buffer.from(input))
    if (care === 'doubled') out.push(...(byte === QUOTE ? [byte, byte] : [byte]));
    else if (byte === 0) out.push(0x5c, 0x30);
    else out.push(...(special.has(byte) ? [0x5c, byte] : [byte]));
  const bytes = Buffer.from(out);
  return typeof input === 'string' ? bytes.toString('utf8') : bytes;
}

const together = (parts: readonly Part[]): string | Buffer =>
  parts.every((part) => typeof part === 'string')
    ? parts.join('')
    : Buffer.concat(parts.map((part) => Buffer.from(part)));

/** What is said beforehand: session settings, and the input that is stored with due care. */
function before(hostile: HostileInput, names: ApplicationNames): Turn[] {
  const turns: Turn[] = (hostile.session ?? []).map((sql) => ({ kind: 'query', sql }));
  if (hostile.later !== true) return turns;
  const stored = String(hostile.input(names)).replaceAll('\\', '\\\\').replaceAll("'", "''");
  return [
    ...turns,
    { kind: 'query', sql: `set @lab_stored = '${stored}'` },
    { kind: 'query', sql: 'select @lab_stored' },
  ];
}

/** The careless application: the input is part of the statement. `marked` puts the comment before it that rules look at. */
export function carelessTurns(hostile: HostileInput, names: ApplicationNames, marked: boolean): readonly Turn[] {
  const care = hostile.care ?? 'none';
  const input = careful(hostile.input(names), care);
  const parts = joined(hostile.context, names, input, careful(hostile.second ?? '', care));
  const sql = together(marked ? [labMark, ...parts] : parts);
  const turn: Turn =
    hostile.several === true && typeof sql === 'string' ? { kind: 'several', sql } : { kind: 'query', sql };
  return [...before(hostile, names), turn];
}

/** The careful application: the input travels beside the statement. */
export function boundTurns(hostile: HostileInput, names: ApplicationNames, storing: boolean): readonly Turn[] {
  const values: BoundValue[] = [hostile.input(names)];
  if (hostile.context === 'two') values.push(hostile.second ?? '');
  const bound: Turn = { kind: 'bound', sql: withPlaces(hostile.context, names), values };
  return storing ? [...before(hostile, names), bound] : [bound];
}
