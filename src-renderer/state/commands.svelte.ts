import { untrack } from 'svelte';

/** Something that can be done by name, by keys or from a menu. */
export interface Command {
  readonly id: string;
  /** Written like a title; ends in … when a question follows. */
  readonly title: string;
  readonly group: 'Go to' | 'Commands' | 'Callers' | 'Tables' | 'Certificates' | 'Tests';
  /** For instance `Mod+K` or `F1`; Mod is Ctrl, or Command on a Mac. */
  readonly keys?: readonly string[];
  /** Why it cannot be done now; null: it can. Asked whenever it is shown or about to run. */
  unavailable?(): string | null;
  run(): void;
  /** Also while the caret is in a field. */
  readonly everywhere?: boolean;
}

const onMac = (): boolean => typeof navigator !== 'undefined' && /Mac/.test(navigator.platform);

/** The keys of an event as they are written in a command. */
export function keysOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (onMac() ? event.metaKey : event.ctrlKey) parts.push('Mod');
  if (onMac() && event.ctrlKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey) parts.push('Shift');
  parts.push(event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return parts.join('+');
}

/** Keys as people of this system write them: `Ctrl K` or `⌘K`. */
export function keysText(keys: string): string {
  if (!onMac()) return keys.replaceAll('Mod', 'Ctrl').replaceAll('+', ' ');
  return keys.replaceAll('Mod', '⌘').replaceAll('Shift', '⇧').replaceAll('Alt', '⌥').replaceAll('+', '');
}

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches(
      'input:not([type="radio"], [type="checkbox"], [type="button"]), textarea, select, [role="textbox"], [data-editor]',
    ));

/** What can be done at this moment: the shell's commands and those of the screen on show. */
export class Commands {
  list = $state.raw<readonly Command[]>([]);

  /** Offers commands until the returned function is called; a screen does so while it is mounted. */
  offer(commands: readonly Command[]): () => void {
    // An effect that offers commands must not run again because somebody else does.
    untrack(() => (this.list = [...this.list, ...commands]));
    return () => {
      this.list = untrack(() => this.list).filter((command) => !commands.includes(command));
    };
  }

  /** Runs a command by its id, if it is offered and can be done now. */
  run(id: string): void {
    const command = this.list.findLast((one) => one.id === id);
    if (command !== undefined && (command.unavailable?.() ?? null) === null) command.run();
  }

  /** Runs the command of the pressed keys; the screen's own come before the shell's. */
  handle(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const keys = keysOf(event);
    const typing = inField(event.target);
    // A tab or a button takes every Enter for itself, those with Ctrl too; what a field takes is its own.
    if (event.defaultPrevented && (typing || !keys.startsWith('Mod+'))) return;
    const command = this.list.findLast((one) => one.keys?.includes(keys) && (!typing || one.everywhere === true));
    if (command === undefined) return;
    event.preventDefault();
    if ((command.unavailable?.() ?? null) === null) command.run();
  }
}
