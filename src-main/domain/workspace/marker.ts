/** The marker file's name: it makes the folder open with a double click, and holds the schema version and the name only. */
export const markerFile = (name: string): { readonly path: string; readonly content: string } => ({
  path: `${name}.gatehouse`,
  content: `${JSON.stringify({ schema: 1, name }, null, 2)}\n`,
});
