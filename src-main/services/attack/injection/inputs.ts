import { leak } from '../acl-escape/escape';

/** Where the application puts its input. */
export type Context = 'text' | 'double' | 'number' | 'like' | 'order' | 'two';

/** What the application does with quotes beforehand. */
export type Care = 'none' | 'doubled' | 'slashes';

export interface InputNames {
  /** The forbidden table and its column, quoted. */
  readonly F: string;
  readonly f: string;
}

/** One hostile input. */
export interface HostileInput {
  readonly kind: string;
  readonly title: string;
  readonly context: Context;
  readonly input: (names: InputNames) => string | Buffer;
  /** The second field, where there are two. */
  readonly second?: string;
  readonly care?: Care;
  /** Statements that set the session up. */
  readonly session?: readonly string[];
  /** After another row of the application's table, the forbidden table, or a change of that. */
  readonly aim: 'row' | 'table' | 'change';
  /** The application sends several statements in one text. */
  readonly several?: true;
  /** The input is stored first and used later. */
  readonly later?: true;
  /** Query rules see no difference: it is all in the values. */
  readonly unseen?: true;
  /** Binding it does not help: the value means something by itself. */
  readonly evenBound?: true;
}

type Short = readonly [kind: string, title: string, context: Context, input: string];

const rows: readonly Short[] = [
  ['or-quotes', 'A quote and OR', 'text', "' or '1'='1"],
  ['or-dashes', 'OR and a comment with dashes', 'text', "' or 1=1 -- "],
  ['or-hash', 'OR and a comment with #', 'text', "' or 1=1 #"],
  ['or-block', 'OR and an open comment', 'text', "' or 1=1 /*"],
  ['or-empty', 'OR of two empty texts', 'text', "' or ''='"],
  ['or-pipes', 'Two pipes', 'text', "' || '1"],
  ['equals', 'A chain of equal signs', 'text', "'='"],
  ['minus', 'A minus between texts', 'text', "'-'"],
  ['newline', 'A comment and a new line', 'text', "' or 1=1 --\n"],
  ['version-comment', 'A version comment', 'text', "' /*!50000 or 1=1 */ -- "],
  ['split-comment', 'Comments between the words', 'text', "'/**/or/**/1=1/**/-- "],
  ['nul', 'A NUL byte before the quote', 'text', "x\0' or 1=1 -- "],
  ['double-quotes', 'Double quotes', 'double', '" or 1=1 -- '],
  ['number-or', 'OR behind a number', 'number', '0 or 1=1'],
  ['number-true', 'TRUE behind a number', 'number', '0 or true -- '],
  ['number-hex', 'A hexadecimal number and OR', 'number', '0x30 or 1=1'],
  ['number-greater', 'Another comparison behind a number', 'number', '0 or 2 > 1'],
  ['like-or', 'A quote behind LIKE', 'like', "' or 1=1 -- "],
];

const tables: readonly (readonly [kind: string, title: string, context: Context, input: HostileInput['input']])[] = [
  ['union', 'UNION', 'text', ({ F, f }) => `' union select max(${f}) from ${F} -- `],
  [
    'union-quotes',
    'UNION without a comment',
    'text',
    ({ F, f }) => `' union all select max(${f}) from ${F} where '1'='1`,
  ],
  [
    'union-version',
    'UNION in a version comment',
    'text',
    ({ F, f }) => `' /*!50000 union select max(${f}) from ${F} */ -- `,
  ],
  ['number-union', 'UNION behind a number', 'number', ({ F, f }) => `0 union select max(${f}) from ${F} -- `],
  ['error', 'A value in MySQL’s error', 'text', ({ F, f }) => `' or ${leak(`select max(${f}) from ${F}`)} -- `],
  [
    'number-error',
    'A value in MySQL’s error, behind a number',
    'number',
    ({ F, f }) => `0 or ${leak(`select max(${f}) from ${F}`)}`,
  ],
  ['order-error', 'An expression in ORDER BY', 'order', ({ F, f }) => leak(`select max(${f}) from ${F}`)],
  ['order-union', 'UNION behind ORDER BY', 'order', ({ F, f }) => `1) union (select max(${f}) from ${F}`],
];

const bytes = (...before: number[]): Buffer => Buffer.concat([Buffer.from(before), Buffer.from("' or 1=1 -- ")]);
const slashes = 'slashes' as const;

const tricks: readonly HostileInput[] = [
  {
    ...{ kind: 'stacked', title: 'A second statement', context: 'text', aim: 'table', several: true },
    input: ({ F, f }) => `'; select max(${f}) from ${F}; -- `,
  },
  {
    ...{
      kind: 'stacked-number',
      title: 'A second statement behind a number',
      context: 'number',
      aim: 'table',
      several: true,
    },
    input: ({ F, f }) => `0; select max(${f}) from ${F} -- `,
  },
  {
    ...{
      kind: 'stacked-change',
      title: 'A second statement that deletes',
      context: 'text',
      aim: 'change',
      several: true,
    },
    input: ({ F }) => `'; delete from ${F}; -- `,
  },
  {
    ...{
      kind: 'backslash',
      title: 'A backslash where quotes are doubled',
      context: 'text',
      care: 'doubled',
      aim: 'row',
    },
    input: () => "\\' or 1=1 -- ",
  },
  {
    ...{
      kind: 'backslash-end',
      title: 'A backslash at the end of the first field',
      context: 'two',
      care: 'doubled',
      aim: 'row',
    },
    input: () => '\\',
    second: ' or 1=1 -- ',
  },
  {
    ...{
      kind: 'no-backslash',
      title: 'NO_BACKSLASH_ESCAPES where quotes get backslashes',
      context: 'text',
      care: slashes,
      aim: 'row',
    },
    session: [`set session sql_mode = 'NO_BACKSLASH_ESCAPES'`],
    input: () => "' or 1=1 -- ",
  },
  {
    ...{ kind: 'ansi-quotes', title: 'ANSI_QUOTES', context: 'double', care: 'doubled', aim: 'row' },
    session: [`set session sql_mode = 'ANSI_QUOTES'`],
    input: () => '" or 1=1 -- ',
  },
  {
    ...{
      kind: 'gbk',
      title: 'Half a character of GBK',
      context: 'text',
      care: slashes,
      aim: 'row',
      session: ['set names gbk'],
    },
    input: () => bytes(0xbf),
  },
  {
    ...{
      kind: 'gbk-client',
      title: 'Half a character of GBK, for the client alone',
      context: 'text',
      care: slashes,
      aim: 'row',
    },
    session: ['set character_set_client = gbk'],
    input: () => bytes(0xbf),
  },
  {
    ...{ kind: 'sjis', title: 'Half a character of Shift JIS', context: 'text', care: slashes, aim: 'row' },
    session: ['set names sjis'],
    input: () => bytes(0x95),
  },
  {
    ...{
      kind: 'big5',
      title: 'Half a character of Big5',
      context: 'text',
      care: slashes,
      aim: 'row',
      session: ['set names big5'],
    },
    input: () => bytes(0xa5),
  },
  {
    ...{ kind: 'half-utf8', title: 'Half a character of UTF-8', context: 'text', care: slashes, aim: 'row' },
    input: () => bytes(0xe3, 0x81),
  },
  {
    ...{ kind: 'look-alike-quote', title: 'Quotes that look like quotes', context: 'text', care: slashes, aim: 'row' },
    input: () => 'ʼ or 1=1 -- ＇ or 1=1 -- ’ or 1=1 -- ',
  },
  {
    ...{
      kind: 'like-percent',
      title: 'A percent sign behind LIKE',
      context: 'like',
      aim: 'row',
      unseen: true,
      evenBound: true,
    },
    input: () => 'y%z',
  },
  {
    ...{
      kind: 'like-underscores',
      title: 'Underscores behind LIKE',
      context: 'like',
      aim: 'row',
      unseen: true,
      evenBound: true,
    },
    input: () => '_z',
  },
  {
    ...{ kind: 'later', title: 'An input that is stored and used later', context: 'text', aim: 'row', later: true },
    input: () => "' or '1'='1",
  },
  {
    ...{
      kind: 'later-union',
      title: 'UNION that is stored and used later',
      context: 'text',
      aim: 'table',
      later: true,
    },
    input: ({ F, f }) => `' union select max(${f}) from ${F} -- `,
  },
];

/** Every hostile input; each is sent joined into the statement, beside it, and against query rules. */
export const hostileInputs: readonly HostileInput[] = [
  ...rows.map(([kind, title, context, input]): HostileInput => ({
    kind,
    title,
    context,
    aim: 'row',
    input: () => input,
  })),
  ...tables.map(([kind, title, context, input]): HostileInput => ({ kind, title, context, aim: 'table', input })),
  ...tricks,
];
