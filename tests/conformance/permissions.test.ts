import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('permissions.json: kinds of statements, plans and the questions they put', { timeout: 60_000 }, () =>
  expectReplayed('permissions'),
);
