import { readFileSync } from 'node:fs';

/** Reads one recording of real Vitess. */
export const readRecording = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../recorded/${name}`, import.meta.url), 'utf8')) as T;

export interface RecordedCaller {
  readonly username: string;
  readonly groups: readonly string[];
}

/** A login of users-files.json: what was tried and how real vtgate answered. */
export interface RecordedLogin {
  readonly user: string;
  readonly password: string;
  readonly transport: 'tcp' | 'socket';
  readonly result: 'ok' | 'error' | 'closed';
  readonly selectUser?: string;
  readonly immediate?: RecordedCaller;
  readonly errno?: number;
  readonly sqlstate?: string;
  readonly message?: string;
}
