import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('users-files.json: starts, logins and reloads of static users, over sockets', { timeout: 120_000 }, () =>
  expectReplayed('users-files'),
);
