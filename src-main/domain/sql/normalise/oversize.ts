import { keyword } from '../keywords';
import type { Tokens } from '../lexer';
import { T } from '../token-kinds';

/** `--grpc-max-message-size` of Vitess, bytes. */
export const largestMessage = 16 * 1024 * 1024;

/** What Vitess's gRPC client says of a message of so many bytes. */
export const oversizeText = (bytes: number): string =>
  `trying to send message larger than max (${bytes} vs. ${largestMessage})`;

/** A statement whose message to a tablet is longer than `largestMessage`; `bytes`: what it has at least. */
export class Oversize extends Error {
  constructor(readonly bytes: number) {
    super('oversize');
  }
}

/** Bytes of a literal in vtgate's printing: `:vtg1`, a comment with the shortest type there is, and a comma. */
const alone = 18;
/** In a list: its type and its length. */
const listed = 6;
/** What its own bind variable has in the message, where literals do not share them. */
const variable = 16;

const K = {
  in: keyword('in'),
  insert: keyword('insert'),
  replace: keyword('replace'),
  select: keyword('select'),
} as const;

/**
 * Throws `Oversize` for a statement whose literals alone, as bind variables, are longer than a message may be: nobody needs to
 * read the rest of it. Only lists after IN become one bind variable, so that without one every literal has its place in the text.
 */
export function demandSendable({ kinds, count }: Tokens): void {
  if (count * alone < largestMessage) return;
  let literals = 0;
  let mayList = false;
  let mayShare = kinds[0] !== K.insert && kinds[0] !== K.replace;
  for (let at = 0; at < count; at++) {
    const kind = kinds[at] as number;
    if (kind === T.string || kind === T.integer || kind === T.decimal) literals += 1;
    else if (kind === K.in) mayList = true;
    else if (kind === K.select) mayShare = true;
  }
  const bytes = literals * (mayList ? listed : mayShare ? alone : alone + variable);
  if (bytes > largestMessage) throw new Oversize(bytes);
}
