import type { Fidelity } from '../fidelity/fidelity';
import { parseAclFile, type AclFileReading } from './parse';
import type { TableAcl } from './table-acl';

/** The file as it was found: its bytes, or Go's words for why it could not be read (`open X: no such file or directory`). */
export type AclFileContent = { readonly bytes: Uint8Array } | { readonly unreadable: string };

/** The flags that matter when a tablet starts (vitess-behaviour §5.2). */
export interface AclStartSettings {
  /** `--table-acl-config`; '' when it is not given. */
  readonly file: string;
  /** `--enforce-tableacl-config`. */
  readonly enforce: boolean;
  /** `--queryserver-config-acl-exempt-acl`; '' when it is not given. */
  readonly exempt: string;
  readonly fidelity: Fidelity;
}

/** What a tablet makes of its ACL file when it starts. */
export interface AclStart {
  /** Why the tablet does not start, in vttablet's words, or null. */
  readonly error: string | null;
  readonly acl: TableAcl | null;
  /** The file is read again on SIGHUP and by the ticker: only when it was sound at the start, or when there is none. */
  readonly reloads: boolean;
  /** A file is configured, so that the exemption works and decisions are to be asked with `aclFileGiven`. */
  readonly fileGiven: boolean;
  /** vttablet's log lines, in order. */
  readonly log: readonly string[];
  readonly reading: AclFileReading | null;
}

const MISSING_FLAG =
  'table acl config has to be specified with table-acl-config flag because enforce-tableacl-config is set.';

const exemptLog = (exempt: string, fileGiven: boolean): string[] => {
  if (exempt === '') return [];
  return [
    fileGiven
      ? `Setting Table ACL exempt rule for ${exempt}`
      : 'Cannot get current ACL Factory: no AclFactories registered',
  ];
};

interface Loaded {
  readonly acl: TableAcl | null;
  readonly error: string | null;
  readonly log: readonly string[];
  readonly reading: AclFileReading | null;
}

function load(file: string, content: AclFileContent, fidelity: Fidelity): Loaded {
  if ('unreadable' in content) {
    const log = [`unable to read tableACL config file: ${file}  Error: ${content.unreadable}`];
    return { acl: null, error: content.unreadable, log, reading: null };
  }
  const reading = parseAclFile(content.bytes, { file, fidelity });
  const { message, log } = reading.vitess;
  return { acl: reading.acl, error: message, log: log === null ? [] : [log], reading };
}

/**
 * What vttablet does with its ACL at the start. `content` is not looked at when no file is configured. Without
 * `enforce` a tablet starts with a broken file too: with no ACL, which strict mode turns into "closed to everybody".
 */
export function startAcl(settings: AclStartSettings, content: AclFileContent): AclStart {
  const { file, enforce, exempt, fidelity } = settings;
  if (file === '') {
    const error = enforce ? MISSING_FLAG : null;
    const log = enforce ? [] : exemptLog(exempt, false);
    return { error, acl: null, reloads: !enforce, fileGiven: false, log, reading: null };
  }
  const { acl, error, log, reading } = load(file, content, fidelity);
  if (error !== null && enforce)
    return {
      error: `failed to initialize table acl: ${error}`,
      acl: null,
      reloads: false,
      fileGiven: true,
      log,
      reading,
    };
  return {
    error: null,
    acl,
    reloads: error === null,
    fileGiven: true,
    log: [...log, ...exemptLog(exempt, true)],
    reading,
  };
}

/** What vttablet does on SIGHUP or a tick: the ACL that holds from then on, and its log lines. */
export function reloadAcl(
  running: Pick<AclStart, 'acl' | 'reloads'>,
  settings: Pick<AclStartSettings, 'file' | 'fidelity'>,
  content: AclFileContent,
): {
  readonly acl: TableAcl | null;
  readonly reloaded: boolean;
  readonly log: readonly string[];
  readonly reading: AclFileReading | null;
} {
  if (!running.reloads) return { acl: running.acl, reloaded: false, log: [], reading: null };
  const success = `Successfully reloaded ACL file ${settings.file} in SIGHUP handler`;
  if (settings.file === '') return { acl: running.acl, reloaded: true, log: [success], reading: null };
  const { acl, error, log, reading } = load(settings.file, content, settings.fidelity);
  if (error === null) return { acl, reloaded: true, log: [...log, success], reading };
  const failure = `Error reloading ACL config file ${settings.file} in SIGHUP handler: ${error}`;
  return { acl: running.acl, reloaded: false, log: [...log, failure], reading };
}
