import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('acl-files.json: files, groups for tables, starts and reloads', { timeout: 60_000 }, () =>
  expectReplayed('acl-files'),
);
