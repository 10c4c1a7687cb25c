import type { ServerSessionOptions } from 'node:http2';
import type { Http2Limits } from './h2';

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
  settings: 32,
};

/** Calls at a time on one connection. Clients queue what is above it. */
const MAX_CONCURRENT_CALLS = 1000;

/**
 * Limits on what one connection may ask of this side: calls at a time, header sizes, SETTINGS entries, PINGs, invalid
 * frames, refused streams, and resets in quick succession (CVE-2023-44487). Beyond them the connection ends.
 */
export const serverSessionOptions: ServerSessionOptions & {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
} = {
  settings: {
    maxConcurrentStreams: MAX_CONCURRENT_CALLS,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxFrameSize: MAX_FRAME_BYTES,
    maxHeaderListSize: MAX_HEADER_BYTES,
  },
  maxHeaderListPairs: 128,
  maxSettings: 32,
  maxOutstandingPings: 10,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  streamResetBurst: 1000,
  streamResetRate: 100,
  // Mebibytes. Answers wait in the session while the client is slow: MAX_CONCURRENT_CALLS of usual size, or a few of the largest.
  maxSessionMemory: 512,
};
