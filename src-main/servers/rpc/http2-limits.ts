import type { Http2Limits, ServerLimits } from './h2';

/** Bytes a peer may send before it is told that there is room for more, on one stream and on a whole connection. */
export const STREAM_WINDOW_BYTES = 1024 * 1024;
export const SESSION_WINDOW_BYTES = 8 * 1024 * 1024;

/** Header bytes of one call; grpc-go's clients send far less, and each call costs its sender no more than this. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Large frames save calls on large results; HTTP/2 allows up to 16 MiB. */
const MAX_FRAME_BYTES = 64 * 1024;

/** What one connection may ask of this side, whichever it is. */
export const connectionLimits: Http2Limits = {
  streamWindow: STREAM_WINDOW_BYTES,
  connectionWindow: SESSION_WINDOW_BYTES,
  frameBytes: MAX_FRAME_BYTES,
  headerListBytes: MAX_HEADER_BYTES,
  // Answers wait in the session while the client is slow: MAX_CONCURRENT_CALLS of usual size, or a few of the largest.
  queuedBytes: 512 * 1024 * 1024,
  // The longest status of every call that may be under way.
  unsentBytes: 16 * 1024 * 1024,
  settings: 32,
};

/** Calls at a time on one connection. Clients queue what is above it. */
const MAX_CONCURRENT_CALLS = 1000;

/**
 * Limits on what one client may ask of this side: calls at a time, header sizes, refused and malformed requests, and
 * resets in quick succession (CVE-2023-44487). Beyond them the connection ends.
 */
export const serverLimits: ServerLimits = {
  ...connectionLimits,
  streams: MAX_CONCURRENT_CALLS,
  fields: 128,
  refusals: 100,
  resetBurst: 1000,
  resetsPerSecond: 100,
  settingsBurst: 100,
  settingsPerSecond: 10,
};
