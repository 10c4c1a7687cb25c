import { fieldOf, type Fields } from './hpack-decoder';

/** Fields that HTTP/2 forbids (RFC 9113 §8.2.2). */
const forbidden = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const requestPseudo: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path']);
const answerPseudo: ReadonlySet<string> = new Set([':status']);
const noPseudo: ReadonlySet<string> = new Set();
/** NUL, CR and LF (RFC 9113 §8.2.1). */
const breaking = /[\0\r\n]/;
const blankAtEnd = /^[ \t]|[ \t]$/;

/** Whether names and values may be, and only `pseudo` fields stand ahead, each once. */
function isSound(fields: Fields, pseudo: ReadonlySet<string>): boolean {
  let regular = false;
  const seen = new Set<string>();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!;
    if (breaking.test(fields[at + 1]!)) return false;
    if (name.startsWith(':')) {
      if (regular || !pseudo.has(name) || seen.has(name)) return false;
      seen.add(name);
    } else {
      regular = true;
      if (!fieldName.test(name) || forbidden.has(name)) return false;
    }
  }
  return true;
}

/** Whether fields are those of a request (RFC 9113 §8.2, §8.3.1). */
export function isRequest(fields: Fields): boolean {
  if (!isSound(fields, requestPseudo)) return false;
  for (let at = 0; at < fields.length; at += 2) {
    if (blankAtEnd.test(fields[at + 1]!)) return false;
    if (fields[at] === 'te' && fields[at + 1] !== 'trailers') return false;
  }
  return (
    fieldOf(fields, ':method') !== undefined &&
    fieldOf(fields, ':scheme') !== undefined &&
    (fieldOf(fields, ':path') ?? '') !== ''
  );
}

/** Whether fields are those of an answer, final or not (RFC 9113 §8.3.2). Blanks at the ends are taken: gRPC's texts have them. */
export const isAnswer = (fields: Fields): boolean =>
  isSound(fields, answerPseudo) && /^[1-5]\d\d$/.test(fieldOf(fields, ':status') ?? '');

/** Whether fields may end a stream (RFC 9113 §8.1): none of them is a pseudo field. */
export const areTrailers = (fields: Fields): boolean => isSound(fields, noPseudo);
