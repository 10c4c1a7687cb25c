/** What of the browser is needed; tests give their own. */
export interface ClipboardPorts {
  writeText(text: string): Promise<void>;
  /** Rejects where reading needs a permission that was not given. */
  readText(): Promise<string>;
  /** Whether reading would ask nobody. */
  mayRead(): Promise<boolean>;
  /** The page has focus: only then can the clipboard be written. */
  focused(): boolean;
  onFocus(listener: () => void): () => void;
}

export const pageClipboard: ClipboardPorts = {
  writeText: (text) => navigator.clipboard.writeText(text),
  readText: () => navigator.clipboard.readText(),
  mayRead: async () => {
    try {
      const answer = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName });
      return answer.state === 'granted';
    } catch {
      return false;
    }
  },
  focused: () => document.hasFocus(),
  onFocus: (listener) => {
    window.addEventListener('focus', listener, { once: true });
    return () => window.removeEventListener('focus', listener);
  },
};

let stopClearing: (() => void) | undefined;

/**
 * Copies a secret and empties the clipboard later. Where the clipboard can be read without asking, something else that was
 * copied meanwhile stays; where it cannot, it is emptied all the same, because a password that stays there is worse than a
 * text that is lost. A page without focus cannot write, so it waits until it has it again.
 *
 * @param seconds until it is emptied
 * @returns false when the clipboard cannot be used
 */
export async function copySecret(
  secret: string,
  seconds: number,
  cleared: () => void = () => undefined,
  ports: ClipboardPorts = pageClipboard,
): Promise<boolean> {
  stopClearing?.();
  try {
    await ports.writeText(secret);
  } catch {
    return false;
  }
  const clear = async (): Promise<void> => {
    if ((await ports.mayRead()) && (await ports.readText().catch(() => secret)) !== secret) return;
    await ports.writeText('').then(cleared, () => undefined);
  };
  let stopFocus: (() => void) | undefined;
  const timer = setTimeout(() => {
    if (ports.focused()) void clear();
    else stopFocus = ports.onFocus(() => void clear());
  }, seconds * 1000);
  stopClearing = () => {
    clearTimeout(timer);
    stopFocus?.();
  };
  return true;
}
