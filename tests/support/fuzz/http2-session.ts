import { connect } from 'node:net';
import fc from 'fast-check';
import { fieldMutation, mutateField, type FieldMutation } from './protobuf-fields';

/** One gRPC call as a client sends it. */
export interface SentCall {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly message: Buffer;
}

/** What a call is made of on the wire: frames of one stream. */
interface Frame {
  type: number;
  flags: number;
  id: number;
  body: Buffer;
  /** The length that its header says, if not the body's own. */
  length: number | null;
}

/** Something that a hostile or broken client does to its conversation. */
export type CallMutation =
  | { readonly kind: 'header-drop' }
  | { readonly kind: 'header-repeat'; readonly times: number }
  | { readonly kind: 'header-value'; readonly value: string }
  | { readonly kind: 'header-name'; readonly name: string }
  | { readonly kind: 'header-last' }
  | { readonly kind: 'field'; readonly index: number; readonly mutation: FieldMutation }
  | { readonly kind: 'prefix'; readonly compressed: number; readonly by: number }
  | { readonly kind: 'frame-type'; readonly value: number }
  | { readonly kind: 'frame-flags'; readonly value: number }
  | { readonly kind: 'frame-id'; readonly value: number }
  | { readonly kind: 'frame-length'; readonly by: number }
  | { readonly kind: 'frame-byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'frame-repeat'; readonly times: number }
  | { readonly kind: 'frame-drop' }
  | { readonly kind: 'frame-swap' }
  | { readonly kind: 'frame-split'; readonly at: number }
  | { readonly kind: 'frame-before'; readonly type: number; readonly flags: number; readonly body: Uint8Array };

const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '99999999H',
    '1n',
    'gzip',
    'identity',
    'application/grpc+json',
    'trailers',
    'POST',
    '/',
  ),
  fc.constantFrom(
    '/queryservice.Query/Execute',
    '/vtgateservice.Vitess/Execute',
    '/x/y',
    'Basic AAAA',
    'a'.repeat(9000),
  ),
  fc.string({ maxLength: 40, unit: 'binary' }),
);
const headerName = fc.constantFrom(
  ...['', ':path', ':method', ':status', ':scheme', 'te', 'connection', 'content-length', 'transfer-encoding', 'host'],
  ...[
    'grpc-timeout',
    'grpc-encoding',
    'grpc-status',
    'username',
    'password',
    'Upper',
    'x-bin',
    'gatehouse-trace',
    'a b',
    'x\0',
  ],
);
const callMutation: fc.Arbitrary<CallMutation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('field' as const), index: fc.nat(60), mutation: fieldMutation }),
  },
  fc.constant({ kind: 'header-drop' as const }),
  fc.record({ kind: fc.constant('header-repeat' as const), times: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('header-value' as const), value: headerValue }),
  fc.record({ kind: fc.constant('header-name' as const), name: headerName }),
  fc.constant({ kind: 'header-last' as const }),
  fc.record({
    kind: fc.constant('prefix' as const),
    compressed: fc.nat(255),
    by: fc.constantFrom(-5, -1, 0, 1, 5, 1 << 24, 0x7fffffff),
  }),
  fc.record({ kind: fc.constant('frame-type' as const), value: fc.nat(12) }),
  fc.record({ kind: fc.constant('frame-flags' as const), value: fc.nat(255) }),
  fc.record({
    kind: fc.constant('frame-id' as const),
    value: fc.oneof(fc.nat(9), fc.constantFrom(0x7fffffff, 0xffffffff)),
  }),
  fc.record({
    kind: fc.constant('frame-length' as const),
    by: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(0xff0000)),
  }),
  fc.record({ kind: fc.constant('frame-byte' as const), at: fc.nat(400), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('frame-repeat' as const), times: fc.integer({ min: 1, max: 100 }) }),
  fc.constant({ kind: 'frame-drop' as const }),
  fc.constant({ kind: 'frame-swap' as const }),
  fc.record({ kind: fc.constant('frame-split' as const), at: fc.nat(400) }),
  fc.record({
    kind: fc.constant('frame-before' as const),
    type: fc.nat(12),
    flags: fc.nat(255),
    body: fc.uint8Array({ maxLength: 16 }),
  }),
);

/** A conversation: which calls, and what is done to which of them. */
export interface Conversation {
  readonly calls: readonly number[];
  readonly mutations: readonly (readonly [call: number, place: number, mutation: CallMutation])[];
  readonly pieces: readonly number[];
  readonly right: boolean;
}
export const conversations: fc.Arbitrary<Conversation> = fc.record({
  calls: fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
  mutations: fc.array(fc.tuple(fc.nat(3), fc.nat(20), callMutation), { minLength: 1, maxLength: 4 }),
  pieces: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }),
  right: fc.boolean(),
});

const integer = (value: number, prefix: number): Buffer => {
  const most = (1 << prefix) - 1;
  if (value < most) return Buffer.of(value);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
};
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length, 7), bytes]);
};
const encoded = (frame: Frame): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(Math.min(0xffffff, Math.max(0, frame.length ?? frame.body.length)), 0, 3);
  head[3] = frame.type;
  head[4] = frame.flags;
  head.writeUInt32BE(frame.id >>> 0, 5);
  return Buffer.concat([head, frame.body]);
};
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings: Frame = { type: 4, flags: 0, id: 0, body: Buffer.alloc(0), length: null };

function framesOf(
  call: SentCall,
  id: number,
  mutations: readonly (readonly [place: number, mutation: CallMutation])[],
): Frame[] {
  const headers = call.headers.map(([name, value]) => [name, value] as [string, string]);
  let { message } = call;
  let compressed = 0;
  let lengthBy = 0;
  for (const [place, mutation] of mutations) {
    const at = place % Math.max(1, headers.length);
    const header = headers[at];
    if (header === undefined) continue;
    if (mutation.kind === 'header-drop') headers.splice(at, 1);
    else if (mutation.kind === 'header-repeat')
      headers.splice(at, 0, ...Array.from({ length: mutation.times }, () => header));
    else if (mutation.kind === 'header-value') header[1] = mutation.value;
    else if (mutation.kind === 'header-name') header[0] = mutation.name;
    else if (mutation.kind === 'header-last') headers.push(...headers.splice(at, 1));
    else if (mutation.kind === 'field') message = mutateField(message, mutation.index, mutation.mutation);
    else if (mutation.kind === 'prefix') [compressed, lengthBy] = [mutation.compressed, mutation.by];
  }
  const block = Buffer.concat(headers.map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])));
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed;
  prefix.writeUInt32BE(Math.max(0, message.length + lengthBy) >>> 0, 1);
  const frames: Frame[] = [
    { type: 1, flags: 4, id, body: block, length: null },
    { type: 0, flags: 1, id, body: Buffer.concat([prefix, message]), length: null },
  ];
  for (const [place, mutation] of mutations) mutateFrames(frames, place, mutation);
  return frames;
}

function mutateFrames(frames: Frame[], place: number, mutation: CallMutation): void {
  const at = place % Math.max(1, frames.length);
  const frame = frames[at];
  if (frame === undefined) return;
  if (mutation.kind === 'frame-type') frame.type = mutation.value;
  else if (mutation.kind === 'frame-flags') frame.flags = mutation.value;
  else if (mutation.kind === 'frame-id') frame.id = mutation.value;
  else if (mutation.kind === 'frame-length') frame.length = frame.body.length + mutation.by;
  else if (mutation.kind === 'frame-byte') {
    frame.body = Buffer.from(frame.body);
    if (frame.body.length > 0) frame.body[mutation.at % frame.body.length] = mutation.value;
  } else if (mutation.kind === 'frame-repeat')
    frames.splice(at, 0, ...Array.from({ length: mutation.times }, () => ({ ...frame })));
  else if (mutation.kind === 'frame-drop') frames.splice(at, 1);
  else if (mutation.kind === 'frame-swap') frames.reverse();
  else if (mutation.kind === 'frame-split') {
    const cut = mutation.at % Math.max(1, frame.body.length);
    const rest = { ...frame, type: frame.type === 1 ? 9 : frame.type, body: frame.body.subarray(cut) };
    frames.splice(at, 1, { ...frame, flags: frame.flags & ~5, body: frame.body.subarray(0, cut) }, rest);
  } else if (mutation.kind === 'frame-before')
    frames.splice(at, 0, {
      type: mutation.type,
      flags: mutation.flags,
      id: frame.id,
      body: Buffer.from(mutation.body),
      length: null,
    });
}

/** The bytes of a conversation over one connection. */
export function conversationBytes(
  calls: readonly SentCall[],
  { calls: chosen, mutations }: Pick<Conversation, 'calls' | 'mutations'>,
): Buffer {
  const frames = chosen.flatMap((index, at) =>
    framesOf(
      calls[index % calls.length]!,
      2 * at + 1,
      mutations.filter(([call]) => call % chosen.length === at).map(([, place, mutation]) => [place, mutation]),
    ),
  );
  return Buffer.concat([preface, encoded(settings), ...frames.map(encoded)]);
}

/**
 * Sends a conversation in pieces and listens until the server has gone quiet, then closes: the sending side first, and all
 * of it when the server takes its time, as it does after a fault of HTTP/2's, which it has told by then. Rejects when the
 * server has not even greeted within `limitMs`.
 */
export function playConversation(
  port: number,
  bytes: Buffer,
  pieces: readonly number[],
  limitMs: number,
  quietMs = 25,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let quiet: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`neither answered nor closed within ${limitMs} ms`));
    }, limitMs);
    const rest = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        socket.end();
        quiet = setTimeout(end, 75);
      }, quietMs);
    };
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(quiet);
      socket.destroy();
      resolve();
    };
    socket.on('error', end);
    socket.on('close', end);
    socket.on('end', end);
    socket.on('data', rest);
    socket.once('connect', () => {
      let left = bytes;
      for (const size of pieces) {
        if (left.length > 0) socket.write(left.subarray(0, size));
        left = left.subarray(size);
      }
      if (left.length > 0) socket.write(left);
    });
  });
}
