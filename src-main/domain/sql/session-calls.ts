import type { SessionCall } from './reading';

const answered = new Map<string, SessionCall['name']>(
  (
    [
      'user',
      'current_user',
      'session_user',
      'system_user',
      'database',
      'schema',
      'last_insert_id',
      'found_rows',
      'row_count',
      'version',
    ] as const
  ).map((name) => [name, name]),
);

/** The function of that lower-case name which vtgate answers from the session (vitess-behaviour §2.4), or null. */
export const sessionCallName = (lower: string): SessionCall['name'] | null => answered.get(lower) ?? null;
