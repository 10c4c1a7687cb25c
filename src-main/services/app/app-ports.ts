import type { SystemVault } from '../../servers/store';
import type { ServicePorts } from '../ports';

/** What the app needs from its shell and this machine, beside what every service needs. */
export interface AppPorts extends ServicePorts {
  readonly version: string;
  readonly shell: 'electron' | 'browser';
  /** Where the app keeps its own settings and the list of recent workspaces. */
  readonly configDir: string;
  /** Where new workspaces are made when nothing else is said. */
  readonly workspacesDir: string;
  /** The folder that holds the samples. */
  readonly samplesDir: string;
  /** The system's keychain; null or absent: this shell has none, or it protects nothing. Asked when the program is ready. */
  systemVault?(): SystemVault | null;
  /** The system's dialog for a folder; null: cancelled, or there is none. */
  pickFolder(): Promise<string | null>;
  /** Opens a link in the system's browser; the caller has checked it against the allow-list. */
  openExternal(url: string): Promise<void>;
  /** Writes a line to the app's log; secrets are redacted there. */
  log(level: 'info' | 'warning' | 'error', text: string): void;
}
