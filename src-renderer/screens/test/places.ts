import type { AppState } from '../../state/app-state.svelte';

/** What opens a file of the workspace at a line; undefined where no screen shows it, so that it is plain text. */
export function placeOpener(app: AppState, file: string): ((file: string, line: number) => void) | undefined {
  const acl = (app.state.access?.tablets ?? []).find((tablet) => tablet.file === file);
  if (acl !== undefined) return (_, line) => app.nav.go('access', { tablet: acl.alias, line: String(line) });
  const ruled = (app.state.queryRules?.tablets ?? []).find((tablet) => tablet.file === file);
  if (ruled !== undefined)
    return (_, line) => app.nav.go('access', { tab: 'rules', tablet: ruled.alias, line: String(line) });
  const { users = [], grpcUsers = [] } = app.state.callers ?? {};
  if (users.some((user) => user.file === file) || grpcUsers.some((user) => user.file === file))
    return (_, line) => {
      const id =
        users.find((user) => user.file === file && user.lines[0] <= line && line <= user.lines[1])?.id ??
        grpcUsers.find((user) => user.file === file && user.line === line)?.id;
      app.nav.go('callers', id === undefined ? {} : { caller: id });
    };
  if (file.startsWith('pki/')) return () => app.nav.go('certificates', { file });
  return undefined;
}

/** Where the screen Callers shows a user; none when it is not there. */
export function callerPlace(app: AppState, user: string): Record<string, string> {
  const id = (app.state.callers?.users ?? []).find(({ name }) => name === user)?.id;
  return id === undefined ? {} : { caller: id };
}
