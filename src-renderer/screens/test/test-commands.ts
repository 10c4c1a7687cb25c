import type { Command } from '../../state/commands.svelte';
import { attack } from '../../text/attack';
import { test as text } from '../../text/test';
import type { TestView } from './test-view.svelte';

/** What can be done on the screen Test, by name and by keys. */
export function testCommands(view: TestView, filter: () => void): Command[] {
  const { matrix } = view;
  const group = 'Commands' as const;
  const stopped = (): string | null => (view.ready ? null : text.stoppedReason.toLowerCase());
  const failed = (): number => {
    const totals = matrix.model?.totals;
    return totals === undefined ? 0 : totals.run - totals.asExpected;
  };
  return [
    {
      id: 'test.run',
      title: text.commands.run,
      group,
      keys: ['Mod+Enter'],
      everywhere: true,
      unavailable: () => stopped() ?? (view.form.missing === null ? null : text.ask[view.form.missing].toLowerCase()),
      run: () => {
        if (view.tab === 'compare') return void view.compare();
        if (view.tab === 'matrix' && matrix.details !== null) return void matrix.run('selected', [matrix.details.id]);
        view.tab = 'single';
        void view.runSingle();
      },
    },
    {
      id: 'test.run-all',
      title: text.commands.runAll,
      group,
      keys: ['Mod+Shift+Enter'],
      everywhere: true,
      unavailable: stopped,
      run: () => {
        view.tab = 'matrix';
        void matrix.run('all');
      },
    },
    {
      id: 'test.run-failed',
      title: text.commands.runFailed,
      group,
      unavailable: () => stopped() ?? (failed() > 0 ? null : text.commands.noFailed),
      run: () => {
        view.tab = 'matrix';
        void matrix.run('failed');
      },
    },
    {
      id: 'test.attack',
      title: attack.commands.run,
      group,
      unavailable: () => (view.attacks.running ? attack.head.running : null),
      run: () => {
        view.tab = 'attacks';
        void view.attacks.run();
      },
    },
    {
      id: 'test.stop',
      title: text.commands.stop,
      group,
      keys: ['Mod+.'],
      everywhere: true,
      unavailable: () =>
        view.pending !== null || matrix.running || view.attacks.running ? null : text.commands.nothingRuns,
      run: () => view.stop(),
    },
    {
      id: 'test.explain',
      title: text.commands.explain,
      group,
      everywhere: true,
      run: () => {
        view.tab = 'errors';
        view.app.nav.go('test', { tab: 'errors' });
      },
    },
    {
      id: 'test.copy',
      title: text.commands.copy,
      group,
      keys: ['Mod+Shift+C'],
      unavailable: () => (view.trace === null ? text.commands.noTrace : null),
      run: () => void view.copyReport(view.trace?.runId ?? ''),
    },
    {
      id: 'test.filter',
      title: text.commands.filter,
      group,
      keys: ['Mod+F'],
      everywhere: true,
      run: () => {
        view.tab = 'matrix';
        queueMicrotask(filter);
      },
    },
  ];
}
