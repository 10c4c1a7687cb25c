import { PacketWriter } from '../../../../../src-main/servers/mysql-wire/packet-writer';

/** The payload of the one packet that `write` builds, its frame checked. */
export function payloadOf(write: (out: PacketWriter) => void, sequence = 0): Buffer {
  const out = new PacketWriter();
  out.sequence = sequence;
  write(out);
  const bytes = out.take();
  const length = bytes.readUIntLE(0, 3);
  if (length !== bytes.length - 4 || bytes[3] !== sequence) throw new Error('a broken frame');
  return bytes.subarray(4);
}

export const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
