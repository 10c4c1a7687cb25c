import type { Transport } from '../probes';
import { textIn, type AttemptFacts } from './input';

/** What a listener recorded; the shape of clients' Capture. */
export interface WireCapture {
  readonly chunks: readonly { readonly from: 'client' | 'server'; readonly atMicros: number; readonly bytes: Buffer }[];
  readonly total: { readonly client: number; readonly server: number };
}

/** A few bytes as they crossed: eight to a line, in hex and as text. `••` stands for bytes of a secret. */
export interface WireExcerpt {
  readonly what: 'statement' | 'answer';
  readonly from: 'client' | 'server';
  readonly lines: readonly { readonly hex: readonly string[]; readonly text: string }[];
  /** Whether the listener makes sense of it. */
  readonly readable: boolean;
}

/** What somebody between client and gateway really reads of one run. */
export interface WireView {
  readonly bytes: { readonly client: number; readonly server: number };
  readonly reads: {
    readonly statement: boolean;
    /** Null: no value came back that could be looked for. */
    readonly answer: boolean | null;
    readonly user: boolean;
    /** `none`: nothing was sent; `hash`: enough to try passwords at leisure; `readable`: as it was typed. */
    readonly password: 'none' | 'sealed' | 'hash' | 'readable';
  };
  readonly excerpts: readonly WireExcerpt[];
}

const LINE = 8;
const STATEMENT_LINES = 5;
const ANSWER_LINES = 4;
/** A shorter secret would hide half of every text. */
const SHORTEST_MASKED = 4;
/** HTTP/2 frame types (RFC 9113 §6). */
const DATA_FRAME = 0;
const HEADERS_FRAME = 1;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const clear = (transport: Transport): boolean =>
  transport === 'mysql-plain' || transport === 'grpc-plain' || transport === 'mysql-unix';

interface About {
  readonly transport: Transport;
  readonly user: string | null;
  readonly sql: string;
  /** Looked for, never shown. */
  readonly secret: string;
}

/** Reads a capture as a listener would: looks for the statement, the answer and the sign-in in the bytes themselves. */
export function wireView(capture: WireCapture, attempt: AttemptFacts, about: About): WireView {
  const all = (from: 'client' | 'server'): Buffer =>
    Buffer.concat(capture.chunks.filter((chunk) => chunk.from === from).map(({ bytes }) => bytes));
  const [sent, received] = [all('client'), all('server')];
  const statement = about.sql !== '' && sent.includes(about.sql);
  const values = (attempt.table?.rows ?? []).flat().filter((value): value is string => value !== null && value !== '');
  const answer =
    values.length === 0 ? null : values.every((value) => received.includes(value)) && clear(about.transport);
  const overMysql = about.transport.startsWith('mysql-');
  const headers = overMysql ? [] : framesOf(sent).filter(({ type }) => type === HEADERS_FRAME);
  const user =
    about.user !== null && about.user !== '' && (overMysql ? sent.includes(`${about.user}\0`) : headers.length > 0);
  const excerpts = [
    excerpt('statement', windowOf(capture, attempt, 'client'), about, statement, STATEMENT_LINES),
    excerpt('answer', windowOf(capture, attempt, 'server'), about, answer === true, ANSWER_LINES),
  ].filter((one) => one !== null);
  return {
    bytes: capture.total,
    reads: { statement, answer, user, password: passwordOf(attempt, about, overMysql, headers.length > 0, sent) },
    excerpts,
  };
}

function passwordOf(
  attempt: AttemptFacts,
  { transport, user, secret }: About,
  overMysql: boolean,
  headersInClear: boolean,
  sent: Buffer,
): WireView['reads']['password'] {
  if (overMysql) {
    const last = attempt.steps.findLast(({ name }) =>
      ['mysql.login-sent', 'mysql.auth-switch', 'mysql.full-authentication'].includes(name),
    );
    const form = textIn(last, 'sent');
    if (last === undefined || form === 'an empty reply' || secret === '') return 'none';
    if (sent.includes(secret) && clear(transport)) return 'readable';
    return clear(transport) ? 'hash' : 'sealed';
  }
  if (user === null || secret === '' || !attempt.steps.some(({ name }) => name === 'grpc.call-sent')) return 'none';
  return headersInClear ? 'readable' : 'sealed';
}

/** The bytes that carried the statement, or those that came back for it, by the times at which the client's own side noted them. */
function windowOf(capture: WireCapture, attempt: AttemptFacts, from: 'client' | 'server'): Buffer {
  const asked = attempt.steps.find(({ name }) => name === 'mysql.statement-sent' || name === 'grpc.call-sent');
  if (asked === undefined) return Buffer.alloc(0);
  const chunks = capture.chunks.filter((chunk) => chunk.from === from && chunk.atMicros >= asked.atMicros);
  // What follows the first stretch of a client is its farewell.
  return from === 'client' ? (chunks[0]?.bytes ?? Buffer.alloc(0)) : Buffer.concat(chunks.map(({ bytes }) => bytes));
}

function excerpt(
  what: WireExcerpt['what'],
  window: Buffer,
  about: About,
  readable: boolean,
  most: number,
): WireExcerpt | null {
  let bytes = window;
  if (about.transport === 'grpc-plain') {
    // The head of a call may hold a password, in a code that only looks like nonsense: it is never shown.
    const frames = framesOf(window).filter(({ type }) => type === DATA_FRAME);
    bytes = Buffer.concat(frames.map(({ payload }) => payload));
    const at = bytes.indexOf(about.sql);
    if (what === 'statement' && at > 0) bytes = bytes.subarray(Math.max(0, at - 1));
  } else if (what === 'statement' && about.transport === 'mysql-plain') bytes = bytes.subarray(4);
  if (bytes.length === 0) return null;
  const shown = bytes.subarray(0, most * LINE);
  const hidden = hiddenBytes(bytes, about.secret);
  const lines = [];
  for (let at = 0; at < shown.length; at += LINE) {
    const part = [...shown.subarray(at, at + LINE)];
    lines.push({
      hex: part.map((byte, index) => (hidden.has(at + index) ? '••' : byte.toString(16).padStart(2, '0'))),
      text: part
        .map((byte, index) =>
          hidden.has(at + index) ? '•' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
        )
        .join(''),
    });
  }
  return { what, from: what === 'statement' ? 'client' : 'server', lines, readable };
}

/** Positions of the secret's bytes. */
function hiddenBytes(bytes: Buffer, secret: string): ReadonlySet<number> {
  const hidden = new Set<number>();
  const wanted = Buffer.from(secret);
  if (wanted.length < SHORTEST_MASKED) return hidden;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1))
    for (let index = 0; index < wanted.length; index += 1) hidden.add(at + index);
  return hidden;
}

/** HTTP/2 frames in clear; what is none, sealed bytes for instance, gives no frame. */
function framesOf(bytes: Buffer): { readonly type: number; readonly payload: Buffer }[] {
  const frames: { type: number; payload: Buffer }[] = [];
  let at = bytes.subarray(0, PREFACE.length).equals(PREFACE) ? PREFACE.length : 0;
  while (at + 9 <= bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const type = bytes[at + 3] ?? 0xff;
    // A type beyond CONTINUATION or a frame beyond what was kept: these are no frames (or no more of them).
    if (type > 9 || at + 9 + length > bytes.length) break;
    frames.push({ type, payload: bytes.subarray(at + 9, at + 9 + length) });
    at += 9 + length;
  }
  return frames;
}
