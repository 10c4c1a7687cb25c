/** Longest text that the page shows whole, in UTF-16 units; the JSON form has all of it. */
const LONGEST = 400;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that a reader does not see or that turn others round: controls, marks of direction, lone halves. */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text with what would be invisible named: `[U+202E]`. */
export const seen = (text: string): string =>
  text.replace(UNSEEN, (one) => `[U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);

/**
 * A text from anywhere as HTML, in content and between quotes alike: nothing in it is markup, what would be invisible is
 * named (`[U+202E]`), and what is too long ends in an ellipsis.
 */
export function html(text: string, most = LONGEST): string {
  const cut = text.length <= most ? text : `${text.slice(0, most)}…`;
  return seen(cut.replace(/[\t\n\r]+/g, ' ')).replace(/[&<>"']/g, (one) => entities[one] ?? '');
}

/** A name of somebody or something: its direction of writing stays its own. */
export const named = (text: string, most = 120): string => `<bdi>${html(text, most)}</bdi>`;

/** A number for people. */
export const number = (value: number): string => value.toLocaleString('en');

/** `1 cell`, `3 cells`. */
export const counted = (value: number, one: string, many: string): string =>
  `${number(value)} ${value === 1 ? one : many}`;
