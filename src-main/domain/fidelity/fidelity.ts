/** `vitess` repeats a stock program message for message; `hardened` adds the named rules of this folder. */
export type FidelityMode = 'vitess' | 'hardened';

/** The Vitess release whose behaviour is emulated; `24.0-recorded` is the tree before the fixes of 24.0.4. */
export type EmulatedVersion = '24.0.4' | '24.0-recorded';

/** How a gateway or tablet behaves where Vitess's versions or hardened mode part. */
export interface Fidelity {
  readonly mode: FidelityMode;
  readonly version: EmulatedVersion;
}

/** What a new workspace gets. */
export const defaultFidelity: Fidelity = { mode: 'hardened', version: '24.0.4' };
