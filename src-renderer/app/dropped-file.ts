import type { ScreenId } from '../state/navigation.svelte';

/** How much of a file is looked at to tell its kind. */
const HEAD_BYTES = 64 * 1024;

/**
 * The screen that takes a file, told by its name and its beginning; null: none does. What is in it is judged by the
 * program, not here: a wrong guess leads to a report that says so.
 */
export async function screenForFile(file: File): Promise<ScreenId | null> {
  if (/\.(pem|crt|cer|der|p12|pfx|csr|key|crl)$/i.test(file.name)) return 'certificates';
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (text.includes('-----BEGIN ')) return 'certificates';
  if (/"(table_groups|table_names_or_prefixes)"/.test(text)) return 'access';
  if (/"(UserData|Password|MysqlNativePassword|CachingSha2Password)"/.test(text)) return 'callers';
  if (/authentication_string|IDENTIFIED WITH/i.test(text)) return 'callers';
  // A DER certificate begins with a SEQUENCE whose length takes two bytes.
  if (bytes[0] === 0x30 && bytes[1] === 0x82) return 'certificates';
  return null;
}
