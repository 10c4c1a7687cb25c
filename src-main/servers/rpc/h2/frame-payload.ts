import { errors, flags, Http2Error } from './protocol';

const PRIORITY_BYTES = 5;

/** The payload of DATA or HEADERS without its padding (RFC 9113 §6.1). Throws Http2Error. */
export function unpadded(frameFlags: number, payload: Buffer): Buffer {
  if ((frameFlags & flags.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined || padding >= payload.length)
    throw new Http2Error(errors.protocol, 'padding beyond the frame');
  return payload.subarray(1, payload.length - padding);
}

/** The fragment of a header block in HEADERS, without padding and priority. Throws Http2Error. */
export function blockFragment(frameFlags: number, payload: Buffer): Buffer {
  const block = unpadded(frameFlags, payload);
  if ((frameFlags & flags.priority) === 0) return block;
  if (block.length < PRIORITY_BYTES) throw new Http2Error(errors.frameSize, 'HEADERS too short for their priority');
  return block.subarray(PRIORITY_BYTES);
}

/** Throws Http2Error unless it is a PRIORITY that can be ignored. */
export function checkPriority(id: number, payload: Buffer): void {
  if (id === 0) throw new Http2Error(errors.protocol, 'PRIORITY of stream 0');
  if (payload.length !== PRIORITY_BYTES) throw new Http2Error(errors.frameSize, 'PRIORITY of a wrong size');
}

/** The code in RST_STREAM. Throws Http2Error. */
export function resetCode(id: number, payload: Buffer): number {
  if (id === 0) throw new Http2Error(errors.protocol, 'RST_STREAM of stream 0');
  if (payload.length !== 4) throw new Http2Error(errors.frameSize, 'RST_STREAM of a wrong size');
  return payload.readUInt32BE(0);
}

/** The last stream that the sender of GOAWAY has begun or will. Throws Http2Error. */
export function lastOfGoaway(id: number, payload: Buffer): number {
  if (id !== 0) throw new Http2Error(errors.protocol, 'GOAWAY of a stream');
  if (payload.length < 8) throw new Http2Error(errors.frameSize, 'GOAWAY of a wrong size');
  return payload.readUInt32BE(0) & 0x7fff_ffff;
}

/** By how much WINDOW_UPDATE widens a window; 0 is a fault of its stream. Throws Http2Error for faults of the connection. */
export function windowIncrement(id: number, payload: Buffer): number {
  if (payload.length !== 4) throw new Http2Error(errors.frameSize, 'WINDOW_UPDATE of a wrong size');
  const more = payload.readUInt32BE(0) & 0x7fff_ffff;
  if (id === 0 && more === 0) throw new Http2Error(errors.protocol, 'a window grows by nothing');
  return more;
}
