/** A file as the program hands it over. */
export interface ExportedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string;
  readonly encoding: 'utf8' | 'base64';
}

/** Hands a file to the browser's or the window's own way of saving it. */
export function saveFile({ name, mediaType, content, encoding }: ExportedFile): void {
  const bytes = encoding === 'utf8' ? content : Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The content may be a private key: it is not kept longer than the saving takes.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
