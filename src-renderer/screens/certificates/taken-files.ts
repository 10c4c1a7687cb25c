/** More than the program takes for one file. */
const LARGEST = 1024 * 1024;
const MOST = 100;
/** All of them together; what one message to the program holds, with room for base64. */
const TOGETHER = 8 * 1024 * 1024;

/** What a file is sent as. */
export interface TakenFile {
  readonly name: string;
  /** Base64. */
  readonly content: string;
}

/** Files as they are sent, and the names of those that are too large to be read at all. */
export async function takeFiles(
  files: readonly File[],
): Promise<{ readonly taken: TakenFile[]; readonly tooLarge: string[]; readonly tooMany: boolean }> {
  const tooLarge = files.filter(({ size }) => size > LARGEST).map(({ name }) => name);
  let room = TOGETHER;
  const fitting = files
    .filter(({ size }) => size <= LARGEST)
    .filter(({ size }, index) => index < MOST && (room -= size) >= 0);
  const taken = await Promise.all(
    fitting.map(async (file) => ({
      name: file.name.slice(0, 300),
      content: base64Of(new Uint8Array(await file.arrayBuffer())),
    })),
  );
  return { taken, tooLarge, tooMany: fitting.length + tooLarge.length < files.length };
}

/** A text as a file. */
export const textFile = (name: string, text: string): TakenFile => ({
  name,
  content: base64Of(new TextEncoder().encode(text)),
});

/** Bytes as base64, in pieces that fit the call stack. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** What a paste outside any field brings: files, or PEM text; null: nothing for this screen. */
export function pastedText(event: ClipboardEvent): { readonly files: File[]; readonly text: string } | null {
  const target = event.target;
  if (target instanceof Element && target.closest('input, textarea, [contenteditable], [role="dialog"]') !== null)
    return null;
  const files = [...(event.clipboardData?.files ?? [])];
  const text = event.clipboardData?.getData('text') ?? '';
  return files.length > 0 || text.includes('-----BEGIN ') ? { files, text: files.length > 0 ? '' : text } : null;
}
