import type { PacketWriter } from '../packet-writer';
import { MalformedPacketError, PayloadReader } from '../payload-reader';

/** Asks the client to authenticate by another method (MySQL manual: Protocol::AuthSwitchRequest). */
export interface AuthSwitchRequest {
  readonly plugin: string;
  readonly data: Buffer;
}

export function writeAuthSwitchRequest(out: PacketWriter, request: AuthSwitchRequest): void {
  out.begin();
  out.u8(0xfe);
  out.nulText(request.plugin);
  out.bytes(request.data);
  out.end();
}

/** Throws MalformedPacketError. */
export function readAuthSwitchRequest(payload: Buffer): AuthSwitchRequest {
  const reader = new PayloadReader(payload);
  if (reader.u8('packet type') !== 0xfe) throw new MalformedPacketError('packet type');
  return { plugin: reader.nulText('plugin'), data: reader.rest() };
}
