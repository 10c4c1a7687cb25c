import type { Attachment } from 'svelte/attachments';

/**
 * Takes the Escape key for something inside a dialog or menu, such as an open list of suggestions. Dialogs listen on the
 * document and ignore `preventDefault`, so the key has to be stopped at the element itself, before Svelte's own delegated
 * handlers would see it.
 *
 * @param take returns true when it used the key up
 */
export function onEscape(take: () => boolean): Attachment {
  return (element) => {
    const key = (event: Event): void => {
      if ((event as KeyboardEvent).key !== 'Escape' || !take()) return;
      event.preventDefault();
      event.stopPropagation();
    };
    element.addEventListener('keydown', key);
    return () => element.removeEventListener('keydown', key);
  };
}
