import type { ErrorPacket } from './packets/err';

/** Thrown by a command after whose answer the connection is closed. */
export class ClosingError extends Error {
  constructor(readonly packet: ErrorPacket) {
    super(packet.message);
    this.name = 'ClosingError';
  }
}
