import type { Fidelity } from '../fidelity/fidelity';
import { runeLength, shownText, textOf } from './go-text';
import type { AclNotes } from './notes';
import { readAclTree, type PlacedGroup } from './read-tree';
import type { AclPlace } from './table-acl';

const fileStart: AclPlace = { line: 1, column: 1 };

/**
 * Turns the bytes of a text file into groups with places, and notes what is wrong with its encoding. Null when the text
 * holds no JSON object.
 */
export function readAclText(bytes: Uint8Array, fidelity: Fidelity, notes: AclNotes): PlacedGroup[] | null {
  if (looksLikeUtf16(bytes)) {
    notes.add('utf-16', 'error', fileStart, 'The file is UTF-16; Vitess reads only UTF-8.', 'Save it as UTF-8.');
    return null;
  }
  let content = bytes;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const message = 'The file begins with a byte order mark, which Vitess refuses.';
    notes.add('byte-order-mark', 'error', fileStart, message, 'Save it as UTF-8 without a byte order mark.');
    content = bytes.subarray(3);
  }
  noteInvalidBytes(content, notes);
  return readAclTree(shownText(textOf(content)), notes, fidelity);
}

const looksLikeUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) ||
  (bytes[0] === 0xfe && bytes[1] === 0xff) ||
  (bytes.length > 1 && (bytes[0] === 0) !== (bytes[1] === 0) && (bytes[0] === 0x7b || bytes[1] === 0x7b));

/** Notes the first byte of every line that is not UTF-8. */
function noteInvalidBytes(bytes: Uint8Array, notes: AclNotes): void {
  let line = 1;
  let lineStart = 0;
  let notedLine = 0;
  for (let at = 0; at < bytes.length;) {
    const length = runeLength(bytes, at);
    if (length === 0 && notedLine < line) {
      notedLine = line;
      const column = textOf(bytes.subarray(lineStart, at)).length + 1;
      notes.add(
        'not-utf8',
        'error',
        { line, column },
        'Here stands a byte that is not UTF-8.',
        'Save the file as UTF-8.',
      );
    }
    if (bytes[at] === 0x0a) {
      line += 1;
      lineStart = at + 1;
    }
    at += length || 1;
  }
}

/** Says that a file was read as binary protobuf, which nobody expects of a text. */
export function noteBinary(bytes: Uint8Array, fidelity: Fidelity, notes: AclNotes): void {
  const isText = bytes.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d,
  );
  if (isText) {
    const level = fidelity.mode === 'hardened' ? 'error' : 'warning';
    const message = 'This text happens to be a binary protobuf, and Vitess reads it as one: as an ACL without groups.';
    notes.add('text-read-as-binary', level, fileStart, message, 'Write the ACL as JSON; {} has no groups either.');
    return;
  }
  const message = 'This is the binary form of the ACL (protobuf); findings and decisions have no lines.';
  notes.add('binary-file', 'info', { line: 0, column: 0 }, message, 'Write the ACL as JSON to see lines.');
}
