import { parseUsersFile } from '../../domain/users';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError } from '../../domain/kernel';
import type { ServerTlsConfig } from '../tls/types';
import type { Gateway } from './gateway';

/** Where a running gateway finds its files again. What throws cannot be read, and what was in force stays. */
export interface ReloadSources {
  /** The users file; absent where the users came with the flags themselves: those are never read again. */
  readonly users?: { readonly file: string; readonly read: () => Uint8Array };
  readonly mysqlTls?: {
    readonly atStart: ServerTlsConfig;
    /** Everything that the listener was started with, as it is now. */
    readonly read: () => ServerTlsConfig;
    /** The list of revoked certificates alone; undefined: there is none. */
    readonly readCrl: () => string | undefined;
  };
  /** `--mysql-auth-static-reload-interval` in milliseconds; 0 or absent: never by itself. */
  readonly usersIntervalMs?: number;
}

/** What became of one reload. */
export interface ReloadReport {
  readonly users: 'taken' | 'kept' | 'none';
  readonly mysqlTls: 'taken' | 'kept' | 'none';
  /** Why something was kept. */
  readonly messages: readonly string[];
  /** A real vtgate would end here by a panic (vitess-behaviour §1.1); this gateway goes on with its old users. */
  readonly crash: boolean;
}

export interface Reloader {
  /** SIGHUP: each file for itself, as vtgate does; one that is at fault does not hold back the other. */
  hangUp(): ReloadReport;
  /** Ends reloading by time. */
  dispose(): void;
}

const reasonOf = (error: unknown): string =>
  error instanceof GatehouseError ? error.failure.summary : error instanceof Error ? error.message : String(error);

/**
 * Reloads a gateway's users and certificates as vtgate does it (vitess-behaviour §§1.1, 2.2): at SIGHUP, and the users by
 * time. In vitess mode certificate, key and authorities stay those of the start whatever their files hold, because vtgate
 * keeps them by path: only the CRL is read again, and open connections survive it (rule tls-files-read-once).
 */
export function createReloader(
  gateway: Gateway,
  fidelity: Fidelity,
  sources: ReloadSources,
  reloaded: (report: ReloadReport) => void = () => undefined,
): Reloader {
  const { users, mysqlTls, usersIntervalMs = 0 } = sources;

  const reloadUsers = (messages: string[]): Pick<ReloadReport, 'users' | 'crash'> => {
    if (users === undefined) return { users: 'none', crash: false };
    try {
      const reading = parseUsersFile(users.read(), { file: users.file, fidelity });
      const crash = reading.vitess.crash === true;
      if (reading.users === null) {
        messages.push(reading.vitess.message ?? `${users.file} cannot be taken over.`);
        return { users: 'kept', crash };
      }
      gateway.update({ mysqlAuth: { kind: 'static', users: reading.users, file: users.file } });
      return { users: 'taken', crash };
    } catch (error) {
      messages.push(reasonOf(error));
      return { users: 'kept', crash: false };
    }
  };

  const reloadTls = (messages: string[]): ReloadReport['mysqlTls'] => {
    if (mysqlTls === undefined) return 'none';
    try {
      if (fidelity.mode === 'vitess') gateway.update({ mysqlTls: withCrl(mysqlTls), keepOpenPeers: true });
      else gateway.update({ mysqlTls: mysqlTls.read() });
      return 'taken';
    } catch (error) {
      messages.push(reasonOf(error));
      return 'kept';
    }
  };

  const timer =
    usersIntervalMs > 0 && users !== undefined
      ? setInterval(() => {
          const messages: string[] = [];
          reloaded({ ...reloadUsers(messages), mysqlTls: 'none', messages });
        }, usersIntervalMs)
      : null;
  timer?.unref();

  return {
    hangUp() {
      const messages: string[] = [];
      const report = { ...reloadUsers(messages), mysqlTls: reloadTls(messages), messages };
      reloaded(report);
      return report;
    },
    dispose: () => {
      if (timer !== null) clearInterval(timer);
    },
  };
}

function withCrl({ atStart, readCrl }: NonNullable<ReloadSources['mysqlTls']>): ServerTlsConfig {
  const crl = readCrl();
  return crl === undefined ? atStart : { ...atStart, crl };
}
