/** The largest ACL file that is sent, in bytes; the program refuses larger ones too. */
export const IMPORT_LIMIT = 4_000_000;

/** Bytes as base64. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
