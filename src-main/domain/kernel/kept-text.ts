/** Longest text that a record in memory keeps whole, in UTF-16 units. */
export const longestKeptText = 16_384;

/** A text as long as it may be kept; a longer one ends in an ellipsis. A copy: a part of a text holds on to the whole of it. */
export function keptText(text: string, most = longestKeptText): string {
  if (text.length <= most) return text;
  const start = Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le');
  return `${start}…`;
}

const isLong = (bytes: Uint8Array): boolean =>
  bytes.length > longestKeptText || bytes.buffer.byteLength > 16 * longestKeptText;

/** Bytes as long as they may be kept, in memory of their own where they are part of something long. */
export const keptBytes = <Bytes extends Uint8Array>(bytes: Bytes): Bytes | Buffer =>
  isLong(bytes) ? Buffer.from(bytes.subarray(0, longestKeptText)) : bytes;

/** A bind variable as far as a record keeps it. */
interface Variable {
  readonly value?: Uint8Array | null | undefined;
  readonly values?: readonly unknown[] | null | undefined;
}

/** Bind variables that a record keeps, and values of a list among them. */
const mostKept = 1000;

/** Bind variables without what is too long to be kept; the same object where nothing is. */
export function keptVariables<One extends Variable>(variables: {
  readonly [name: string]: One;
}): {
  readonly [name: string]: One;
} {
  const names = Object.keys(variables);
  if (names.length <= mostKept && names.every((name) => isKeptWhole(variables[name] as One))) return variables;
  const kept: { [name: string]: One } = {};
  for (const name of names.slice(0, mostKept)) {
    const one = variables[name] as One;
    const { value, values } = one;
    kept[name] = {
      ...one,
      ...(value == null ? {} : { value: keptBytes(value) }),
      ...(values == null ? {} : { values: values.slice(0, mostKept).map(keptValue) }),
    };
  }
  return kept;
}

const isKeptWhole = ({ value, values }: Variable): boolean =>
  (value == null || !isLong(value)) && (values == null || values.length === 0);

const keptValue = (one: unknown): unknown => {
  const { value } = one as Variable;
  return value == null || !isLong(value) ? one : { ...(one as Variable), value: keptBytes(value) };
};
