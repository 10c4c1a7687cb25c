import type { Command } from '../../state/commands.svelte';
import { watchText as text } from '../../text/watch';
import type { WatchTab, WatchView } from './watch-view.svelte';

/** What can be done on the screen Watch, for the palette and the keys. `filter` puts the caret into the filter's text. */
export function watchCommands(view: WatchView, filter: () => void): Command[] {
  const go = (tab: WatchTab): Command => ({
    id: `watch.${tab}`,
    title: text.commands[tab],
    group: 'Commands',
    run: () => view.show(tab),
  });
  return [
    {
      id: 'watch.pause',
      title: view.paused ? text.commands.resume : text.commands.pause,
      group: 'Commands',
      keys: ['Mod+.'],
      run: () => (view.paused = !view.paused),
    },
    { id: 'watch.clear', title: text.commands.clear, group: 'Commands', run: () => view.clear() },
    {
      id: 'watch.filter',
      title: text.commands.filter,
      group: 'Commands',
      keys: ['Mod+F'],
      everywhere: true,
      run: filter,
    },
    go('queries'),
    go('counters'),
    go('audit'),
  ];
}
