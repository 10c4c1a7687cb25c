/** Where a value stands in its text: offset in UTF-16 units from 0, line and column from 1. */
export interface JsonPlace {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

interface NodeBase extends JsonPlace {
  /** Offset of the first unit behind the value. */
  readonly end: number;
}

export interface JsonMember {
  readonly key: string;
  readonly keyPlace: JsonPlace;
  readonly value: JsonNode;
}

export type JsonNode =
  | (NodeBase & { readonly kind: 'object'; readonly members: readonly JsonMember[] })
  | (NodeBase & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (NodeBase & { readonly kind: 'string'; readonly value: string })
  | (NodeBase & { readonly kind: 'number'; readonly raw: string })
  | (NodeBase & { readonly kind: 'boolean'; readonly value: boolean })
  | (NodeBase & { readonly kind: 'null' });

/** Why a text is not JSON. `wanted` says in words what could have stood there. */
export interface JsonSyntaxError extends JsonPlace {
  /** The offending character, or '' at the end of the text. */
  readonly found: string;
  readonly wanted: string;
}

export type JsonReading =
  | { readonly ok: true; readonly root: JsonNode; readonly end: number }
  | { readonly ok: false; readonly error: JsonSyntaxError };

/** Nesting beyond which a text is refused; Go's encoding/json stops at the same depth. */
const MAX_DEPTH = 10_000;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class JsonReaderError extends Error {
  constructor(
    readonly offset: number,
    readonly wanted: string,
  ) {
    super(wanted);
  }
}

/**
 * Reads the first JSON value (RFC 8259) of `text` into a tree that keeps places, the order of members and duplicate
 * keys, which `JSON.parse` loses. What follows the value is not looked at: `end` says where it begins.
 */
export function readJson(text: string): JsonReading {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);

  const place = (offset: number): JsonPlace => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };

  let position = 0;
  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) position += 1;
      else return;
    }
  };
  const refuse = (wanted: string): never => {
    throw new JsonReaderError(position, wanted);
  };

  const readString = (): string => {
    const start = position;
    position += 1;
    for (;;) {
      const code = text.charCodeAt(position);
      if (Number.isNaN(code)) refuse('the end of the string (a double quote)');
      if (code === 0x22) break;
      if (code < 0x20) refuse('no control character inside a string');
      if (code === 0x5c) {
        position += 1;
        const escape = text[position] ?? '';
        if (escape === 'u') {
          if (!/^[0-9a-fA-F]{4}$/.test(text.slice(position + 1, position + 5))) {
            position += 1;
            while (/[0-9a-fA-F]/.test(text[position] ?? '')) position += 1;
            refuse('four hexadecimal digits');
          }
          position += 4;
        } else if (escape === '' || !'"\\/bfnrt'.includes(escape))
          refuse('one of " \\ / b f n r t u behind a backslash');
      }
      position += 1;
    }
    position += 1;
    return JSON.parse(text.slice(start, position)) as string;
  };

  const readValue = (depth: number): JsonNode => {
    if (depth > MAX_DEPTH) refuse(`at most ${MAX_DEPTH} levels of nesting`);
    const start = place(position);
    const character = text[position] ?? '';
    if (character === '{') {
      const members: JsonMember[] = [];
      position += 1;
      skipSpace();
      if (text[position] === '}') position += 1;
      else
        for (;;) {
          skipSpace();
          if (text[position] !== '"') refuse('a key in double quotes');
          const keyPlace = place(position);
          const key = readString();
          skipSpace();
          if (text[position] !== ':') refuse('a colon behind the key');
          position += 1;
          skipSpace();
          members.push({ key, keyPlace, value: readValue(depth + 1) });
          skipSpace();
          if (text[position] === ',') position += 1;
          else if (text[position] === '}') {
            position += 1;
            break;
          } else refuse('a comma or a closing brace');
        }
      return { kind: 'object', ...start, end: position, members };
    }
    if (character === '[') {
      const items: JsonNode[] = [];
      position += 1;
      skipSpace();
      if (text[position] === ']') position += 1;
      else
        for (;;) {
          skipSpace();
          items.push(readValue(depth + 1));
          skipSpace();
          if (text[position] === ',') position += 1;
          else if (text[position] === ']') {
            position += 1;
            break;
          } else refuse('a comma or a closing bracket');
        }
      return { kind: 'array', ...start, end: position, items };
    }
    if (character === '"') return { kind: 'string', ...start, value: readString(), end: position };
    for (const word of ['true', 'false', 'null'] as const) {
      if (text.startsWith(word, position)) {
        position += word.length;
        return word === 'null'
          ? { kind: 'null', ...start, end: position }
          : { kind: 'boolean', ...start, end: position, value: word === 'true' };
      }
    }
    NUMBER.lastIndex = position;
    const number = NUMBER.exec(text);
    if (number === null) return refuse('a value');
    position += number[0].length;
    return { kind: 'number', ...start, end: position, raw: number[0] };
  };

  try {
    skipSpace();
    const root = readValue(1);
    return { ok: true, root, end: position };
  } catch (error) {
    if (error instanceof JsonReaderError)
      return { ok: false, error: { ...place(error.offset), found: text[error.offset] ?? '', wanted: error.wanted } };
    if (error instanceof RangeError)
      return { ok: false, error: { ...place(position), found: text[position] ?? '', wanted: 'less nesting' } };
    throw error;
  }
}
