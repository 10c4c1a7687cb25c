import { settingsCommands } from '../screens/settings/settings-commands';
import type { AppState } from '../state/app-state.svelte';
import type { Command } from '../state/commands.svelte';
import { commandText, palette, shell } from '../text/shell';
import { screens } from './screens';

/** What can be done on every screen. */
export function shellCommands(
  app: AppState,
  shellActions: { palette(): void; review(): void; walkPanes(step: 1 | -1): void },
): Command[] {
  const { state } = app;
  const running = (): boolean => state.cluster?.state === 'running';
  const attempt = (work: () => Promise<unknown>): void => void app.attempt(work);
  return [
    ...screens.map(({ id, keys }): Command => ({
      id: `go-${id}`,
      title: palette.goTo(shell.screens[id]),
      group: 'Go to',
      ...(keys === undefined ? {} : { keys: [keys] }),
      everywhere: true,
      run: () => app.nav.go(id),
    })),
    {
      id: 'palette',
      title: commandText.palette,
      group: 'Commands',
      keys: ['Mod+K', 'F1'],
      everywhere: true,
      run: shellActions.palette,
    },
    {
      id: 'undo',
      // Its label changes with the draft.
      get title() {
        return commandText.undo(state.document?.undoLabel ?? null);
      },
      group: 'Commands',
      keys: ['Mod+Z'],
      unavailable: () => ((state.document?.undoLabel ?? null) === null ? commandText.nothingToUndo : null),
      run: () => attempt(() => app.call.document.undo()),
    },
    {
      id: 'redo',
      get title() {
        return commandText.redo(state.document?.redoLabel ?? null);
      },
      group: 'Commands',
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      unavailable: () => ((state.document?.redoLabel ?? null) === null ? commandText.nothingToRedo : null),
      run: () => attempt(() => app.call.document.redo()),
    },
    {
      id: 'review',
      title: commandText.review,
      group: 'Commands',
      keys: ['Mod+S'],
      everywhere: true,
      unavailable: () => ((state.document?.changes ?? 0) === 0 ? commandText.noChanges : null),
      run: shellActions.review,
    },
    {
      id: 'start',
      title: commandText.start,
      group: 'Commands',
      unavailable: () => (running() ? commandText.isRunning : null),
      run: () => attempt(() => app.call.cluster.start()),
    },
    {
      id: 'stop',
      title: commandText.stop,
      group: 'Commands',
      unavailable: () => (running() ? null : commandText.isStopped),
      run: () => attempt(() => app.call.cluster.stop()),
    },
    {
      id: 'restart',
      title: commandText.restart,
      group: 'Commands',
      unavailable: () => (running() ? null : commandText.isStopped),
      run: () => attempt(() => app.call.cluster.restart()),
    },
    { id: 'back', title: commandText.back, group: 'Commands', keys: ['Alt+ArrowLeft'], run: () => history.back() },
    {
      id: 'forward',
      title: commandText.forward,
      group: 'Commands',
      keys: ['Alt+ArrowRight'],
      run: () => history.forward(),
    },
    {
      id: 'next-pane',
      title: commandText.nextPane,
      group: 'Commands',
      keys: ['F6'],
      everywhere: true,
      run: () => shellActions.walkPanes(1),
    },
    {
      id: 'previous-pane',
      title: commandText.previousPane,
      group: 'Commands',
      keys: ['Shift+F6'],
      everywhere: true,
      run: () => shellActions.walkPanes(-1),
    },
    ...settingsCommands(app),
    {
      id: 'close-workspace',
      title: commandText.closeWorkspace,
      group: 'Commands',
      run: () => attempt(() => app.call.app.close()),
    },
  ];
}
