/** Bounds on what a peer may ask for, in bytes, milliseconds and numbers. */
export interface Limits {
  /** A page's message; the largest is an import of files as base64. */
  readonly maxMessageBytes: number;
  /** Everything a peer may send before it has shown the token. */
  readonly maxBytesBeforeToken: number;
  readonly tokenMs: number;
  /** WebSockets that have not shown the token yet, and those that have. */
  readonly maxWaiting: number;
  readonly maxPages: number;
  /** Calls of one page that are not answered yet; a subscription is one for as long as it lasts. */
  readonly maxCalls: number;
  /** Answers wait for the peer above the first number; above the second it is dropped. */
  readonly sendBufferBytes: number;
  readonly maxSendBufferBytes: number;
  /** A peer that has not answered one ping by the next is gone. */
  readonly pingMs: number;
  /** Wrong tokens at once, and the time after which one more is allowed. */
  readonly wrongTokens: number;
  readonly wrongTokenRefillMs: number;
  /** TCP connections of all kinds. */
  readonly maxConnections: number;
}

export const defaultLimits: Limits = {
  maxMessageBytes: 16 * 1024 * 1024,
  maxBytesBeforeToken: 4096,
  tokenMs: 5_000,
  maxWaiting: 16,
  maxPages: 32,
  maxCalls: 512,
  sendBufferBytes: 1024 * 1024,
  maxSendBufferBytes: 64 * 1024 * 1024,
  pingMs: 20_000,
  wrongTokens: 10,
  wrongTokenRefillMs: 6_000,
  maxConnections: 256,
};

/** Why the shell closes a WebSocket (RFC 6455 §7.4; 4000 to 4999 are the application's). The page acts on them. */
export const closeCode = {
  goingAway: 1001,
  binary: 1003,
  malformed: 1008,
  busy: 1013,
  wrongToken: 4401,
  tokenTimeout: 4408,
  tooManyAttempts: 4429,
} as const;
