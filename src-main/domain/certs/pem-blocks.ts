/** One armoured block of a PEM text, before its content is looked at. */
export interface RawBlock {
  readonly label: string;
  /** Line of its BEGIN, from 1. */
  readonly line: number;
  /** Headers of old encrypted keys (`Proc-Type`, `DEK-Info`). */
  readonly headers: readonly string[];
  /** Decoded content; null when it could not be decoded. */
  readonly der: Buffer | null;
  /** The block's own lines, joined by newlines. */
  readonly text: string;
}

/** Something that is wrong with the armour. */
export interface ArmourFault {
  readonly code: string;
  readonly level: 'error' | 'warning' | 'info';
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

const BEGIN = /^-----BEGIN ([A-Z0-9][A-Za-z0-9 .+#/-]*?)-----$/;
const END = /^-----END ([A-Za-z0-9 .+#/-]*?)-----$/;

/**
 * Splits a PEM text (RFC 7468) into blocks and names every fault of the armour with its place. Text outside blocks is
 * allowed, as OpenSSL and Go allow it. Never throws.
 */
export function splitPem(text: string): {
  readonly blocks: readonly RawBlock[];
  readonly faults: readonly ArmourFault[];
} {
  const blocks: RawBlock[] = [];
  const faults: ArmourFault[] = [];
  const add = (
    code: string,
    level: ArmourFault['level'],
    line: number,
    column: number,
    message: string,
    remedy: string,
  ): void => {
    faults.push({ code: `pem.${code}`, level, line, column, message, remedy });
  };
  if (text.startsWith('\ufeff')) {
    add(
      'byte-order-mark',
      'error',
      1,
      1,
      'the file begins with a byte order mark, so that Go overlooks its first block',
      'Save it as UTF-8 without byte order mark.',
    );
    text = text.slice(1);
  }
  const lines = text.split('\n');
  if (lines.some((line) => line.endsWith('\r'))) {
    add(
      'crlf',
      'info',
      lines.findIndex((line) => line.endsWith('\r')) + 1,
      0,
      'the lines end with CR LF',
      'Nothing has to be done; every program here reads them.',
    );
  }
  let open: { label: string; line: number; lines: string[] } | null = null;
  let junk = 0;
  // Behind a BEGIN that nobody sees, the rest of its block is not worth a finding of its own.
  let overlooked = false;
  for (const [index, raw] of lines.entries()) {
    const number = index + 1;
    const line = withoutTrailingSpace(raw);
    const begin = BEGIN.exec(line);
    const joined = /-----BEGIN [^-]*-----/.test(line.slice(1)) && /-----END /.test(line);
    if (joined) {
      add(
        'joined',
        'error',
        number,
        line.lastIndexOf('-----BEGIN') + 1,
        'one block ends and the next begins on the same line, so that both are overlooked',
        'Put a line break between "-----END …-----" and "-----BEGIN …-----".',
      );
      open = null;
      overlooked = true;
      continue;
    }
    if (begin !== null) {
      if (open !== null)
        add(
          'unterminated',
          'error',
          open.line,
          1,
          `the block ${shownLabel(open.label)} has no END line`,
          'The file is cut off or mixed up here: make or copy it again.',
        );
      overlooked = false;
      open = { label: begin[1] ?? '', line: number, lines: [] };
      continue;
    }
    const end = END.exec(line);
    if (open === null && overlooked) {
      if (end !== null) overlooked = false;
      continue;
    }
    if (open === null) {
      if (end !== null)
        add(
          'end-without-begin',
          'error',
          number,
          1,
          `"${line}" has no BEGIN line before it`,
          'Copy the whole block, its BEGIN line too.',
        );
      else if (/-----BEGIN /.test(line)) {
        overlooked = true;
        add(
          'indented',
          'error',
          number,
          line.indexOf('-----BEGIN') + 1,
          'something stands before or behind the BEGIN line on the same line, so that the block is overlooked',
          'Let the line hold "-----BEGIN …-----" and nothing else.',
        );
      } else if (line !== '') junk ||= number;
      continue;
    }
    if (end === null) {
      open.lines.push(line.trim());
      continue;
    }
    if (end[1] !== open.label)
      add(
        'label-mismatch',
        'error',
        number,
        1,
        `the block begins as ${shownLabel(open.label)} and ends as ${shownLabel(end[1] ?? '')}`,
        'Two blocks are mixed up: copy each as a whole.',
      );
    const block = finish(open, add);
    blocks.push(end[1] === open.label ? block : { ...block, der: null });
    open = null;
  }
  if (open !== null)
    add(
      'unterminated',
      'error',
      open.line,
      1,
      `the block ${shownLabel(open.label)} has no END line`,
      'The file is cut off: make or copy it again.',
    );
  if (blocks.length > 0 && !text.endsWith('\n')) {
    add(
      'no-final-newline',
      'warning',
      lines.length,
      0,
      'the last line has no line break, so that a file appended to this one would be joined to it',
      'End the file with a line break.',
    );
  }
  if (junk > 0 && blocks.length > 0)
    add(
      'text-outside',
      'info',
      junk,
      1,
      'there is text outside the blocks, which nobody reads',
      'Nothing has to be done.',
    );
  return { blocks, faults };
}

/** The line without white space and NUL at its end; a regular expression would be quadratic in them. */
function withoutTrailingSpace(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r\v\f\0'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

type Add = (
  code: string,
  level: ArmourFault['level'],
  line: number,
  column: number,
  message: string,
  remedy: string,
) => void;

/** Labels of RFC 7468 and the older ones of OpenSSL. */
const KNOWN_LABEL =
  /^(?:(?:TRUSTED |X509 )?CERTIFICATE|X509 CRL|CRL|(?:NEW )?CERTIFICATE REQUEST|PKCS7|CMS|(?:(?:ENCRYPTED|RSA|DSA|EC|OPENSSH) )?PRIVATE KEY|(?:RSA )?PUBLIC KEY|(?:EC|DH|DSA) PARAMETERS|ATTRIBUTE CERTIFICATE)$/;

/**
 * A label as messages may quote it. A damaged file can have anything between the dashes, key material too, so only labels
 * that exist are shown.
 */
export const shownLabel = (label: string): string => (KNOWN_LABEL.test(label) ? label : 'with a label of its own');

function finish(open: { label: string; line: number; lines: string[] }, add: Add): RawBlock {
  const { label, line, lines } = open;
  const blank = lines.indexOf('');
  const hasHeaders = blank > 0 && lines.slice(0, blank).some((text) => /^[A-Za-z][A-Za-z0-9-]*:/.test(text));
  const headers = hasHeaders ? lines.slice(0, blank) : [];
  const body = hasHeaders ? lines.slice(blank + 1) : lines;
  const text = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
  const first = line + 1 + (hasHeaders ? blank + 1 : 0);
  for (const [index, row] of body.entries()) {
    const column = row.search(/[^A-Za-z0-9+/=]/);
    if (column < 0) continue;
    const character = JSON.stringify(row.charAt(column));
    add(
      'not-base64',
      'error',
      first + index,
      column + 1,
      `the character ${character} does not belong into base64`,
      'The block is damaged: make or copy it again.',
    );
    return { label, line, headers, der: null, text };
  }
  const encoded = body.join('');
  const content = encoded.replace(/=+$/, '');
  if (encoded === '')
    add('empty-block', 'error', line, 1, `the block ${shownLabel(label)} is empty`, 'Make or copy it again.');
  else if (content.includes('=') || encoded.length % 4 !== 0 || encoded.length - content.length > 2) {
    add(
      'truncated',
      'error',
      first + Math.max(0, body.length - 1),
      1,
      `the base64 of the block ${shownLabel(label)} is cut off: ${encoded.length} characters are not a whole number of groups of four`,
      'A part is missing: make or copy it again.',
    );
  } else return { label, line, headers, der: Buffer.from(encoded, 'base64'), text };
  return { label, line, headers, der: null, text };
}
