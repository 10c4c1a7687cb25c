/**
 * `grpc-message` on the wire: UTF-8 with every byte outside 0x20..0x7E, and `%` itself, as `%XX` (gRPC over HTTP/2,
 * Status-Message). Spaces at either end are coded too, because HTTP/2 (RFC 9113 §8.2.1) lets a receiver drop a field
 * that begins or ends with one.
 */
export function encodeGrpcMessage(message: string): string {
  if (/^[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?$/.test(message)) return message;
  const bytes = Buffer.from(message, 'utf8');
  let text = '';
  bytes.forEach((byte, index) => {
    const edge = index === 0 || index === bytes.length - 1;
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x25;
    if (plain || (byte === 0x20 && !edge)) text += String.fromCharCode(byte);
    else text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return text;
}

/** The message that `encodeGrpcMessage` or another gRPC implementation coded. A stray `%` stays as it is. */
export function decodeGrpcMessage(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = Buffer.alloc(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.slice(index, index + 3);
    if (/^%[0-9a-fA-F]{2}$/.test(code)) {
      bytes[length++] = Number.parseInt(code.slice(1), 16);
      index += 2;
    } else length += bytes.write(text[index] ?? '', length, 'latin1');
  }
  return bytes.toString('utf8', 0, length);
}
