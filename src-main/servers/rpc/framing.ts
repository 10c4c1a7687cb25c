import { GrpcStatusError } from './types';
import { vtCodes } from '../../domain/kernel';

/** `--grpc-max-message-size` of Vitess. */
export const DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const PREFIX_BYTES = 5;

/** What a reader says about a message that may not pass; `text` is the status message (grpc-go, rpc_util.go). */
const refuse = (code: 'RESOURCE_EXHAUSTED' | 'UNIMPLEMENTED' | 'INTERNAL', text: string): never => {
  throw new GrpcStatusError(vtCodes[code], text);
};

/**
 * One message with the prefix of five bytes that precedes it on the wire: compressed flag (never set) and length, big
 * endian (gRPC over HTTP/2, Length-Prefixed-Message). Throws RESOURCE_EXHAUSTED when it is longer than `maxBytes`.
 */
export function frameMessage(message: Uint8Array, maxBytes: number, sender: 'server' | 'client'): Buffer {
  const length = message.length;
  if (length > maxBytes) {
    const start = sender === 'server' ? 'grpc: trying' : 'trying';
    refuse('RESOURCE_EXHAUSTED', `${start} to send message larger than max (${length} vs. ${maxBytes})`);
  }
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + length);
  frame[0] = 0;
  frame.writeUInt32BE(length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/**
 * Cuts the bytes of a stream into messages, however HTTP/2 has split them. Holds at most one unfinished message, and
 * refuses one that announces more than `maxBytes` before any of it is kept.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #encoding: string;
  #parts: Buffer[] = [];
  #held = 0;
  /** Bytes of the message being collected, prefix included; 0 until the prefix is whole. */
  #wanted = 0;

  /** `encoding` is the peer's `grpc-encoding`, '' when it sent none. */
  constructor(maxBytes: number, encoding = '') {
    this.#maxBytes = maxBytes;
    this.#encoding = encoding;
  }

  /** True when the stream may end here: no message has begun. */
  get atBoundary(): boolean {
    return this.#held === 0;
  }

  /** Takes the next bytes and returns the messages they complete. Throws GrpcStatusError. */
  push(chunk: Buffer): Buffer[] {
    // Nearly always a chunk holds exactly one message.
    if (this.#held === 0 && chunk.length >= PREFIX_BYTES) {
      const wanted = this.#measure(chunk, 0);
      if (wanted === chunk.length) return [chunk.subarray(PREFIX_BYTES)];
    }
    this.#parts.push(chunk);
    this.#held += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      if (this.#wanted === 0) {
        if (this.#held < PREFIX_BYTES) return messages;
        this.#wanted = this.#measure(this.#head(), 0);
      }
      if (this.#held < this.#wanted) return messages;
      const all = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#held);
      messages.push(all.subarray(PREFIX_BYTES, this.#wanted));
      const rest = all.subarray(this.#wanted);
      this.#parts = rest.length === 0 ? [] : [rest];
      this.#held = rest.length;
      this.#wanted = 0;
    }
  }

  #head(): Buffer {
    const first = this.#parts[0] as Buffer;
    if (first.length >= PREFIX_BYTES) return first;
    const joined = Buffer.concat(this.#parts, this.#held);
    this.#parts = [joined];
    return joined;
  }

  #measure(bytes: Buffer, at: number): number {
    const flag = bytes[at];
    if (flag === 1) {
      if (this.#encoding === '' || this.#encoding === 'identity')
        refuse('INTERNAL', 'grpc: compressed flag set with identity or empty encoding');
      refuse('UNIMPLEMENTED', `grpc: Decompressor is not installed for grpc-encoding "${this.#encoding}"`);
    }
    if (flag !== 0) refuse('INTERNAL', `grpc: received unexpected payload format ${flag}`);
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.#maxBytes)
      refuse('RESOURCE_EXHAUSTED', `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`);
    return PREFIX_BYTES + length;
  }
}
