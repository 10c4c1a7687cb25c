import { it } from 'vitest';
import { expectReplayed } from './expect-replayed';

it('callers.json: every way in, as the tablet receives its caller', { timeout: 120_000 }, () =>
  expectReplayed('callers'),
);
