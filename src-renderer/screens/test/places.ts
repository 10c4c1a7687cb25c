import type { AppState } from '../../state/app-state.svelte';

/** What opens a file of the workspace at a line; undefined where no screen shows it, so that it is plain text. */
export function placeOpener(app: AppState, file: string): ((file: string, line: number) => void) | undefined {
  const acl = (app.state.access?.tablets ?? []).find((tablet) => tablet.file === file);
  if (acl !== undefined) return (_, line) => app.nav.go('access', { tablet: acl.alias, line: String(line) });
  if (/(^|\/)users[^/]*\.json$/.test(file)) return (_, line) => app.nav.go('callers', { file, line: String(line) });
  if (file.startsWith('pki/')) return () => app.nav.go('certificates', { file });
  return undefined;
}
