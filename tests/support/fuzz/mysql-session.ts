import { connect } from 'node:net';
import fc from 'fast-check';
import { createConnection } from 'mysql2/promise';
import { startTap } from './tap';
import { nativeReply } from '../mysql-wire/scramble';

/** One packet of a client: its header's sequence number and what it carries. */
export interface SentPacket {
  readonly sequence: number;
  readonly payload: Buffer;
}

/** What a real client sent in one session, login first. */
export async function recordSession(
  port: number,
  user: string,
  password: string,
  sql: readonly string[],
): Promise<SentPacket[]> {
  const tap = await startTap(port);
  const connection = await createConnection({
    host: '127.0.0.1',
    port: tap.port,
    user,
    password,
    database: 'commerce',
    multipleStatements: true,
    connectAttributes: { program_name: 'recorded' },
  });
  for (const text of sql) await connection.query(text).catch(() => undefined);
  await connection.execute('select id, name from goods where id = ? or name = ?', [1, 'plate']);
  await connection.execute('select ?, ?, ?', [1.5, null, Buffer.from('bytes')]).catch(() => undefined);
  await connection.unprepare('select ?, ?, ?');
  await connection.ping();
  await connection.query('begin').catch(() => undefined);
  await connection.query('select count(*) from goods');
  await connection.query('rollback');
  await connection.end();
  await tap.close();
  return packetsOf(tap.sent());
}

function packetsOf(bytes: Buffer): SentPacket[] {
  const packets: SentPacket[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUIntLE(at, 3);
    packets.push({ sequence: bytes[at + 3]!, payload: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return packets;
}

/** The reply in a login packet, which belongs to the salt of another connection, is replaced by the one to this salt. */
export function withReply(login: Buffer, password: string, salt: Buffer): Buffer {
  const afterUser = login.indexOf(0, 32) + 1;
  const length = login[afterUser]!;
  const reply = nativeReply(password, salt);
  return Buffer.concat([
    login.subarray(0, afterUser),
    Buffer.of(reply.length),
    reply,
    login.subarray(afterUser + 1 + length),
  ]);
}

/** Something that a hostile or broken client does to one packet of its session. */
export type PacketMutation =
  | { readonly kind: 'length'; readonly by: number }
  | { readonly kind: 'length-is'; readonly value: number }
  | { readonly kind: 'sequence'; readonly value: number }
  | { readonly kind: 'command'; readonly value: number }
  | { readonly kind: 'flags'; readonly bit: number }
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly to: number }
  | { readonly kind: 'more'; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly times: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'swap' }
  | { readonly kind: 'two-packets'; readonly at: number }
  | { readonly kind: 'ssl-request' }
  | { readonly kind: 'header' };

const edges = [0, 1, 2, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const position = fc.oneof(fc.nat(40), fc.nat(4000));
export const packetMutation: fc.Arbitrary<PacketMutation> = fc.oneof(
  fc.record({ kind: fc.constant('length' as const), by: fc.integer({ min: -8, max: 8 }) }),
  fc.record({
    kind: fc.constant('length-is' as const),
    value: fc.constantFrom(0, 1, 0xff, 0xffff, 0xfffffe, 0xffffff),
  }),
  fc.record({ kind: fc.constant('sequence' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('command' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('flags' as const), bit: fc.nat(31) }),
  fc.record({
    kind: fc.constant('byte' as const),
    at: position,
    value: fc.oneof(fc.constantFrom(...edges), fc.nat(255)),
  }),
  fc.record({ kind: fc.constant('cut' as const), to: position }),
  fc.record({ kind: fc.constant('more' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ kind: fc.constant('repeat' as const), times: fc.integer({ min: 1, max: 20 }) }),
  fc.constant({ kind: 'drop' as const }),
  fc.constant({ kind: 'swap' as const }),
  fc.record({ kind: fc.constant('two-packets' as const), at: position }),
  fc.constant({ kind: 'ssl-request' as const }),
  fc.constant({ kind: 'header' as const }),
);

/** A packet on its way out: its header may say something else than it carries. */
interface Draft {
  sequence: number;
  payload: Buffer;
  length: number | null;
}

const sslRequest = Buffer.concat([Buffer.from('05aaa3000000000121', 'hex'), Buffer.alloc(23)]);
const place = (at: number, length: number): number => (length === 0 ? 0 : at % length);

function mutate(drafts: Draft[], index: number, mutation: PacketMutation): void {
  const at = place(index, drafts.length);
  const draft = drafts[at];
  if (draft === undefined) return;
  const { payload } = draft;
  switch (mutation.kind) {
    case 'length':
      draft.length = Math.max(0, payload.length + mutation.by);
      break;
    case 'length-is':
      draft.length = mutation.value;
      break;
    case 'sequence':
      draft.sequence = mutation.value;
      break;
    case 'command':
      draft.payload = Buffer.concat([Buffer.of(mutation.value), payload.subarray(1)]);
      break;
    case 'flags': {
      const copy = Buffer.from(payload);
      const byte = mutation.bit >> 3;
      if (byte < copy.length) copy[byte]! ^= 1 << (mutation.bit & 7);
      draft.payload = copy;
      break;
    }
    case 'byte': {
      const copy = Buffer.from(payload);
      if (copy.length > 0) copy[place(mutation.at, copy.length)] = mutation.value;
      draft.payload = copy;
      break;
    }
    case 'cut':
      draft.payload = payload.subarray(0, place(mutation.to, payload.length));
      break;
    case 'more':
      draft.payload = Buffer.concat([payload, mutation.bytes]);
      break;
    case 'repeat':
      drafts.splice(at, 0, ...Array.from({ length: mutation.times }, () => ({ ...draft })));
      break;
    case 'drop':
      drafts.splice(at, 1);
      break;
    case 'swap': {
      const other = place(at + 1, drafts.length);
      [drafts[at], drafts[other]] = [drafts[other]!, draft];
      break;
    }
    case 'two-packets': {
      const cut = place(mutation.at, payload.length);
      drafts.splice(
        at,
        1,
        { ...draft, payload: payload.subarray(0, cut) },
        { ...draft, sequence: draft.sequence + 1, payload: payload.subarray(cut) },
      );
      break;
    }
    case 'ssl-request':
      drafts.splice(at, 0, { sequence: at === 0 ? 1 : draft.sequence, payload: sslRequest, length: null });
      break;
    case 'header':
      draft.payload = Buffer.alloc(0);
      break;
  }
}

export type SessionMutation = readonly (readonly [index: number, mutation: PacketMutation])[];

/** The bytes of a session with mutations: packets in the order in which they go out. */
export function mutatedSession(packets: readonly SentPacket[], mutations: SessionMutation): Buffer {
  const drafts: Draft[] = packets.map((packet) => ({ ...packet, length: null }));
  for (const [index, mutation] of mutations) mutate(drafts, index, mutation);
  return Buffer.concat(
    drafts.map(({ sequence, payload, length }) => {
      const header = Buffer.alloc(4);
      header.writeUIntLE(length ?? payload.length, 0, 3);
      header[3] = sequence & 255;
      return Buffer.concat([header, payload]);
    }),
  );
}

/**
 * Plays one session: the greeting is read, then everything goes out in pieces of the given sizes. Once the server has gone
 * quiet the sending side is closed. Resolves with what the server said until it closed; rejects when it does not within
 * `limitMs`.
 */
export function playSession(
  port: number,
  make: (salt: Buffer) => Buffer,
  pieces: readonly number[],
  limitMs: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let heard = Buffer.alloc(0);
    let begun = false;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`neither answered nor closed within ${limitMs} ms; ${heard.length} bytes were heard`));
    }, limitMs);
    let quiet: NodeJS.Timeout | undefined;
    const rest = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.end(), 25);
    };
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(quiet);
      socket.destroy();
      resolve(heard);
    };
    socket.on('error', end);
    socket.on('close', end);
    socket.on('end', end);
    socket.on('data', (chunk: Buffer) => {
      if (heard.length < 1 << 20) heard = Buffer.concat([heard, chunk]);
      if (begun) rest();
      if (begun || heard.length < 4 || heard.length < 4 + heard.readUIntLE(0, 3)) return;
      begun = true;
      let bytes = make(saltOf(heard.subarray(4)));
      for (const size of pieces) {
        if (bytes.length === 0) break;
        socket.write(bytes.subarray(0, size));
        bytes = bytes.subarray(size);
      }
      socket.write(bytes);
      rest();
    });
  });
}

/** The 20 bytes of the greeting that a reply is made from. */
function saltOf(greeting: Buffer): Buffer {
  const afterVersion = greeting.indexOf(0, 1) + 1 + 4;
  return Buffer.concat([
    greeting.subarray(afterVersion, afterVersion + 8),
    greeting.subarray(afterVersion + 27, afterVersion + 39),
  ]);
}
