/** Escape sequences of a terminal (ECMA-48): control sequences, operating system commands, and the short ones. */
const ESCAPES =
  /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b[\]PX^_][^\u0007\u001b\n]{0,1000}(?:\u0007|\u001b\\)?|\u001b[ -/]{0,4}[0-~]?/g;
/** Colours as a log prints them that writes the escape character out: `\u001b[0m`, `\x1b[0m`, `\033[0m`, `^[[0m`, `#033[0m`. */
const WRITTEN_ESCAPES = /(?:\\u001b|\\x1b|\\0?33|\\e|\^\[|#033)\[[0-9;]{0,32}[mK]/gi;
/** What shows nothing or changes the direction of what follows. */
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text as it reads: without colours, control characters and invisible marks; lines end in `\n`, blanks are blanks. */
export const plainText = (text: string): string =>
  text
    .replace(ESCAPES, '')
    .replace(WRITTEN_ESCAPES, '')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replaceAll('\u00a0', ' ');
