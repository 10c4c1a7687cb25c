/** How a piece of a sentence is set: plain words, a name (italic), code (monospace), a name that decides (strong), a place in a file (link). */
export type SpanStyle = 'plain' | 'name' | 'code' | 'strong' | 'place';

/** A piece of a sentence. `file` and `line` (from 1) only with style `place`. */
export interface Span {
  readonly style: SpanStyle;
  readonly text: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** A sentence or a part of one, in pieces that the page sets in its own types. */
export type Rich = readonly Span[];

export const name = (text: string): Span => ({ style: 'name', text: text === '' ? '(empty name)' : text });
export const code = (text: string): Span => ({ style: 'code', text });
export const strong = (text: string): Span => ({ style: 'strong', text: text === '' ? '(empty name)' : text });

/** `acl.json, line 7`; the file alone where the line is not known. */
export const place = (file: string, line: number | null): Span =>
  line === null || line < 1
    ? { style: 'place', text: file, file }
    : { style: 'place', text: `${file}, line ${line}`, file, line };

type Piece = string | Span | Rich;

/** A sentence from a template: texts are plain, spans and rich texts keep their style. */
export function rich(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Rich {
  const spans: Span[] = [];
  const add = (span: Span): void => {
    const last = spans.at(-1);
    if (span.text === '') return;
    if (span.style === 'plain' && last?.style === 'plain')
      spans[spans.length - 1] = { style: 'plain', text: last.text + span.text };
    else spans.push(span);
  };
  texts.forEach((text, index) => {
    add({ style: 'plain', text });
    const piece = pieces[index];
    if (typeof piece === 'string') add({ style: 'plain', text: piece });
    else if (Array.isArray(piece)) for (const span of piece as Rich) add(span);
    else if (piece !== undefined) add(piece as Span);
  });
  return spans;
}

/** The sentence without its types. */
export const plainText = (text: Rich): string => text.map((span) => span.text).join('');

/** `a`, `a and b`, `a, b and c`. Not more than `most` are named; the rest is counted. */
export function listed(spans: readonly Span[], most = 6): Rich {
  const shown = spans.slice(0, most);
  const rest = spans.length - shown.length;
  const all: readonly Span[] = rest > 0 ? [...shown, { style: 'plain', text: `${rest} more` }] : shown;
  return all.flatMap((span, index): Span[] => {
    if (index === 0) return [span];
    return [{ style: 'plain', text: index === all.length - 1 ? ' and ' : ', ' }, span];
  });
}
