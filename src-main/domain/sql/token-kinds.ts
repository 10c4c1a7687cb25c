const tokens = {
  end: 0,
  /** An unquoted name that is no keyword. */
  name: 1,
  /** A name in backticks. */
  quotedName: 2,
  string: 3,
  integer: 4,
  /** Decimal and floating point. */
  decimal: 5,
  /** `x'41'` */
  hex: 6,
  /** `0x41` */
  hexNumber: 7,
  /** `b'01'` and `0b01` */
  bits: 8,
  /** `:v1` and `?` */
  bindVariable: 9,
  /** `::list` */
  listVariable: 10,
  /** `@x` */
  userVariable: 11,
  /** `@@x` */
  systemVariable: 12,
  /** Bytes that begin no token, or a token that does not end. */
  broken: 13,
  notEqual: 14,
  lessOrEqual: 15,
  greaterOrEqual: 16,
  nullSafeEqual: 17,
  shiftLeft: 18,
  shiftRight: 19,
  and: 20,
  or: 21,
  assign: 22,
  arrow: 23,
  unquotingArrow: 24,
  /** `n'abc'` */
  nationalString: 25,
} as const;

const characters = {
  bang: 33,
  percent: 37,
  ampersand: 38,
  open: 40,
  close: 41,
  star: 42,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  semicolon: 59,
  less: 60,
  equal: 61,
  greater: 62,
  caret: 94,
  pipe: 124,
  tilde: 126,
} as const;

/**
 * Kinds of tokens. Single characters are their own code (`(` is 40); keywords start at `firstKeyword`
 * (keywords.ts). Numbers, so that one comparison decides; typed as plain numbers, so that the compiler does not
 * take a reader's current token for a constant.
 */
export const T: { readonly [name in keyof typeof tokens]: number } = tokens;

/** Codes of the single-character tokens the grammar names. */
export const C: { readonly [name in keyof typeof characters]: number } = characters;
